/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/svg_finish.h"

#include "analysis/report/words.h"

#include <stdlib.h>
#include <string.h>

#define SURFACE "surface"
#define SURFACES_MAX 64

/* The numbers that cairo gave, in the order in which they appear. */
struct surfaces {
    long seen[SURFACES_MAX];
    int n;
};

static int number_of(struct surfaces *surfaces, long seen)
{
    for (int i = 0; i < surfaces->n; i++)
        if (surfaces->seen[i] == seen)
            return i + 1;
    if (surfaces->n < SURFACES_MAX)
        surfaces->seen[surfaces->n++] = seen;
    return surfaces->n;
}

void markup_escape(struct text *out, const char *plain)
{
    for (; *plain; plain++) {
        if (*plain == '<')
            text_add(out, "&lt;");
        else if (*plain == '>')
            text_add(out, "&gt;");
        else if (*plain == '&')
            text_add(out, "&amp;");
        else
            text_append(out, plain, 1);
    }
}

/* Only the first page carries the words of them all. */
static void add_description(struct text *out, const char *title, const char *words)
{
    text_add(out, "\n<title>");
    markup_escape(out, title);
    text_add(out, "</title>\n");
    if (!*words)
        return;
    text_add(out, "<desc>");
    markup_escape(out, words);
    text_add(out, "</desc>");
}

/* Copies the file: the description after the <svg> tag, surfaces numbered anew. */
static void copy_svg(struct text *out, const char *svg, const char *title, const char *words)
{
    struct surfaces surfaces = {.n = 0};
    const char *tag = strstr(svg, "<svg");
    const char *head_end = tag ? strchr(tag, '>') : NULL;
    for (const char *s = svg; *s;) {
        size_t skip = strlen(SURFACE);
        char *end = NULL;
        if (!strncmp(s, SURFACE, skip) && s[skip] >= '0' && s[skip] <= '9') {
            long seen = strtol(s + skip, &end, 10);
            text_addf(out, SURFACE "%d", number_of(&surfaces, seen));
            s = end;
            continue;
        }
        text_append(out, s, 1);
        if (s == head_end)
            add_description(out, title, words);
        s++;
    }
}

int svg_describe(struct text *svg, const char *title, const char *words, struct problem *why)
{
    struct text out = {0};
    copy_svg(&out, text_string(svg), title, words);
    if (out.failed) {
        text_free(&out);
        return problem_no_memory(why, "the SVG");
    }
    text_free(svg);
    *svg = out;
    return 0;
}

int svg_finish(struct text *svg, const struct result *result, const struct report_options *options,
               struct problem *why)
{
    struct text words = {0};
    if (result && report_text(result, options, &words, why))
        return -1;
    int bad =
        svg_describe(svg, words_tr("Load and tenderness of the feet"), text_string(&words), why);
    text_free(&words);
    return bad;
}
