/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One to three pages. The parts follow each other as on a roll of paper that is cut between parts
 * and between rows of the table of zones: summary and map first, then the zones, then plan, what
 * was not tested, how it was measured and what the references are. Each page carries name, date and
 * disclaimer. All heights are known before anything is drawn; when three pages are too few, the
 * last rows of the table are told in one line each (with a word about it).
 */
#include "analysis/report/parts.h"

#include <math.h>
#include <stdlib.h>

#define SOLES_LEAST_PT 326.0 /* the numbers beside them need as much */
#define SOLES_MOST_PT 345.0
#define SOLES_MOST_UNFLAGGED_PT 425.0 /* no badges beside the feet: the picture may be wider */
#define SOLES_MOST_STEPS_PT 350.0     /* a step is as wide as its panel before it is as high */
#define LOAD_COLUMN_PT 190.0
#define SECTION_GAP_PT 9.0
#define HAND_NOTES_LEAST_PT 44.0
#define HAND_NOTES_MOST_PT 240.0
#define WIDTH_PT (PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT)

enum piece_kind {
    PIECE_SUMMARY,
    PIECE_SOLES,
    PIECE_AVERAGES,
    PIECE_FINDINGS,
    PIECE_MORE, /* the table's head again, on a next page */
    PIECE_ROW,
    PIECE_REST,
    PIECE_NOTES,
    PIECE_SWAY,
    PIECE_CHANGE,
    PIECE_PLAN,
    PIECE_SOURCES
};

struct piece {
    enum piece_kind kind;
    int row; /* of PIECE_ROW; the first one of PIECE_REST */
    int page;
    struct box box;
};

struct roll {
    struct piece *pieces;
    int n;
    int page; /* where the next piece stands */
    double y;
    double top[2],
        bottom; /* under the header of the first page, of the others; over the disclaimer */
};

double part_text(struct report *report, enum page_style style, struct box box,
                 enum page_align align, struct text *text)
{
    report->failed |= text->failed;
    double h = page_text(&report->page, style, box, align, text_string(text));
    text_free(text);
    return h;
}

double part_heading(struct report *report, struct box box, const char *title, int draw)
{
    if (draw)
        page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
                  title);
    return page_line_height(&report->page, STYLE_HEADING);
}

double part_small(struct report *report, struct box box, struct text *text, int draw)
{
    double h = page_text_height(&report->page, STYLE_SMALL, box.w, text_string(text));

    report->failed |= text->failed;
    if (draw) /* half a point more: a line that just fits is not cut */
        page_text(&report->page, STYLE_SMALL, (struct box){box.x, box.y, box.w, h + 0.5},
                  ALIGN_LEFT, text_string(text));
    text_free(text);
    return h;
}

/* --- Header and foot of a page ---------------------------------------------------------------- */

static void add_page_of(struct text *text, int page, int n_pages)
{
    if (n_pages > 1)
        text_addf(text, "page %d of %d", page + 1, n_pages);
}

static double first_header(struct report *report, struct box box, int n_pages)
{
    struct page *page = &report->page;
    double half = box.w / 2;
    struct text client = {0}, when = {0}, number = {0};
    double left = page_text(page, STYLE_TITLE, (struct box){box.x, box.y, box.w * 0.62, 0},
                            ALIGN_LEFT, "Load and tenderness of the feet");
    left +=
        page_text(page, STYLE_SMALL, (struct box){box.x, box.y + left, box.w * 0.62, 0}, ALIGN_LEFT,
                  "Measured on a pressure plate by tenderfoot. Not a medical device.");
    facts_add_client(&client, report->result, report->options);
    facts_add_date(&when, report->result);
    text_add(&when, " · ");
    facts_add_protocol(&when, report->result);
    add_page_of(&number, 0, n_pages);
    if (number.n) {
        text_add(&when, " · ");
        text_add(&when, text_string(&number));
    }
    text_free(&number);
    struct box right = {box.x + half + box.w * 0.08, box.y + 3, half - box.w * 0.08, 12};
    right.y += part_text(report, STYLE_HEADING, right, ALIGN_RIGHT, &client) + 2;
    part_text(report, STYLE_BODY, right, ALIGN_RIGHT, &when);
    page_rule(page, box.x, box.x + box.w, box.y + left + 3, 1.0, 0.15);
    return left + 4;
}

