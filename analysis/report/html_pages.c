/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/html_pages.h"

#include "analysis/report/svg_finish.h"
#include "analysis/report/words.h"

#include <string.h>

static const char head[] = "<!DOCTYPE html>\n<html lang=\"";
static const char head_title[] =
    "\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:\">\n"
    "<title>";
static const char head_style[] =
    "</title>\n<style>\n"
    "body { margin: 0 auto; max-width: 60rem; background: #eee; color: #000; }\n"
    "figure { margin: 1rem; background: #fff; border: 1px solid #888; }\n"
    "svg { display: block; width: 100%; height: auto; }\n"
    "section, header { margin: 1rem; padding: 0.2rem 1rem; background: #fff; }\n"
    "pre { white-space: pre-wrap; font-size: 1rem; }\n"
    "@media print { body { background: none; max-width: none; } figure { margin: 0; border: 0; "
    "break-after: page; } }\n"
    "</style>\n</head>\n<body>\n<main>\n";

static const char figure[] = "<figure role=\"img\" aria-label=\"";
static const char figure_end[] = "\">\n";
static const char tail[] = "</main>\n</body>\n</html>\n";

/* One block of the text report: its first line is the heading; the whole report's has level 1. */
static void add_block(struct text *out, const char *block, size_t n, int level)
{
    size_t line = strcspn(block, "\n");
    const char *tag = level == 1 ? "header" : "section";
    struct text heading = {0}, rest = {0};

    line = line < n ? line : n;
    text_append(&heading, block, line);
    text_append(&rest, block + line, n - line);
    text_addf(out, "<%s>\n<h%d>", tag, level);
    markup_escape(out, text_string(&heading));
    text_addf(out, "</h%d>\n<pre>", level);
    markup_escape(out, text_string(&rest) + strspn(text_string(&rest), "\n"));
    text_addf(out, "</pre>\n</%s>\n", tag);
    out->failed |= heading.failed | rest.failed;
    text_free(&heading);
    text_free(&rest);
}

/* Blocks of the text report are parted by an empty line. */
static void add_words(struct text *out, const char *words)
{
    for (int level = 1; *words; level = 2) {
        const char *end = strstr(words, "\n\n");
        size_t n = end ? (size_t)(end - words) : strlen(words);
        add_block(out, words, n, level);
        words += n;
        words += strspn(words, "\n");
    }
}

static void add_head(struct text *out)
{
    text_append(out, head, sizeof head - 1);
    text_add(out, words_code(words_used()));
    text_append(out, head_title, sizeof head_title - 1);
    text_add(out, "Load and tenderness of the feet");
    text_append(out, head_style, sizeof head_style - 1);
}

/* Where cairo names a part of the drawing, or refers to one. */
static const char *const marks[] = {"id=\"", "href=\"#", "url(#"};

/* Length of the mark that begins at `s`, 0 for none. */
static size_t mark_at(const char *s)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (!strncmp(s, marks[i], strlen(marks[i])))
            return strlen(marks[i]);
    return 0;
}

/* The drawing without its XML head; its names get the page's number, so that pages do not share
 * them. */
static void add_drawing(struct text *out, const char *svg, int page)
{
    const char *s = strstr(svg, "<svg");

    while (s && *s) {
        size_t mark = mark_at(s);
        text_append(out, s, mark ? mark : 1);
        if (mark)
            text_addf(out, "p%d-", page);
        s += mark ? mark : 1;
    }
}

int html_of_pages(struct text *out, const struct report_pages *pages, const char *words,
                  struct problem *why)
{
    *out = (struct text){0};
    add_head(out);
    for (int i = 0; i < pages->n; i++) {
        text_append(out, figure, sizeof figure - 1);
        text_addf(out, "page %d of %d, in words below", i + 1, pages->n);
        text_append(out, figure_end, sizeof figure_end - 1);
        add_drawing(out, text_string(&pages->of[i]), i + 1);
        text_add(out, "</figure>\n");
    }
    add_words(out, words);
    text_append(out, tail, sizeof tail - 1);
    if (!out->failed)
        return 0;
    text_free(out);
    return problem_no_memory(why, "the HTML");
}
