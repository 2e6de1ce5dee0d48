/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GDT 2.1, the exchange file of German practice systems: record 6310, "data of an examination".
 *
 * A line is its own length in three digits (with them, the field number and CR LF), a field number
 * of four digits, and the content, in ISO 8859-1 (9206: 3). A character beyond it becomes '?', a
 * line holds 60 characters of text. Fields used are listed in analysis/export/README.md. */
#include "analysis/export/document.h"
#include "analysis/export/measures.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define IDENT_MAX 20 /* of field 8410 */
#define AROUND 9     /* of a line: length, field, CR LF */
#define LINE_TEXT_MAX 60
#define NUMBER_MAX 10 /* of field 3000 */
#define TOTAL_AT 13   /* of record and its length: behind "01380006310 CR LF" */
#define TOTAL_DIGITS 5

/* UTF-8 to ISO 8859-1; control characters become spaces. */
static void add_latin(struct text *to, const char *utf8, size_t n)
{
    const char *end = utf8 + n;
    for (const char *at = utf8; at < end;) {
        gunichar c = g_utf8_get_char_validated(at, end - at);
        int is_character = c != (gunichar)-1 && c != (gunichar)-2;
        char byte = !is_character || c > 0xff             ? '?'
                    : c < 0x20 || (c >= 0x7f && c < 0xa0) ? ' '
                                                          : (char)c;
        text_append(to, &byte, 1);
        at = is_character ? g_utf8_next_char(at) : at + 1;
    }
}

static void add_bytes(struct text *out, const char *field, const char *bytes, size_t n)
{
    text_addf(out, "%03zu%s", n + AROUND, field);
    text_append(out, bytes, n);
    text_add(out, "\r\n");
}

/* One field, cut at `most` characters; nothing for an empty one. */
static void add_field(struct text *out, const char *field, const char *utf8, size_t most)
{
    struct text latin = {0};
    if (utf8)
        add_latin(&latin, utf8, strlen(utf8));
    out->failed |= latin.failed;
    if (latin.n)
        add_bytes(out, field, latin.bytes, latin.n < most ? latin.n : most);
    text_free(&latin);
}

/* A long text as lines of one field, broken at spaces where there is one. */
static void add_lines(struct text *out, const char *field, const char *utf8)
{
    struct text latin = {0};
    add_latin(&latin, utf8, strlen(utf8));
    out->failed |= latin.failed;
    for (size_t at = 0; at < latin.n;) {
        size_t n = latin.n - at;
        if (n > LINE_TEXT_MAX)
            for (n = LINE_TEXT_MAX; n > LINE_TEXT_MAX / 2 && latin.bytes[at + n] != ' ';)
                n--;
        add_bytes(out, field, latin.bytes + at, n);
        at += n;
        at += at < latin.n && latin.bytes[at] == ' ';
    }
    text_free(&latin);
}

/* Each line of the summary by itself. */
static void add_summary(struct text *out, const struct result *result)
{
    struct text summary = {0};
    document_summary(&summary, result);
    out->failed |= summary.failed;
    char *at = summary.bytes, *end;
    for (; at && (end = strchr(at, '\n')); at = end + 1) {
        *end = 0;
        add_lines(out, "6220", at);
    }
    text_free(&summary);
}

/* "1970-03-31" as "31031970"; nothing when it is no date. */
static void add_date(struct text *out, const char *field, const char *date)
{
    int year, month, day;
    char turned[32];
    if (!date || !document_date(date, &year, &month, &day))
        return;
    snprintf(turned, sizeof turned, "%02d%02d%04d", day, month, year);
    add_field(out, field, turned, 8);
}

static void add_started(struct text *out, const char *started)
{
    char date[11], time[7];
    if (!started || strlen(started) < 19)
        return;
    snprintf(date, sizeof date, "%.10s", started);
    add_date(out, "6200", date);
    snprintf(time, sizeof time, "%.2s%.2s%.2s", started + 11, started + 14, started + 17);
    if (strspn(time, "0123456789") != 6)
        return;
    add_field(out, "6201", time, 6);
    add_field(out, "6227", "Time of the recording in UTC", LINE_TEXT_MAX);
}

/* FNV-1a, 32 bits: the same on each machine. */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u;
    while (*text)
        hash = (hash ^ (unsigned char)*text++) * 16777619u;
    return hash;
}

/* A name that the field has no room for: its beginning, and six digits that tell it from all that
 * begin alike. */