double part_header(struct report *report, struct box box, int page, int n_pages)
{
    struct text who = {0}, number = {0};

    if (!page)
        return first_header(report, box, n_pages);
    text_add(&who, "Load and tenderness of the feet");
    text_add(&who, " · ");
    facts_add_client(&who, report->result, report->options);
    text_add(&who, " · ");
    facts_add_date(&who, report->result);
    add_page_of(&number, page, n_pages);
    part_text(report, STYLE_BODY, (struct box){box.x, box.y, box.w, 12}, ALIGN_RIGHT, &number);
    double h =
        part_text(report, STYLE_BOLD, (struct box){box.x, box.y, box.w - 70, 12}, ALIGN_LEFT, &who);
    page_rule(&report->page, box.x, box.x + box.w, box.y + h + 3, 1.0, 0.15);
    return h + 4;
}

/* Heights of the headers: as drawn above. */
static double header_height(struct report *report, int page)
{
    struct page *of = &report->page;

    if (!page)
        return page_line_height(of, STYLE_TITLE) + page_line_height(of, STYLE_SMALL) + 4;
    return page_line_height(of, STYLE_BOLD) + 4;
}

/* --- The roll --------------------------------------------------------------------------------- */

static void new_page(struct roll *roll)
{
    roll->page++;
    roll->y = roll->top[1];
}

static int at_top(const struct roll *roll)
{
    return roll->y <= roll->top[roll->page > 0] + 0.1;
}

static void place(struct roll *roll, enum piece_kind kind, int row, double h, double gap)
{
    if (!(h > 0))
        return;
    if (roll->y + h > roll->bottom + 0.1 && !at_top(roll))
        new_page(roll);
    roll->pieces[roll->n++] =
        (struct piece){kind, row, roll->page, {PAGE_MARGIN_PT, roll->y, WIDTH_PT, h}};
    roll->y += h + gap;
}

/* The table's head stays with its first row. */
static void place_head(struct report *report, struct roll *roll)
{
    double h = part_findings_head_height(report, WIDTH_PT);
    double with_row =
        report->findings.n_rows ? h + part_findings_row_height(report, WIDTH_PT, 0) : h;

    if (roll->y + with_row > roll->bottom && !at_top(roll))
        new_page(roll);
    place(roll, PIECE_FINDINGS, 0, h, report->findings.n_rows ? 0 : SECTION_GAP_PT);
}

static void place_findings(struct report *report, struct roll *roll, int rows)
{
    place_head(report, roll);
    for (int i = 0; i < rows; i++) {
        double h = part_findings_row_height(report, WIDTH_PT, i);
        if (roll->y + h > roll->bottom) {
            new_page(roll);
            place(roll, PIECE_MORE, 0, part_findings_more_height(report, WIDTH_PT), 0);
        }
        place(roll, PIECE_ROW, i, h, 0);
    }
    if (rows < report->findings.n_rows)
        place(roll, PIECE_REST, rows, part_findings_rest_height(report, WIDTH_PT, rows), 0);
    roll->y += report->findings.n_rows ? SECTION_GAP_PT : 0;
}

