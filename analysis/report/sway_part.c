/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway in a table: numbers down, directions across. */
#include "analysis/report/parts.h"
#include "analysis/report/sway_lines.h"

#define LABEL_SHARE 0.34
#define COLUMN_SHARE 0.22
#define ROW_GAP_PT 1.2

static void row_texts(struct report *report, struct box box, const struct sway_row *row)
{
    double x = box.x + LABEL_SHARE * box.w, w = COLUMN_SHARE * box.w;

    page_text(&report->page, STYLE_SMALL, (struct box){box.x, box.y, LABEL_SHARE * box.w - 4, 0},
              ALIGN_LEFT, row->words);
    for (int i = 0; i < 3; i++) {
        struct text cell = {0};
        sway_add_cell(&cell, report->options->sway, row, i);
        part_text(report, STYLE_SMALL, (struct box){x + i * w, box.y, w, 0}, ALIGN_RIGHT, &cell);
    }
}

static double table(struct report *report, struct box box, int draw)
{
    struct page *page = &report->page;
    double line = page_line_height(page, STYLE_SMALL) + ROW_GAP_PT;
    double x = box.x + LABEL_SHARE * box.w, w = COLUMN_SHARE * box.w;

    if (!draw)
        return (SWAY_ROWS + 1) * line + 3;
    for (int i = 0; i < 3; i++)
        page_text(page, STYLE_SMALL_BOLD, (struct box){x + i * w, box.y, w, 0}, ALIGN_RIGHT,
                  sway_columns[i]);
    page_rule(page, box.x, box.x + box.w, box.y + line, 0.5, 0.3);
    for (int i = 0; i < SWAY_ROWS; i++)
        row_texts(report, (struct box){box.x, box.y + 2 + (i + 1) * line, box.w, 0}, &sway_rows[i]);
    return (SWAY_ROWS + 1) * line + 3;
}

static double sway(struct report *report, struct box box, int draw)
{
    struct text note = {0};
    double y = box.y + part_heading(report, box, sway_title, draw) + 3;

    if (report->options->sway->known)
        y += table(report, (struct box){box.x, y, box.w, 0}, draw);
    sway_add_note(&note, report->options->sway);
    sway_add_romberg(&note, report->result, report->options);
    y += part_small(report, (struct box){box.x, y, box.w, 0}, &note, draw);
    return y - box.y;
}

double part_sway_height(struct report *report, double width)
{
    return report->options->sway ? sway(report, (struct box){0, 0, width, 0}, 0) : 0;
}

void part_sway(struct report *report, struct box box)
{
    sway(report, box, 1);
}
