/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/parts.h"
#include "analysis/report/summary.h"

double part_sources_height(struct report *report, double width)
{
    if (report->brief > 1)
        return 0;
    struct text text = {0};

    summary_add_sources(&text, report->result);
    report->failed |= text.failed;
    double h = page_line_height(&report->page, STYLE_SMALL_BOLD) + 2 +
               page_text_height(&report->page, STYLE_SMALL, width, text_string(&text));
    text_free(&text);
    return h;
}

void part_sources(struct report *report, struct box box)
{
    struct text text = {0};
    double y = box.y;

    y += page_text(&report->page, STYLE_SMALL_BOLD, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                   summary_sources_title) +
         2;
    summary_add_sources(&text, report->result);
    part_text(report, STYLE_SMALL, (struct box){box.x, y, box.w, box.y + box.h - y + 0.5},
              ALIGN_LEFT, &text);
}
