/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each number beside that of an earlier recording: the left foot's, the right foot's, and sway's.
 */
#include "analysis/report/findings.h"
#include "analysis/report/parts.h"
#include "analysis/report/sway_lines.h"

enum { COLUMN_NAME, COLUMN_VALUES, COLUMN_CHANGE, COLUMN_VERDICT, COLUMNS };
static const double share[COLUMNS] = {0.36, 0.30, 0.14, 0.20};
#define ROW_GAP_PT 1.2

static void cells(struct report *report, enum page_style style, struct box box,
                  struct text texts[COLUMNS])
{
    double x = box.x;

    for (int i = 0; i < COLUMNS; i++) {
        double w = share[i] * box.w;
        part_text(report, style, (struct box){x, box.y, i ? w : w - 4, 0},
                  i ? ALIGN_RIGHT : ALIGN_LEFT, &texts[i]);
        x += w;
    }
}

static void head(struct report *report, struct box box, const char *of)
{
    struct text texts[COLUMNS] = {{0}, {0}, {0}, {0}};

    text_add(&texts[COLUMN_NAME], of);
    text_add(&texts[COLUMN_VALUES], "before");
    text_add(&texts[COLUMN_VALUES], " → ");
    text_add(&texts[COLUMN_VALUES], "now");
    text_add(&texts[COLUMN_CHANGE], "change");
    text_add(&texts[COLUMN_VERDICT], "larger than the error?");
    cells(report, STYLE_SMALL_BOLD, box, texts);
}

/* In bold what is larger than the error: told in grey too. */
static void change_row(struct report *report, struct box box, int row, int foot)
{
    const struct change *change = change_of_row(&report->options->earlier->load, row, foot);
    struct text texts[COLUMNS] = {{0}, {0}, {0}, {0}};

    change_add_name(&texts[COLUMN_NAME], row);
    change_add_values(&texts[COLUMN_VALUES], change, row);
    change_add_change(&texts[COLUMN_CHANGE], change, row);
    text_add(&texts[COLUMN_VERDICT], change_verdict_words(change));
    cells(report, change->verdict == CHANGE_BEYOND ? STYLE_SMALL_BOLD : STYLE_SMALL, box, texts);
}

/* Where three pages are too few, only what is beyond the error; the text report has them all. */
static int is_shown(const struct report *report, int row, int foot)
{
    const struct change *change = change_of_row(&report->options->earlier->load, row, foot);

    return !report->brief || change->verdict == CHANGE_BEYOND;
}

/* Rows of one foot, or of sway (foot 0, from CHANGE_KEYS); nothing where it is not in both. */
static double rows(struct report *report, struct box box, const char *of, int foot, int first,
                   int draw)
{
    double line = page_line_height(&report->page, STYLE_SMALL) + ROW_GAP_PT, y = box.y;
    int end = first < CHANGE_KEYS ? CHANGE_KEYS : CHANGE_ROWS;

    if (!change_of_row(&report->options->earlier->load, first, foot))
        return 0;
    if (draw)
        head(report, box, of);
    y += line;
    if (draw)
        page_rule(&report->page, box.x, box.x + box.w, y, 0.5, 0.3);
    y += 2;
    for (int row = first; row < end; row++) {
        if (!is_shown(report, row, foot))
            continue;
        if (draw)
            change_row(report, (struct box){box.x, y, box.w, 0}, row, foot);
        y += line;
    }
    return y - box.y + 2;
}

/* Sentences about tender zones. */
static double zones(struct report *report, struct box box, int draw)
{
    double y = box.y;

    for (int i = 0; i < change_zone_count(report->options->earlier); i++) {
        struct text text = {0};
        change_add_zone(&text, report->options->earlier, i);
        y += part_small(report, (struct box){box.x, y, box.w, 0}, &text, draw) + ROW_GAP_PT;
    }
    return y - box.y;
}

static double changes(struct report *report, struct box box, int draw)
{
    struct text note = {0};
    double y = box.y + part_heading(report, box, change_title, draw) + 2;

    change_add_note(&note, report->options->earlier);
    y += part_small(report, (struct box){box.x, y, box.w, 0}, &note, draw) + 3;
    y += rows(report, (struct box){box.x, y, box.w, 0}, "Left foot", 0, 0, draw);
    y += rows(report, (struct box){box.x, y, box.w, 0}, "Right foot", 1, 0, draw);
    y += rows(report, (struct box){box.x, y, box.w, 0}, "Sway", 0, CHANGE_KEYS, draw);
    y += zones(report, (struct box){box.x, y, box.w, 0}, draw);
    return y - box.y;
}

double part_change_height(struct report *report, double width)
{
    return report->options->earlier ? changes(report, (struct box){0, 0, width, 0}, 0) : 0;
}

void part_change(struct report *report, struct box box)
{
    changes(report, box, 1);
}
