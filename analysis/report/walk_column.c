/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A walk on the page: the column beside the picture of one step of each foot, and the averages of
 * all whole steps under it. */
#include "analysis/report/parts.h"
#include "analysis/report/walk_lines.h"

#include <math.h>
#include <stdio.h>

#define COLUMN_GAP_PT 16.0
#define ROW_GAP_PT 1.2

/* Quantities by walk_quantities' index, in words short enough for half a page. */
static const struct {
    int quantity;
    const char *words;
} rows[] = {
    {0, "stance time, s"},      {1, "step time, s"},
    {3, "both feet down, s"},   {4, "step length, mm"},
    {5, "stride length, mm"},   {6, "step width, mm"},
    {7, "foot progression, °"}, {8, "largest force, N"},
    {13, "loading rate, N/s"},  {14, "impulse, N s"},
    {15, "peak pressure, kPa"}, {17, "contact area, cm²"},
    {20, "COP velocity, mm/s"}, {23, "CPEI, %"},
};
#define QUANTITIES ((int)(sizeof rows / sizeof rows[0]))
#define ROWS (QUANTITIES + 1) /* and the arch index */
#define ROWS_OF_COLUMN ((ROWS + 1) / 2)

static const char averages_note[] =
    "Mean ± SD over whole steps, in brackets how many have the number. COP: centre of pressure. "
    "CPEI: centre of pressure excursion index, the bow of its way in percent of the forefoot's "
    "width. Foot progression: outward from the direction of walking.";

/* --- Averages --------------------------------------------------------------------------------- */

static void table_line(struct report *report, enum page_style style, struct box box,
                       const char *words, struct text cells[2])
{
    const double label_w = 0.36 * box.w, cell_w = 0.32 * box.w;

    page_text(&report->page, style, (struct box){box.x, box.y, label_w, 0}, ALIGN_LEFT, words);
    for (int i = 0; i < 2; i++)
        part_text(report, style, (struct box){box.x + label_w + i * cell_w, box.y, cell_w, 0},
                  ALIGN_RIGHT, &cells[i]);
}

static void average_line(struct report *report, struct box box, int row)
{
    const struct walk_result *walk = report->result->walk;
    const struct walk_quantity arch = {.decimals = 3};
    struct text cells[2] = {{0}, {0}};
    int n;
    const struct walk_quantity *quantities = walk_quantities(&n);

    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        struct walk_average average = row < QUANTITIES ? walk->average[side][rows[row].quantity]
                                                       : walk_arch_average(walk, side);
        walk_add_average(&cells[side - SIDE_LEFT], &average,
                         row < QUANTITIES ? &quantities[rows[row].quantity] : &arch);
    }
    table_line(report, STYLE_SMALL, box, row < QUANTITIES ? rows[row].words : "arch index", cells);
}

static void averages_column(struct report *report, struct box box, int first)
{
    struct text heads[2] = {{0}, {0}};
    double line = page_line_height(&report->page, STYLE_SMALL) + ROW_GAP_PT;

    text_add(&heads[0], "left");
    text_add(&heads[1], "right");
    table_line(report, STYLE_SMALL_BOLD, box, "", heads);
    box.y += page_line_height(&report->page, STYLE_SMALL_BOLD) + ROW_GAP_PT;
    page_rule(&report->page, box.x, box.x + box.w, box.y, 0.5, 0.3);
    box.y += ROW_GAP_PT;
    for (int row = first; row < first + ROWS_OF_COLUMN && row < ROWS; row++, box.y += line)
        average_line(report, box, row);
}

static double head_height(struct report *report)
{
    return page_line_height(&report->page, STYLE_HEADING) + 3;
}

static double columns_height(struct report *report)
{
    return ROWS_OF_COLUMN * (page_line_height(&report->page, STYLE_SMALL) + ROW_GAP_PT) +
           page_line_height(&report->page, STYLE_SMALL_BOLD) + 2 * ROW_GAP_PT + 3;
}

double part_walk_averages_height(struct report *report)
{
    if (!walk_is_shown(report->result) || report->findings.n_rows)
        return 0;
    return head_height(report) + columns_height(report) +
           page_text_height(&report->page, STYLE_TINY, PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT,
                            averages_note);
}

void part_walk_averages(struct report *report, struct box box)
{
    double w = (box.w - COLUMN_GAP_PT) / 2, y = box.y + head_height(report);

    page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
              "Averages of the steps");
    averages_column(report, (struct box){box.x, y, w, 0}, 0);
    averages_column(report, (struct box){box.x + w + COLUMN_GAP_PT, y, w, 0}, ROWS_OF_COLUMN);
    y += columns_height(report);
    page_text(&report->page, STYLE_TINY, (struct box){box.x, y, box.w, box.y + box.h - y},
              ALIGN_LEFT, averages_note);
}

