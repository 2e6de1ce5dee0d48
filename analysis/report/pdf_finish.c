/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/pdf_finish.h"

#include "analysis/report/srgb_builtin.h"
#include "analysis/report/svg_finish.h"

#include <cairo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define OBJECTS_MAX 1000
#define ENTRY 20 /* bytes of a line in the table of objects */

/* cairo's file as it was found. */
struct found {
    const char *bytes;
    size_t n;
    long table, objects, root, info;
    size_t at[OBJECTS_MAX]; /* [0] is none */
};

/* The number behind `name` in the trailer; -1 = none. */
static long number_behind(const char *trailer, const char *name)
{
    const char *found = strstr(trailer, name);
    return found ? strtol(found + strlen(name), NULL, 10) : -1;
}

/* Streams hold NULs: what is searched as a string lies behind the table, where there are none. */
static int find_objects(struct found *pdf)
{
    const char *last = NULL, *trailer;
    for (size_t back = 0; back < 64 && back + 9 <= pdf->n && !last; back++)
        if (!memcmp(pdf->bytes + pdf->n - 9 - back, "startxref", 9))
            last = pdf->bytes + pdf->n - 9 - back;
    pdf->table = last ? strtol(last + 9, NULL, 10) : -1;
    if (pdf->table <= 0 || (size_t)pdf->table + 7 > pdf->n ||
        memcmp(pdf->bytes + pdf->table, "xref\n0 ", 7) ||
        !(trailer = strstr(pdf->bytes + pdf->table, "trailer")))
        return -1;
    pdf->objects = number_behind(trailer, "/Size");
    pdf->root = number_behind(trailer, "/Root");
    pdf->info = number_behind(trailer, "/Info");
    const char *line = strchr(pdf->bytes + pdf->table + 5, '\n'),
               *entry = line ? line + 1 : trailer;
    if (pdf->objects < 2 || pdf->objects > OBJECTS_MAX || pdf->root < 1 || pdf->info < 1 ||
        trailer - entry < pdf->objects * ENTRY)
        return -1;
    for (long i = 1; i < pdf->objects; i++) {
        pdf->at[i] = (size_t)strtol(entry + i * ENTRY, NULL, 10);
        if (entry[i * ENTRY + 17] != 'n' || pdf->at[i] >= (size_t)pdf->table)
            return -1;
    }
    return 0;
}

/* An object ends where the next one in the file begins. */
static size_t end_of(const struct found *pdf, long object)
{
    size_t end = (size_t)pdf->table;
    for (long i = 1; i < pdf->objects; i++)
        if (pdf->at[i] > pdf->at[object] && pdf->at[i] < end)
            end = pdf->at[i];
    return end;
}

/* --- Objects that change ---------------------------------------------------------------------- */

static void copy(struct text *out, const char *from, const char *to)
{
    text_append(out, from, (size_t)(to - from));
}

/* A dictionary with one more entry before its end. */
static void copy_with(struct text *out, const char *from, size_t n, const char *entry)
{
    const char *end = memmem(from, n, "\nendobj", 7);
    while (end && end > from && memcmp(end, ">>", 2))
        end--;
    if (!end || end == from) {
        out->failed = 1;
        return;
    }
    copy(out, from, end);
    text_add(out, entry);
    copy(out, end, from + n);
}

/* cairo's dates lack their beginning. */
static void copy_dated(struct text *out, const char *from, size_t n)
{
    const char *end = from + n, *date;
    while ((date = memmem(from, (size_t)(end - from), "Date (", 6))) {
        copy(out, from, date + 6);
        from = date + 6;
        if (memcmp(from, "D:", 2))
            text_add(out, "D:");
    }
    copy(out, from, end);
}

static int is_font_by_glyphs(const char *object, size_t n)
{
    const char *stream = memmem(object, n, "stream", 6);
    size_t head = stream ? (size_t)(stream - object) : n;
    return memmem(object, head, "/Subtype /CIDFontType2", 22) &&
           !memmem(object, head, "/CIDToGIDMap", 12);
}

static void copy_object(struct text *out, const struct found *pdf, long object)
{
    const char *from = pdf->bytes + pdf->at[object];
    const size_t n = end_of(pdf, object) - pdf->at[object];
    char entry[100];
    snprintf(entry, sizeof entry, "   /Metadata %ld 0 R\n   /OutputIntents [ %ld 0 R ]\n",
             pdf->objects, pdf->objects + 1);
    if (object == pdf->root)
        copy_with(out, from, n, entry);
    else if (object == pdf->info)
        copy_dated(out, from, n);
    else if (is_font_by_glyphs(from, n))
        copy_with(out, from, n, "   /CIDToGIDMap /Identity\n");
    else
        text_append(out, from, n);
}

/* --- Objects that are new: facts, output intent, profile ---------------------------------------
 */

static void add_element(struct text *out, const char *name, const char *value)
{
    text_addf(out, "<%s>", name);
    markup_escape(out, value);
    text_addf(out, "</%s>\n", name);
}