static void add_ident(struct text *out, const char *name)
{
    char ident[IDENT_MAX + 1];
    if (strlen(name) <= IDENT_MAX)
        snprintf(ident, sizeof ident, "%.20s", name);
    else
        snprintf(ident, sizeof ident, "%.13s-%06x", name, (unsigned)(hash_of(name) & 0xffffff));
    add_field(out, "8410", ident, IDENT_MAX);
}

static void add_measure(struct text *out, const struct measure *m)
{
    char name[64], value[64], note[400];
    if (!isfinite(m->value))
        return; /* not tested stands in the summary; a missing number has no field here */
    snprintf(name, sizeof name, "%.40s%s%.10s%s", m->id, m->zone[0] ? "-" : "", m->zone,
             m->side == SIDE_LEFT    ? "-L"
             : m->side == SIDE_RIGHT ? "-R"
                                     : "");
    snprintf(value, sizeof value, "%.*f", m->decimals, m->value);
    add_ident(out, name);
    add_field(out, "8411", m->words, 60);
    add_field(out, "8420", value, 60);
    add_field(out, "8421", m->unit, 20);
    if (strlen(name) > IDENT_MAX)
        add_field(out, "8470", name, LINE_TEXT_MAX); /* whole */
    if (m->is_at_least)
        add_lines(out, "8470", "no pain up to this pressure: the threshold is not below it");
    if (isfinite(m->low) && isfinite(m->high)) {
        snprintf(note, sizeof note, "95 %% interval %.*f to %.*f %s", m->decimals, m->low,
                 m->decimals, m->high, m->unit);
        add_lines(out, "8470", note);
    }
    if (m->flag != FLAG_NONE)
        add_lines(out, "8470", flag_level_name(m->flag));
}

/* A cut number is another person's. One that the practice states goes whole, even beyond the
 * field's ten characters: it is the practice's own. A recording's label goes when it fits; an id of
 * the store does not, and says nothing to a practice. */
static void add_person_number(struct text *out, const struct document *document)
{
    const char *number = document_number(document);
    if (document->person.number || strlen(number) <= NUMBER_MAX)
        add_field(out, "3000", number, LINE_TEXT_MAX);
}

static void add_head(struct text *out, const struct document *document)
{
    const struct result *result = document->result;
    const char *sex = document_sex(document);
    add_field(out, "8000", "6310", 4);
    add_field(out, "8100", "00000", TOTAL_DIGITS); /* the whole record's bytes: put in at the end */
    add_field(out, "8315", document->gdt_receiver, 8);
    add_field(out, "8316", document->gdt_sender ? document->gdt_sender : "TENDFOOT", 8);
    add_field(out, "9206", "3", 1);
    add_field(out, "9218", "02.10", 5);
    add_person_number(out, document);
    add_field(out, "3101", document->person.family_name, 28);
    add_field(out, "3102", document->person.given_name, 28);
    add_date(out, "3103", document->person.born);
    add_field(out, "3110", !strcmp(sex, "female") ? "2" : !strcmp(sex, "male") ? "1" : NULL, 1);
    /* General diagnostics, as no code of its own exists, unless another was asked for. */
    add_field(out, "8402", document->gdt_test_id ? document->gdt_test_id : "ALLG00", 6);
    add_started(out, result->facts.started_utc);
}

int export_gdt(const struct document *document, struct text *out, struct problem *why)
{
    struct measures measures;
    char total[TOTAL_DIGITS + 1];
    const char *number = document->person.number;
    int year, month, day;
    *out = (struct text){0};
    if (number && strlen(number) > LINE_TEXT_MAX)
        return problem(why, PROBLEM_USAGE,
                       "the person's number has more than %d characters; GDT has no room for it, "
                       "and it is not cut",
                       LINE_TEXT_MAX);
    if (document->person.born && !document_date(document->person.born, &year, &month, &day))
        return problem(why, PROBLEM_USAGE, "%s is no date of birth: 1970-03-31 is meant",
                       document->person.born);
    if (measures_make(document->result, &measures, why))
        return -1;
    add_head(out, document);
    add_summary(out, document->result);
    for (int i = 0; i < measures.n; i++)
        add_measure(out, &measures.of[i]);
    measures_free(&measures);
    if (out->failed) {
        text_free(out);
        return problem_no_memory(why, "the GDT record");
    }
    snprintf(total, sizeof total, "%05zu", out->n % 100000);
    memcpy(out->bytes + TOTAL_AT + 7, total, TOTAL_DIGITS);
    return 0;
}