/* --- The legend: only what the two pictures hold ---------------------------------------------- */

enum mark { MARK_COP, MARK_INSTANTS, MARK_CHORD, MARK_EXCURSION, MARKS };

static int step_has(const struct walk_step *step, enum mark mark)
{
    if (mark == MARK_COP)
        return step->n_samples > 0;
    if (mark != MARK_INSTANTS)
        return !isnan(step->cpei.percent);
    for (int k = AT_FOREFOOT_CONTACT; k <= AT_HEEL_OFF; k++)
        if (!isnan(step->at_s[k]))
            return 1;
    return 0;
}

static int is_drawn(const struct walk_result *walk, enum mark mark)
{
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct walk_step *step = walk_typical_step(walk, side);
        if (step && step_has(step, mark))
            return 1;
    }
    return 0;
}

static void across(cairo_t *cr, double x0, double x1, double y)
{
    cairo_new_path(cr);
    cairo_move_to(cr, x0, y);
    cairo_line_to(cr, x1, y);
}

static void draw_mark(struct page *page, enum mark mark, double x, double y)
{
    const double dashes[] = {4, 3};

    across(page->cr, x, x + 16, y);
    if (mark == MARK_COP)
        page_stroke_rimmed(page, 1.4, 0.8);
    if (mark == MARK_CHORD) {
        cairo_set_dash(page->cr, dashes, 2, 0);
        page_stroke_rimmed(page, 0.8, 0.6);
        cairo_set_dash(page->cr, NULL, 0, 0);
    }
    if (mark == MARK_EXCURSION) {
        page_stroke_rimmed(page, 0.6, 0.6);
        across(page->cr, x + 5, x + 11, y);
        page_stroke_rimmed(page, 2.0, 0.8);
    }
    cairo_new_path(page->cr);
    if (mark == MARK_INSTANTS) {
        cairo_arc(page->cr, x + 8, y, 3, 0, 2 * M_PI);
        page_ink(page, 1);
        cairo_fill_preserve(page->cr);
        page_stroke_rimmed(page, 0.8, 0);
    }
    cairo_new_path(page->cr);
    page_ink(page, 0);
}

static double legend(struct report *report, struct box box)
{
    static const char *const words[MARKS] = {
        "way of the centre of pressure",
        "on it, from the heel: forefoot contact, forefoot flat, heel off",
        "chord: straight from the way's start to its end",
        "foot's width at its front third; thick: from the chord to the way (CPEI)"};
    struct page *page = &report->page;
    double y =
        box.y + page_text(page, STYLE_SMALL_BOLD, box, ALIGN_LEFT, "Reading the picture") + 2;

    for (enum mark mark = 0; mark < MARKS; mark++) {
        struct box line = {box.x + 22, y, box.w - 22, 30};
        if (!is_drawn(report->result->walk, mark))
            continue;
        draw_mark(page, mark, box.x + 1, y + 4.5);
        y += page_text(page, STYLE_SMALL, line, ALIGN_LEFT, words[mark]) + 1.5;
    }
    y += page_text(page, STYLE_TINY, (struct box){box.x, y + 1, box.w, 30}, ALIGN_LEFT,
                   "Seen from above, toes up. " PALETTE_WORDS);
    return y - box.y;
}

/* --- The column ------------------------------------------------------------------------------- */

static double what_is_shown(struct report *report, struct box box)
{
    struct text summary = {0};
    double y = box.y;

    y += page_text(&report->page, STYLE_HEADING, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                   "Walking") +
         1;
    walk_add_summary(&summary, report->result->walk);
    y +=
        part_text(report, STYLE_SMALL, (struct box){box.x, y, box.w, 40}, ALIGN_LEFT, &summary) + 4;
    y += page_text(&report->page, STYLE_SMALL, (struct box){box.x, y, box.w, 40}, ALIGN_LEFT,
                   "Picture: largest pressure of each cell in one step of each foot, of the whole "
                   "steps the one whose stance is nearest the mean.");
    return y - box.y;
}

void part_walk_column(struct report *report, struct box box)
{
    double y = box.y + what_is_shown(report, box) + 7;

    y += legend(report, (struct box){box.x, y, box.w, 0}) + 9;
    double table = part_load_regions(report, (struct box){box.x, y, box.w, 0});
    y += table + (table > 0 ? 5 : 0);
    y += part_load_lines(report, (struct box){box.x, y, box.w, 0});
    report->page.outside += y > box.y + box.h;
}