/* XMP, the same facts as in /Info. */
static void add_facts(struct text *out, const char *title, const char *date)
{
    char producer[80];
    snprintf(producer, sizeof producer, "cairo %s (https://cairographics.org)",
             cairo_version_string());
    text_add(out, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                  "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                  "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                  "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
                  "  xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
                  "  xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"\n"
                  "  xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\">\n");
    add_element(out, "pdfaid:part", "2");
    add_element(out, "pdfaid:conformance", "B");
    add_element(out, "dc:format", "application/pdf");
    text_add(out, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    markup_escape(out, title);
    text_add(out, "</rdf:li></rdf:Alt></dc:title>\n");
    add_element(out, "xmp:CreatorTool", "tenderfoot");
    add_element(out, "xmp:CreateDate", date);
    add_element(out, "xmp:ModifyDate", date);
    add_element(out, "pdf:Producer", producer);
    text_add(out, "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>\n");
}

static void add_stream(struct text *out, const char *entries, const void *bytes, size_t n)
{
    text_addf(out, "<< %s\n   /Length %zu\n>>\nstream\n", entries, n);
    text_append(out, bytes, n);
    text_add(out, "\nendstream\nendobj\n");
}

static void add_profile(struct text *out)
{
    const uLong n = (uLong)(srgb_builtin_end - srgb_builtin_icc);
    uLong packed = compressBound(n);
    unsigned char *bytes = malloc(packed);
    if (bytes && compress2(bytes, &packed, srgb_builtin_icc, n, Z_BEST_COMPRESSION) == Z_OK)
        add_stream(out, "/N 3\n   /Filter /FlateDecode", bytes, packed);
    else
        out->failed = 1;
    free(bytes);
}

static void add_new(struct text *out, long object, long first, const char *title, const char *date)
{
    struct text facts = {0};
    text_addf(out, "%ld 0 obj\n", object);
    if (object == first) {
        add_facts(&facts, title, date);
        add_stream(out, "/Type /Metadata\n   /Subtype /XML", facts.bytes, facts.n);
        out->failed |= facts.failed;
        text_free(&facts);
    } else if (object == first + 1)
        text_addf(out,
                  "<< /Type /OutputIntent\n   /S /GTS_PDFA1\n"
                  "   /OutputConditionIdentifier (sRGB)\n   /Info (sRGB)\n"
                  "   /RegistryName (http://www.color.org)\n"
                  "   /DestOutputProfile %ld 0 R\n>>\nendobj\n",
                  first + 2);
    else
        add_profile(out);
}

/* --- The file --------------------------------------------------------------------------------- */

#define NEW_OBJECTS 3

/* FNV-1a, 64 bits. */
static uint64_t hash(const struct text *bytes, uint64_t start)
{
    for (size_t i = 0; i < bytes->n; i++)
        start = (start ^ (unsigned char)bytes->bytes[i]) * UINT64_C(0x100000001b3);
    return start;
}

static void add_table(struct text *out, const struct found *pdf, const size_t *at, long objects)
{
    const size_t table = out->n;
    const uint64_t a = hash(out, UINT64_C(0xcbf29ce484222325)), b = hash(out, a);
    text_addf(out, "xref\n0 %ld\n0000000000 65535 f \n", objects);
    for (long i = 1; i < objects; i++)
        text_addf(out, "%010zu 00000 n \n", at[i]);
    text_addf(out, "trailer\n<< /Size %ld\n   /Root %ld 0 R\n   /Info %ld 0 R\n   /ID [ ", objects,
              pdf->root, pdf->info);
    for (int i = 0; i < 2; i++)
        text_addf(out, "<%016llx%016llx> ", (unsigned long long)a, (unsigned long long)b);
    text_addf(out, "]\n>>\nstartxref\n%zu\n%%%%EOF\n", table);
}

const char *pdf_date(const char *date)
{
    static const char like[] = "0000-00-00T00:00:00Z";
    size_t n = date ? strlen(date) : 0;
    for (size_t i = 0; i < n && n == sizeof like - 1; i++)
        if (like[i] == '0' ? date[i] < '0' || date[i] > '9' : date[i] != like[i])
            n = 0;
    return n == sizeof like - 1 ? date : PDF_NO_DATE;
}

int pdf_finish(struct text *pdf, const char *title, const char *date, struct problem *why)
{
    struct found found = {.bytes = text_string(pdf), .n = pdf->n};
    struct text out = {0};
    size_t at[OBJECTS_MAX + NEW_OBJECTS], head;
    if (find_objects(&found))
        return 0;
    head = (size_t)found.table;
    for (long i = 1; i < found.objects; i++)
        head = found.at[i] < head ? found.at[i] : head;
    text_append(&out, found.bytes, head);
    for (long i = 1; i < found.objects + NEW_OBJECTS; i++) {
        at[i] = out.n;
        if (i < found.objects)
            copy_object(&out, &found, i);
        else
            add_new(&out, i, found.objects, title, date);
    }
    if (!out.failed)
        add_table(&out, &found, at, found.objects + NEW_OBJECTS);
    if (out.failed) {
        text_free(&out);
        return problem_no_memory(why, "a PDF");
    }
    text_free(pdf);
    *pdf = out;
    return 0;
}
