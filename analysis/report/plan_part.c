/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/parts.h"

#include <stdlib.h>

#define LINE_GAP_PT 1.6

/* Measures, or draws as well; returns the height. */
static double plan_lines(struct report *report, struct box box, int draw)
{
    struct page *page = &report->page;
    double y = box.y + part_heading(report, box, report_plan_title, draw) + 2;

    if (draw)
        page_text(page, STYLE_SMALL, (struct box){box.x, y, box.w, 40}, ALIGN_LEFT,
                  report_plan_note);
    y += page_text_height(page, STYLE_SMALL, box.w, report_plan_note) + 3;
    for (int i = 0; i < report_plan_line_count(report->plan); i++) {
        struct text line = {0};
        text_add(&line, "– ");
        report_plan_add_line(&line, report->plan, i);
        y += part_small(report, (struct box){box.x, y, box.w, 0}, &line, draw) + LINE_GAP_PT;
    }
    return y - box.y;
}

double part_plan_height(struct report *report, double width)
{
    return report->plan ? plan_lines(report, (struct box){0, 0, width, 0}, 0) : 0;
}

void part_plan(struct report *report, struct box box)
{
    plan_lines(report, box, 1);
}
