/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lower part: zones without a result at the left, recording quality at the right, the
 * press test below the shorter of them; below them
 * the disclaimer. */
#include "analysis/report/parts.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_GAP_PT 16.0
#define LABEL_SHARE 0.29
#define LINE_GAP_PT 1.6
#define PART_GAP_PT 4.0
#define LINES_MOST 14 /* of one list or fact */

static int items_in(const char *text, const char *separators)
{
    int n = 1;
    for (const char *s = text; *s; s++)
        n += strchr(separators, *s) != NULL;
    return n;
}

/* The first `length` bytes of the text, and how many items are left out. */
static char *cut_list(const char *text, size_t length, const char *separators)
{
    struct text cut = {0};
    text_append(&cut, text, length);
    text_addf(&cut, " and %d more, see the text report", items_in(text + length, separators) - 1);
    return text_take(&cut);
}

char *fit_list(struct page *page, enum page_style style, struct box box, const char *separators,
               const char *text)
{
    const double slack = 0.1;
    if (page_text_height(page, style, box.w, text) <= box.h + slack)
        return strdup(text);
    for (size_t length = strlen(text); length-- > 0;) {
        if (!strchr(separators, text[length]))
            continue;
        char *cut = cut_list(text, length, separators);
        if (!cut || page_text_height(page, style, box.w, cut) <= box.h + slack)
            return cut;
        free(cut);
    }
    return strdup("see the text report");
}

/* One "label  text" line; draws only when `draw`. Returns its height. */
static double note_line(struct report *report, struct box box, const char *separators,
                        const struct finding_list *note, int draw)
{
    struct page *page = &report->page;
    double label_w = LABEL_SHARE * box.w;
    double text_w = box.w - label_w - 4;
    double line = page_line_height(page, STYLE_SMALL);
    struct box text_box = {box.x + label_w + 4, box.y, text_w, LINES_MOST * line + 0.5};
    char *fitting = fit_list(page, STYLE_SMALL, text_box, separators, note->text);
    if (!fitting) {
        report->failed = 1;
        return 0;
    }
    double label_h = page_text_height(page, STYLE_SMALL_BOLD, label_w, note->label);
    double text_h = page_text_height(page, STYLE_SMALL, text_w, fitting);
    if (draw) {
        page_text(page, STYLE_SMALL_BOLD, (struct box){box.x, box.y, label_w, label_h}, ALIGN_LEFT,
                  note->label);
        page_text(page, STYLE_SMALL, text_box, ALIGN_LEFT, fitting);
    }
    free(fitting);
    return fmax(label_h, text_h) + LINE_GAP_PT;
}

static double column_title(struct report *report, struct box box, const char *title, int draw)
{
    if (draw)
        page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
                  title);
    return page_line_height(&report->page, STYLE_HEADING) + 3;
}

static double zone_lists(struct report *report, struct box box, int draw)
{
    double y =
        box.y + column_title(report, box, "Zones without a flag, and what was not tested", draw);
    const struct findings *findings = &report->findings;
    for (int i = 0; i < findings->n_lists; i++)
        y += note_line(report, (struct box){box.x, y, box.w, 0}, ",;", &findings->lists[i], draw);
    double line = page_line_height(&report->page, STYLE_SMALL);
    if (findings->n_lists && draw)
        page_text(&report->page, STYLE_SMALL, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                  findings_names_note);
    y += findings->n_lists ? line : 0;
    if (!findings->n_lists && draw)
        y += page_text(&report->page, STYLE_SMALL, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                       "No foot was found, so no zone could be placed.");
    return y - box.y;
}

static double facts(struct report *report, struct box box, const char *title,
                    const struct fact_line *lines, int draw)
{
    double y = box.y + column_title(report, box, title, draw);
    for (const struct fact_line *line = lines; line->label; line++) {
        if (!fact_line_is_shown(line, report->result))
            continue;
        struct text value = {0};
        line->add(&value, report->result, report->options);
        char *words = text_take(&value);
        struct finding_list note = {line->label, words ? words : ""};
        report->failed |= !words;
        y += note_line(report, (struct box){box.x, y, box.w, 0}, ";", &note, draw);
        free(words);
    }
    return y - box.y;
}

/* The lines of the press test stand below the shorter column. */
static double notes(struct report *report, struct box box, int draw)
{
    double w = (box.w - COLUMN_GAP_PT) / 2;
    struct box column[2] = {{box.x, box.y, w, box.h}, {box.x + w + COLUMN_GAP_PT, box.y, w, box.h}};
    double h[2] = {zone_lists(report, column[0], draw),
                   facts(report, column[1], "Recording", fact_lines, draw)};
    int shorter = h[1] < h[0];

    column[shorter].y += h[shorter] + PART_GAP_PT;
    h[shorter] +=
        PART_GAP_PT + facts(report, column[shorter], "How it was pressed", press_lines, draw);
    return fmax(h[0], h[1]);
}

double part_notes_height(struct report *report, double width)
{
    return notes(report, (struct box){0, 0, width, 0}, 0);
}

void part_notes(struct report *report, struct box box)
{
    notes(report, box, 1);
}

#define DISCLAIMER_PAD_PT 5.0

double part_disclaimer_height(struct report *report, double width)
{
    return page_text_height(&report->page, STYLE_SMALL, width - 2 * DISCLAIMER_PAD_PT,
                            wording_disclaimer) +
           page_line_height(&report->page, STYLE_SMALL_BOLD) + 2 * DISCLAIMER_PAD_PT;
}

void part_disclaimer(struct report *report, struct box box)
{
    struct page *page = &report->page;
    page_ink(page, 0.25);
    cairo_set_line_width(page->cr, 0.7);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_stroke(page->cr);
    page_ink(page, 0);
    struct box inner = {box.x + DISCLAIMER_PAD_PT, box.y + DISCLAIMER_PAD_PT,
                        box.w - 2 * DISCLAIMER_PAD_PT, 0};
    inner.y += page_text(page, STYLE_SMALL_BOLD, inner, ALIGN_LEFT, "Not a medical device.");
    inner.h = box.y + box.h - inner.y;
    page_text(page, STYLE_SMALL, inner, ALIGN_LEFT, wording_disclaimer);
}
