/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of tender zones. Rows that the page has no room for are told shortly, so that every
 * number on the picture can be looked up. */
#include "analysis/report/parts.h"
#include "analysis/report/sole_picture.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMN_NUMBER, COLUMN_PLACE, COLUMN_FOOT, COLUMN_THRESHOLD, COLUMN_COMPARED, COLUMNS };
static const double column_share[COLUMNS] = {0.035, 0.37, 0.06, 0.245, 0.29};
#define GAP_PT 6.0
#define ROW_GAP_PT 3.5

static const struct {
    enum flag_level level;
    const char *words;
} groups[] = {
    {FLAG_ATTENTION,
     "For attention: tender, and at lower pressure than the places it was compared with"},
    {FLAG_BOTH_SIDES, "Sensitive on both sides: no flag"},
    {FLAG_WATCH, "Watch: not certain, worth repeating"},
};

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
               page_text_height(page, STYLE_SMALL, place_w, row->tradition);
    h = fmax(h,
             page_text_height(page, STYLE_BODY, column_w(width, COLUMN_THRESHOLD), row->threshold));
    h = fmax(h,
             page_text_height(page, STYLE_SMALL, column_w(width, COLUMN_COMPARED), row->compared));
    return h + ROW_GAP_PT;
}

static double group_height(struct report *report)
{
    return page_line_height(&report->page, STYLE_SMALL_BOLD) + 2;
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

/* Height of rows [0, n) with title, head and group lines. */
static double rows_height(struct report *report, double width, int n)
{
    double h = title_height(report) + (n ? head_height(report) + note_height(report, width) : 0);
    for (int i = 0; i < n; i++) {
        const struct finding *row = &report->findings.rows[i];
        if (!i || row->level != row[-1].level)
            h += group_height(report);
        h += row_height(report, width, row);
    }
    return h;
}

double part_findings_height(struct report *report, double width)
{
    double h = rows_height(report, width, report->findings.n_rows);
    if (!report->findings.n_rows)
        h += page_text_height(&report->page, STYLE_BODY, width,
                              facts_nothing_flagged(report->result));
    return h;
}

/* "And 12 more: 14 P09 left 180 kPa, ..." for rows from `first`. */
static char *rest_text(const struct findings *findings, int first)
{
    struct text text = {0};
    int n = findings->n_rows - first;
    text_addf(&text, "and %d more zone%s, in full in the text report: ", n, n == 1 ? "" : "s");
    for (int i = first; i < findings->n_rows; i++) {
        const struct finding *row = &findings->rows[i];
        text_addf(&text, "%sno. %d ", i > first ? ", " : "", row->number);
        for (int side = 0, told = 0; side < 3; side++) {
            const struct zone_result *zone = row->zone[side];
            if (!zone)
                continue;
            text_addf(&text, "%s %s", told ? " and" : zone->zone->id, side_words((enum side)side));
            told = 1;
            if (isfinite(zone->threshold_kpa))
                text_addf(&text, " %.0f kPa", zone->threshold_kpa);
        }
    }
    return text_take(&text);
}

/* How many rows can be told in full when the others still get their short line. */
static int rows_that_fit(struct report *report, struct box box)
{
    int n = report->findings.n_rows;
    while (n > 0 && rows_height(report, box.w, n) > box.h)
        n--;
    for (; n > 0 && n < report->findings.n_rows; n--) {
        char *rest = rest_text(&report->findings, n);
        double h = rest ? page_text_height(&report->page, STYLE_SMALL, box.w, rest) : 0;
        free(rest);
        if (rows_height(report, box.w, n) + h <= box.h)
            break;
    }
    return n;
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
              row->tradition);
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
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (groups[i].level == level)
            page_text(&report->page, STYLE_SMALL_BOLD, (struct box){box.x, box.y, box.w, 0},
                      ALIGN_LEFT, groups[i].words);
    return group_height(report);
}

static void draw_rest(struct report *report, struct box box, int first)
{
    report->rows_cut = report->findings.n_rows - first;
    char *rest = rest_text(&report->findings, first);
    char *fitting = rest ? fit_list(&report->page, STYLE_SMALL, box, ",", rest) : NULL;
    report->failed |= !fitting;
    if (fitting)
        page_text(&report->page, STYLE_SMALL, box, ALIGN_LEFT, fitting);
    free(fitting);
    free(rest);
}

void part_findings(struct report *report, struct box box)
{
    double y = box.y;
    page_text(&report->page, STYLE_HEADING, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
              "Tender zones (press test)");
    y += title_height(report);
    if (!report->findings.n_rows) {
        page_text(&report->page, STYLE_BODY, (struct box){box.x, y, box.w, box.y + box.h - y},
                  ALIGN_LEFT, facts_nothing_flagged(report->result));
        return;
    }
    int n = rows_that_fit(report, box);
    if (n)
        y += draw_head(report, (struct box){box.x, y, box.w, 0});
    for (int i = 0; i < n; i++) {
        const struct finding *row = &report->findings.rows[i];
        if (!i || row->level != row[-1].level)
            y += draw_group(report, (struct box){box.x, y, box.w, 0}, row->level);
        y += draw_row(report, (struct box){box.x, y, box.w, 0}, row);
    }
    if (n < report->findings.n_rows)
        draw_rest(report, (struct box){box.x, y, box.w, box.y + box.h - y}, n);
}