static void place_all(struct report *report, struct roll *roll, double soles_h, int rows)
{
    roll->n = roll->page = 0;
    roll->y = roll->top[0];
    place(roll, PIECE_SUMMARY, 0, part_summary_height(report, WIDTH_PT), SECTION_GAP_PT);
    place(roll, PIECE_SOLES, 0, soles_h, SECTION_GAP_PT);
    if (part_soles_show_steps(report))
        place(roll, PIECE_AVERAGES, 0, part_walk_averages_height(report), SECTION_GAP_PT);
    place_findings(report, roll, rows);
    place(roll, PIECE_SWAY, 0, part_sway_height(report, WIDTH_PT), SECTION_GAP_PT);
    place(roll, PIECE_CHANGE, 0, part_change_height(report, WIDTH_PT), SECTION_GAP_PT);
    place(roll, PIECE_PLAN, 0, part_plan_height(report, WIDTH_PT), SECTION_GAP_PT);
    place(roll, PIECE_NOTES, 0, part_notes_height(report, WIDTH_PT), SECTION_GAP_PT);
    place(roll, PIECE_SOURCES, 0, part_sources_height(report, WIDTH_PT), SECTION_GAP_PT);
}

static double soles_most(const struct report *report)
{
    return report->findings.n_rows         ? SOLES_MOST_PT
           : part_soles_show_steps(report) ? SOLES_MOST_STEPS_PT
                                           : SOLES_MOST_UNFLAGGED_PT;
}

/* The soles are as large as they may be, unless smaller ones save a page. */
static void fit_soles(struct report *report, struct roll *roll, int rows)
{
    double least_h = SOLES_LEAST_PT, most_h = soles_most(report);

    place_all(report, roll, least_h, rows);
    int pages = roll->page;
    double spare = roll->bottom + SECTION_GAP_PT - roll->y;
    place_all(report, roll, most_h, rows);
    if (roll->page > pages)
        place_all(report, roll, pages ? least_h : fmin(most_h, least_h + fmax(0, spare)), rows);
}

/* As many rows in full as three pages hold. */
static void fit_rows_once(struct report *report, struct roll *roll)
{
    int low = 0, high = report->findings.n_rows;

    fit_soles(report, roll, high);
    if (roll->page < REPORT_PAGES_MAX)
        return;
    while (low + 1 < high) {
        int rows = (low + high) / 2;
        fit_soles(report, roll, rows);
        *(roll->page < REPORT_PAGES_MAX ? &low : &high) = rows;
    }
    fit_soles(report, roll, low);
}

/* Where not even short rows fit, the least needed is left to the text report. */
static void fit_rows(struct report *report, struct roll *roll)
{
    for (report->brief = 0; report->brief < 3; report->brief++) {
        fit_rows_once(report, roll);
        if (roll->page < REPORT_PAGES_MAX)
            return;
    }
    report->brief = 2;
}

