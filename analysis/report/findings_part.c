/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of tender zones, in pieces that may come on different pages. Rows that three pages have
 * no room for are told shortly, so that every number on the picture can be looked up. */
#include "analysis/report/parts.h"
#include "analysis/report/sole_picture.h"
#include "analysis/report/words.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMN_NUMBER, COLUMN_PLACE, COLUMN_FOOT, COLUMN_THRESHOLD, COLUMN_COMPARED, COLUMNS };
static const double column_share[COLUMNS] = {0.035, 0.37, 0.06, 0.245, 0.29};
#define GAP_PT 6.0
#define BANNER_PAD_PT 3.0
#define BANNER_WORDS                                                                               \
    "ANSWERS UNRELIABLE: no zone is flagged, and no pressure below may be relied on"
#define ROW_GAP_PT 3.5

static const struct {
    enum flag_level level;
    const char *words;
} groups[] = {
    {FLAG_ATTENTION, findings_attention},
    {FLAG_BOTH_SIDES, "Sensitive on both sides: no flag"},
    {FLAG_WATCH, findings_watch},
};

static const char findings_title[] = "Tender zones (press test)";

static double column_x(double width, int column)
{
    double x = 0;
    for (int i = 0; i < column; i++)
        x += column_share[i] * width;
    return x;
}

static double column_w(double width, int column)
{
    return column_share[column] * width - (column == COLUMN_NUMBER ? 0 : GAP_PT);
}

static double row_height(struct report *report, double width, const struct finding *row)
{
    struct page *page = &report->page;
    double place_w = column_w(width, COLUMN_PLACE);
    double h = page_text_height(page, STYLE_BOLD, place_w, row->place) +
               page_text_height(page, STYLE_SMALL, place_w, row->small);
    h = fmax(h,
             page_text_height(page, STYLE_BODY, column_w(width, COLUMN_THRESHOLD), row->threshold));
    h = fmax(h,
             page_text_height(page, STYLE_SMALL, column_w(width, COLUMN_COMPARED), row->compared));
    return h + ROW_GAP_PT;
}

static const char *group_words(enum flag_level level)
{
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (groups[i].level == level)
            return groups[i].words;
    return "";
}

static double group_height(struct report *report, double width, enum flag_level level)
{
    return page_text_height(&report->page, STYLE_SMALL_BOLD, width, group_words(level)) + 2;
}

static double head_height(struct report *report)
{
    return page_line_height(&report->page, STYLE_SMALL) + 3;
}

static double note_height(struct report *report, double width)
{
    return page_text_height(&report->page, STYLE_SMALL, width, findings_note) + 2;
}

static double title_height(struct report *report)
{
    return page_line_height(&report->page, STYLE_HEADING) + 3;
}

/* Where answers cannot be relied on nothing else comes first. */
static double banner_height(struct report *report, double width)
{
    const struct result *result = report->result;

    if (!result->n_presses || !result->answers_unreliable)
        return 0;
    return page_text_height(&report->page, STYLE_BOLD, width - 2 * BANNER_PAD_PT, BANNER_WORDS) +
           2 * BANNER_PAD_PT + 4;
}

static double draw_banner(struct report *report, struct box box)
{
    struct page *page = &report->page;
    double h = banner_height(report, box.w);

    if (!(h > 0))
        return 0;
    page_ink(page, 0);
    cairo_rectangle(page->cr, box.x, box.y, box.w, h - 4);
    cairo_fill(page->cr);
    page_ink(page, 1);
    page_text(page, STYLE_BOLD,
              (struct box){box.x + BANNER_PAD_PT, box.y + BANNER_PAD_PT, box.w - 2 * BANNER_PAD_PT,
                           h - 4 - BANNER_PAD_PT},
              ALIGN_CENTRE, BANNER_WORDS);
    page_ink(page, 0);
    return h;
}

/* "And 12 more: 14 P09 left 180 kPa, ..." for rows from `first`. */
static char *rest_text(const struct findings *findings, int first)
{
    struct text text = {0};
    int n = findings->n_rows - first;
    text_addf(&text,
              words_plural("and %d more zone, in full in the text report: ",
                           "and %d more zones, in full in the text report: ", (unsigned long)n),
              n);
    for (int i = first; i < findings->n_rows; i++) {
        const struct finding *row = &findings->rows[i];
        text_addf(&text, "%sno. %d ", i > first ? ", " : "", row->number);
        for (int side = 0, told = 0; side < 3; side++) {
            const struct zone_result *zone = row->zone[side];
            if (!zone)
                continue;
            text_add(&text, told ? " and " : zone->zone->id);
            text_addf(&text, "%s%s", told ? "" : " ", side_words((enum side)side));
            told = 1;
            if (isfinite(zone->threshold_kpa))
                text_addf(&text, zone_threshold_is_bound(zone) ? " above %.0f kPa" : " %.0f kPa",
                          zone->threshold_kpa);
        }
    }
    return text_take(&text);
}

