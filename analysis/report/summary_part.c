/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands first: plain sentences at the left, the grade as one large letter at the right. */
#include "analysis/report/parts.h"
#include "analysis/report/summary.h"

#include <math.h>

#define PAD_PT 5.0
#define GRADE_PT 30.0 /* side of the grade's square */
#define GAP_PT 2.2

static void line_text(struct report *report, int line, struct text *text)
{
    struct quality quality;

    if (line < SUMMARY_LINES) {
        summary_add(text, (enum summary_line)line, report->result, &report->findings);
        return;
    }
    quality_of(report->result, &quality);
    summary_add_quality(text, &quality);
}

static double lines(struct report *report, struct box box, int draw)
{
    struct page *page = &report->page;
    double y = box.y;

    for (int i = 0; i <= SUMMARY_LINES; i++) {
        struct text text = {0};
        enum page_style style = i == SUMMARY_TENDER ? STYLE_BOLD : STYLE_BODY;

        line_text(report, i, &text);
        report->failed |= text.failed;
        double h = page_text_height(page, style, box.w, text_string(&text));
        if (draw)
            page_text(page, style, (struct box){box.x, y, box.w, h + 0.5}, ALIGN_LEFT,
                      text_string(&text));
        text_free(&text);
        y += h + GAP_PT;
    }
    return y - GAP_PT - box.y;
}

static double text_width(double width)
{
    return width - GRADE_PT - 4 * PAD_PT;
}

double part_summary_height(struct report *report, double width)
{
    double h = lines(report, (struct box){0, 0, text_width(width), 0}, 0);

    return fmax(h, GRADE_PT + 10) + 2 * PAD_PT;
}

static void draw_grade(struct report *report, double x, double y)
{
    struct page *page = &report->page;
    struct quality quality;
    char grade[2] = "";

    quality_of(report->result, &quality);
    grade[0] = quality.grade;
    page_ink(page, 0.2);
    cairo_set_line_width(page->cr, 1);
    cairo_rectangle(page->cr, x, y, GRADE_PT, GRADE_PT);
    cairo_stroke(page->cr);
    page_ink(page, 0);
    page_text_at(page, STYLE_TITLE, x + GRADE_PT / 2, y + GRADE_PT / 2, grade);
    page_text(page, STYLE_TINY, (struct box){x - 8, y + GRADE_PT + 2, GRADE_PT + 16, 0},
              ALIGN_CENTRE, "quality");
}

void part_summary(struct report *report, struct box box)
{
    struct page *page = &report->page;

    page_ink(page, 0.95);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_fill(page->cr);
    page_ink(page, 0);
    lines(report, (struct box){box.x + PAD_PT, box.y + PAD_PT, text_width(box.w), 0}, 1);
    draw_grade(report, box.x + box.w - GRADE_PT - 2 * PAD_PT, box.y + PAD_PT);
}