static int lay_out(struct report *report, struct roll *roll)
{
    *roll = (struct roll){
        .pieces = calloc((size_t)report->findings.n_rows + 16, sizeof *roll->pieces),
        .bottom = PAGE_HEIGHT_PT - PAGE_MARGIN_PT - part_disclaimer_height(report, WIDTH_PT) -
                  SECTION_GAP_PT,
    };
    if (!roll->pieces)
        return -1;
    for (int i = 0; i < 2; i++)
        roll->top[i] = PAGE_MARGIN_PT + header_height(report, i) + SECTION_GAP_PT;
    fit_rows(report, roll);
    return 0;
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void draw_soles(struct report *report, struct box box)
{
    struct box soles = {box.x, box.y, box.w - LOAD_COLUMN_PT - 10, box.h};
    struct box load = {box.x + box.w - LOAD_COLUMN_PT, box.y, LOAD_COLUMN_PT, box.h};

    part_soles(report, soles);
    if (part_soles_show_steps(report))
        part_walk_column(report, load);
    else
        part_load(report, load);
}

static void draw_piece(struct report *report, const struct piece *piece)
{
    struct box box = piece->box;

    switch (piece->kind) {
    case PIECE_SUMMARY:
        part_summary(report, box);
        break;
    case PIECE_SOLES:
        draw_soles(report, box);
        break;
    case PIECE_AVERAGES:
        part_walk_averages(report, box);
        break;
    case PIECE_FINDINGS:
        part_findings_head(report, box);
        break;
    case PIECE_MORE:
        part_findings_more(report, box);
        break;
    case PIECE_ROW:
        part_findings_row(report, box, piece->row);
        break;
    case PIECE_REST:
        part_findings_rest(report, box, piece->row);
        break;
    case PIECE_NOTES:
        part_notes(report, box);
        break;
    case PIECE_SWAY:
        part_sway(report, box);
        break;
    case PIECE_CHANGE:
        part_change(report, box);
        break;
    case PIECE_PLAN:
        part_plan(report, box);
        break;
    case PIECE_SOURCES:
        part_sources(report, box);
        break;
    }
}

/* A line over a section that does not begin its page. */
static void draw_rule_over(struct report *report, const struct roll *roll,
                           const struct piece *piece)
{
    int begins = piece->kind != PIECE_ROW && piece->kind != PIECE_REST &&
                 piece->kind != PIECE_SOLES && piece->kind != PIECE_MORE;

    if (begins && piece->box.y > roll->top[piece->page > 0] + 0.1)
        page_rule(&report->page, piece->box.x, piece->box.x + piece->box.w,
                  piece->box.y - SECTION_GAP_PT / 2, 0.5, 0.5);
}

/* Room to write by hand, where the last page has any left. */
static void draw_hand_notes(struct report *report, const struct roll *roll)
{
    const double line = 16;
    struct box box = {PAGE_MARGIN_PT, roll->y, WIDTH_PT,
                      fmin(roll->bottom - roll->y, HAND_NOTES_MOST_PT)};

    if (box.h < HAND_NOTES_LEAST_PT)
        return;
    page_rule(&report->page, box.x, box.x + box.w, box.y - SECTION_GAP_PT / 2, 0.5, 0.5);
    page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
              "Notes");
    for (double y = box.y + 2 * line; y <= box.y + box.h; y += line)
        page_rule(&report->page, box.x, box.x + box.w, y, 0.3, 0.75);
}

static void draw_page(struct report *report, const struct roll *roll, int page)
{
    double disclaimer_h = part_disclaimer_height(report, WIDTH_PT);

    cairo_set_source_rgb(report->page.cr, 1, 1, 1);
    cairo_paint(report->page.cr);
    page_ink(&report->page, 0);
    part_header(report, (struct box){PAGE_MARGIN_PT, PAGE_MARGIN_PT, WIDTH_PT, 0}, page,
                roll->page + 1);
    for (int i = 0; i < roll->n; i++) {
        if (roll->pieces[i].page != page)
            continue;
        draw_rule_over(report, roll, &roll->pieces[i]);
        draw_piece(report, &roll->pieces[i]);
    }
    if (page == roll->page)
        draw_hand_notes(report, roll);
    part_disclaimer(report,
                    (struct box){PAGE_MARGIN_PT, PAGE_HEIGHT_PT - PAGE_MARGIN_PT - disclaimer_h,
                                 WIDTH_PT, disclaimer_h});
}

static void draw_pages(struct report *report, struct surface_pages *surfaces)
{
    struct roll roll;

    if (lay_out(report, &roll)) {
        report->failed = 1;
        return;
    }
    report->page.outside += roll.page >= REPORT_PAGES_MAX;
    for (int page = 0; page <= roll.page; page++) {
        cairo_surface_t *surface = page ? surface_next(surfaces) : NULL;
        if (surface)
            page_next(&report->page, surface);
        else if (page)
            break;
        draw_page(report, &roll, page);
    }
    free(roll.pieces);
}

int report_compose(struct report *report, struct surface_pages *surfaces,
                   struct report_check *check, struct problem *why)
{
    struct report_plan *plan;

    if (report_plan_make(report->result, &plan, why))
        return -1;
    report->plan = plan;
    if (page_begin(&report->page, surface_next(surfaces), why)) {
        report_plan_free(plan);
        return -1;
    }
    draw_pages(report, surfaces);
    if (check) {
        page_check(&report->page, check);
        check->rows_cut = report->rows_cut;
    }
    cairo_show_page(report->page.cr);
    report->page.failed |= report->failed;
    report->plan = NULL;
    report_plan_free(plan);
    return page_end(&report->page, why);
}