static double draw_head(struct report *report, struct box box)
{
    static const char *const heads[COLUMNS] = {"No.", "Zone, and what the articles say", "Foot",
                                               "Threshold (95 % interval)", "Compared with"};
    for (int i = 0; i < COLUMNS; i++)
        page_text(&report->page, STYLE_SMALL,
                  (struct box){box.x + column_x(box.w, i), box.y, column_w(box.w, i), 0},
                  ALIGN_LEFT, heads[i]);
    double h = head_height(report);
    page_rule(&report->page, box.x, box.x + box.w, box.y + h - 2, 0.5, 0.3);
    page_text(&report->page, STYLE_SMALL, (struct box){box.x, box.y + h, box.w, 0}, ALIGN_LEFT,
              findings_note);
    return h + note_height(report, box.w);
}

static double draw_row(struct report *report, struct box box, const struct finding *row)
{
    struct page *page = &report->page;
    double h = row_height(report, box.w, row);
    double x[COLUMNS], w[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        x[i] = box.x + column_x(box.w, i);
        w[i] = column_w(box.w, i);
    }
    double y = box.y;
    sole_draw_badge(page, row->level, x[COLUMN_NUMBER] + 6, y + 6, row->number);
    y += page_text(page, STYLE_BOLD, (struct box){x[COLUMN_PLACE], y, w[COLUMN_PLACE], h},
                   ALIGN_LEFT, row->place);
    page_text(page, STYLE_SMALL, (struct box){x[COLUMN_PLACE], y, w[COLUMN_PLACE], h}, ALIGN_LEFT,
              row->small);
    page_text(page, STYLE_BODY, (struct box){x[COLUMN_FOOT], box.y, w[COLUMN_FOOT] + 3, h},
              ALIGN_LEFT, row->foot);
    page_text(page, STYLE_BODY, (struct box){x[COLUMN_THRESHOLD], box.y, w[COLUMN_THRESHOLD], h},
              ALIGN_LEFT, row->threshold);
    page_text(page, STYLE_SMALL, (struct box){x[COLUMN_COMPARED], box.y, w[COLUMN_COMPARED], h},
              ALIGN_LEFT, row->compared);
    page_rule(page, box.x, box.x + box.w, box.y + h - ROW_GAP_PT / 2, 0.25, 0.75);
    return h;
}

static double draw_group(struct report *report, struct box box, enum flag_level level)
{
    double h = group_height(report, box.w, level);

    page_text(&report->page, STYLE_SMALL_BOLD, (struct box){box.x, box.y, box.w, h}, ALIGN_LEFT,
              group_words(level));
    return h;
}

double part_findings_head_height(struct report *report, double width)
{
    double h = banner_height(report, width) + title_height(report);

    if (report->findings.n_rows)
        return h + head_height(report) + note_height(report, width);
    return h + page_text_height(&report->page, STYLE_BODY, width,
                                facts_nothing_flagged(report->result));
}

void part_findings_head(struct report *report, struct box box)
{
    double y = box.y + draw_banner(report, box);

    page_text(&report->page, STYLE_HEADING, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
              findings_title);
    y += title_height(report);
    if (report->findings.n_rows)
        draw_head(report, (struct box){box.x, y, box.w, 0});
    else
        page_text(&report->page, STYLE_BODY, (struct box){box.x, y, box.w, box.y + box.h - y},
                  ALIGN_LEFT, facts_nothing_flagged(report->result));
}

double part_findings_more_height(struct report *report, double width)
{
    return title_height(report) + head_height(report) + note_height(report, width);
}

void part_findings_more(struct report *report, struct box box)
{
    page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
              "Tender zones (press test), continued");
    draw_head(report, (struct box){box.x, box.y + title_height(report), box.w, 0});
}

static int begins_group(const struct report *report, int row)
{
    const struct finding *rows = report->findings.rows;

    return !row || rows[row].level != rows[row - 1].level;
}

double part_findings_row_height(struct report *report, double width, int row)
{
    const struct finding *of = &report->findings.rows[row];

    return row_height(report, width, of) +
           (begins_group(report, row) ? group_height(report, width, of->level) : 0);
}

void part_findings_row(struct report *report, struct box box, int row)
{
    const struct finding *of = &report->findings.rows[row];

    if (begins_group(report, row))
        box.y += draw_group(report, box, of->level);
    draw_row(report, box, of);
}

double part_findings_rest_height(struct report *report, double width, int first)
{
    char *rest = rest_text(&report->findings, first);
    double h = rest ? page_text_height(&report->page, STYLE_SMALL, width, rest) + 2 : 0;

    report->failed |= !rest;
    free(rest);
    return h;
}

void part_findings_rest(struct report *report, struct box box, int first)
{
    char *rest = rest_text(&report->findings, first);

    report->rows_cut = report->findings.n_rows - first;
    report->failed |= !rest;
    if (rest)
        page_text(&report->page, STYLE_SMALL, box, ALIGN_LEFT, rest);
    free(rest);
}
