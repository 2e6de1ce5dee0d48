/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page as a whole: header, soles and load, tender zones, notes, disclaimer.
 *
 * Disclaimer, notes and table say how much room they need; the soles take what is left, within
 * bounds; when even the smallest soles leave too little, the table is cut (with a word about it).
 */
#include "analysis/report/parts.h"

#include <math.h>

#define SOLES_LEAST_PT 304.0
#define SOLES_MOST_PT 345.0
#define SOLES_MOST_UNFLAGGED_PT 425.0 /* no badges beside the feet: the picture may be wider */
#define SOLES_MOST_STEPS_PT 350.0     /* a step is as wide as its panel before it is as high */
#define LOAD_COLUMN_PT 190.0
#define SECTION_GAP_PT 9.0

struct page_layout {
    struct box header, soles, load, averages, findings, notes, disclaimer;
};

double part_text(struct report *report, enum page_style style, struct box box,
                 enum page_align align, struct text *text)
{
    report->failed |= text->failed;
    double h = page_text(&report->page, style, box, align, text_string(text));
    text_free(text);
    return h;
}

double part_header(struct report *report, struct box box)
{
    struct page *page = &report->page;
    double half = box.w / 2;
    struct text client = {0}, when = {0};
    double left = page_text(page, STYLE_TITLE, (struct box){box.x, box.y, box.w * 0.62, 0},
                            ALIGN_LEFT, "Load and tenderness of the feet");
    left +=
        page_text(page, STYLE_SMALL, (struct box){box.x, box.y + left, box.w * 0.62, 0}, ALIGN_LEFT,
                  "Measured on a pressure plate by tenderfoot. Not a medical device.");
    facts_add_client(&client, report->result);
    facts_add_date(&when, report->result);
    text_add(&when, " · ");
    facts_add_protocol(&when, report->result);
    struct box right = {box.x + half + box.w * 0.13, box.y + 3, half - box.w * 0.13, 12};
    right.y += part_text(report, STYLE_HEADING, right, ALIGN_RIGHT, &client) + 2;
    part_text(report, STYLE_BODY, right, ALIGN_RIGHT, &when);
    page_rule(page, box.x, box.x + box.w, box.y + left + 3, 1.0, 0.15);
    return left + 4;
}

static struct page_layout lay_out_page(struct report *report, double header_h)
{
    const double x = PAGE_MARGIN_PT, w = PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT;
    double top = PAGE_MARGIN_PT + header_h + SECTION_GAP_PT;
    double bottom = PAGE_HEIGHT_PT - PAGE_MARGIN_PT;
    double disclaimer_h = part_disclaimer_height(report, w);
    double notes_h = part_notes_height(report, w);
    double findings_h = part_findings_height(report, w) + 2;
    double averages_h = part_soles_show_steps(report) ? part_walk_averages_height(report) : 0;
    double averages_gap = averages_h > 0 ? SECTION_GAP_PT : 0;
    double room =
        bottom - top - disclaimer_h - notes_h - averages_h - averages_gap - 3 * SECTION_GAP_PT;
    double soles_most = report->findings.n_rows ? SOLES_MOST_PT
                        : averages_h > 0        ? SOLES_MOST_STEPS_PT
                                                : SOLES_MOST_UNFLAGGED_PT;
    double soles_h = fmin(fmax(room - findings_h, SOLES_LEAST_PT), soles_most);
    findings_h = fmin(findings_h, room - soles_h);
    struct page_layout layout = {
        .soles = {x, top, w - LOAD_COLUMN_PT - 10, soles_h},
        .load = {x + w - LOAD_COLUMN_PT, top, LOAD_COLUMN_PT, soles_h},
        .averages = {x, top + soles_h + SECTION_GAP_PT, w, averages_h},
        .findings = {x, top + soles_h + averages_gap + averages_h + SECTION_GAP_PT, w, findings_h},
        .disclaimer = {x, bottom - disclaimer_h, w, disclaimer_h},
    };
    layout.notes = (struct box){x, layout.findings.y + findings_h + SECTION_GAP_PT, w, notes_h};
    return layout;
}

/* Room to write by hand, where the page has any left. */
static void draw_hand_notes(struct report *report, const struct page_layout *layout)
{
    const double least = 44, line = 16;
    struct box box = layout->notes;
    box.y += layout->notes.h + SECTION_GAP_PT;
    box.h = layout->disclaimer.y - SECTION_GAP_PT - box.y;
    if (box.h < least)
        return;
    page_rule(&report->page, box.x, box.x + box.w, box.y - SECTION_GAP_PT / 2, 0.5, 0.5);
    page_text(&report->page, STYLE_HEADING, (struct box){box.x, box.y, box.w, 0}, ALIGN_LEFT,
              "Notes");
    for (double y = box.y + 2 * line; y <= box.y + box.h; y += line)
        page_rule(&report->page, box.x, box.x + box.w, y, 0.3, 0.75);
}

static void draw_page(struct report *report)
{
    struct box header = {PAGE_MARGIN_PT, PAGE_MARGIN_PT, PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT, 0};
    header.h = part_header(report, header);
    struct page_layout layout = lay_out_page(report, header.h);
    part_soles(report, layout.soles);
    if (part_soles_show_steps(report))
        part_walk_column(report, layout.load);
    else
        part_load(report, layout.load);
    if (layout.averages.h > 0) {
        page_rule(&report->page, layout.averages.x, layout.averages.x + layout.averages.w,
                  layout.averages.y - SECTION_GAP_PT / 2, 0.5, 0.5);
        part_walk_averages(report, layout.averages);
    }
    page_rule(&report->page, layout.findings.x, layout.findings.x + layout.findings.w,
              layout.findings.y - SECTION_GAP_PT / 2, 0.5, 0.5);
    part_findings(report, layout.findings);
    page_rule(&report->page, layout.notes.x, layout.notes.x + layout.notes.w,
              layout.notes.y - SECTION_GAP_PT / 2, 0.5, 0.5);
    part_notes(report, layout.notes);
    draw_hand_notes(report, &layout);
    part_disclaimer(report, layout.disclaimer);
}

int report_compose(struct report *report, cairo_surface_t *surface, struct report_check *check,
                   struct problem *why)
{
    if (page_begin(&report->page, surface, why))
        return -1;
    cairo_set_source_rgb(report->page.cr, 1, 1, 1);
    cairo_paint(report->page.cr);
    page_ink(&report->page, 0);
    draw_page(report);
    if (check) {
        page_check(&report->page, check);
        check->rows_cut = report->rows_cut;
    }
    cairo_show_page(report->page.cr);
    report->page.failed |= report->failed;
    return page_end(&report->page, why);
}
