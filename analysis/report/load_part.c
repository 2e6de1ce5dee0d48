/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load in numbers: left against right, regions from toes to heel, the whole plate; and the legend.
 */
#include "analysis/report/parts.h"
#include "analysis/report/sole_picture.h"
#include "analysis/foot/regions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Columns of the region table: name, then percent and peak of the left and of the right foot. */
static const double column_share[] = {0.24, 0.18, 0.18, 0.20, 0.20};
enum { COLUMNS = 5 };

static double table_row(struct report *report, enum page_style style, struct box box,
                        char cells[COLUMNS][40])
{
    double x = box.x;
    for (int i = 0; i < COLUMNS; i++) {
        double w = column_share[i] * box.w;
        page_text(&report->page, style, (struct box){x, box.y, w, 0}, i ? ALIGN_RIGHT : ALIGN_LEFT,
                  cells[i]);
        x += w;
    }
    return page_line_height(&report->page, style) + 1.2;
}

/* "52.9 %", with the language's decimal sign. */
static void decimal_print(char *to, size_t cap, double value, int decimals, const char *unit)
{
    snprintf(to, cap, "%.*f %s", decimals, value, words_tr(unit));
    char *point = strchr(to, '.');
    if (point)
        *point = words_decimal();
}

static void number_cell(char cell[40], const struct foot_result *foot, double value, int decimals,
                        const char *unit)
{
    if (foot && isfinite(value))
        decimal_print(cell, 40, value, decimals, unit);
    else
        snprintf(cell, 40, "–");
}

static double region_row(struct report *report, struct box box, enum region_id id)
{
    char cells[COLUMNS][40];
    snprintf(cells[0], sizeof cells[0], "%s", words_tr(region_words(id)));
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct foot_result *foot = foot_in_place(report->result, (enum side)side);
        const struct region_result *region = foot ? &foot->regions[id] : NULL;
        number_cell(cells[side], foot, region ? region->load_percent : NAN, 1, "%");
        number_cell(cells[side + 2], foot, region ? region->peak_kpa : NAN, 0, "kPa");
    }
    return table_row(report, STYLE_SMALL, box, cells);
}

static double total_row(struct report *report, struct box box)
{
    char cells[COLUMNS][40] = {"whole foot"};
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct foot_result *foot = foot_in_place(report->result, (enum side)side);
        number_cell(cells[side], foot, foot ? foot->load_percent : NAN, 1, "%");
        number_cell(cells[side + 2], foot, foot ? foot->peak_kpa : NAN, 0, "kPa");
    }
    return table_row(report, STYLE_SMALL_BOLD, box, cells);
}

static int has_regions(const struct result *result)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].has_load)
            return 1;
    return !facts_is_walk(result);
}

double part_load_regions(struct report *report, struct box box)
{
    char head[COLUMNS][40] = {"Region"};
    for (int i = 1; i < COLUMNS; i++)
        snprintf(head[i], sizeof head[i], "%s",
                 place_words(report->result, i % 2 ? SIDE_LEFT : SIDE_RIGHT));
    if (!has_regions(report->result))
        return 0;
    double y = box.y;
    double load_x = box.x + column_share[0] * box.w;
    double peak_x = load_x + (column_share[1] + column_share[2]) * box.w;
    page_text(&report->page, STYLE_SMALL, (struct box){load_x, y, peak_x - load_x, 0}, ALIGN_RIGHT,
              "share of the load");
    y += page_text(&report->page, STYLE_SMALL, (struct box){peak_x, y, box.x + box.w - peak_x, 0},
                   ALIGN_RIGHT, "peak pressure");
    y += table_row(report, STYLE_SMALL_BOLD, (struct box){box.x, y, box.w, 0}, head);
    page_rule(&report->page, box.x, box.x + box.w, y, 0.5, 0.3);
    y += 1.5;
    for (int id = 0; id < REGION_COUNT; id++)
        y += region_row(report, (struct box){box.x, y, box.w, 0}, (enum region_id)id);
    page_rule(&report->page, box.x, box.x + box.w, y, 0.3, 0.6);
    y += 1.5;
    y += total_row(report, (struct box){box.x, y, box.w, 0}) + 1;
    y += page_text(&report->page, STYLE_TINY, (struct box){box.x, y, box.w, 20}, ALIGN_LEFT,
                   "Percent of the total force on the plate (mean over time).");
    return y - box.y;
}

/* The left part dark, the right part light: told apart in grey, and by its words. */
static double share_bar(struct report *report, struct box box)
{
    const struct foot_result *left = foot_of_side(report->result, SIDE_LEFT);
    const struct foot_result *right = foot_of_side(report->result, SIDE_RIGHT);
    double l = left ? left->load_percent : NAN, r = right ? right->load_percent : NAN;
    if (!(l + r > 0))
        return 0;
    struct page *page = &report->page;
    double split = box.w * l / (l + r);
    const double h = 11;
    char text[48];
    page_ink(page, 0.35);
    cairo_rectangle(page->cr, box.x, box.y, split, h);
    cairo_fill(page->cr);
    page_ink(page, 0.88);
    cairo_rectangle(page->cr, box.x + split, box.y, box.w - split, h);
    cairo_fill(page->cr);
    cairo_rectangle(page->cr, box.x, box.y, box.w, h);
    cairo_set_line_width(page->cr, 0.5);
    page_ink(page, 0.2);
    cairo_stroke(page->cr);
    cairo_move_to(page->cr, box.x + box.w / 2, box.y - 2);
    cairo_line_to(page->cr, box.x + box.w / 2, box.y + h + 2);
    cairo_stroke(page->cr);
    snprintf(text, sizeof text, "%s ", words_tr("left"));
    decimal_print(text + strlen(text), sizeof text - strlen(text), l, 1, "%");
    page_text(page, STYLE_BOLD, (struct box){box.x, box.y + h + 2, box.w / 2, 0}, ALIGN_LEFT, text);
    snprintf(text, sizeof text, "%s ", words_tr("right"));
    decimal_print(text + strlen(text), sizeof text - strlen(text), r, 1, "%");
    page_text(page, STYLE_BOLD, (struct box){box.x + box.w / 2, box.y + h + 2, box.w / 2, 0},
              ALIGN_RIGHT, text);
    return h + 2 + page_line_height(page, STYLE_BOLD) + 4;
}

double part_load_lines(struct report *report, struct box box)
{
    const double label_w = 0.40 * box.w;
    double y = box.y;
    for (const struct fact_line *line = load_lines; line->label; line++) {
        if (!fact_line_is_shown(line, report->result))
            continue;
        struct text value = {0};
        line->add(&value, report->result, report->options);
        page_text(&report->page, STYLE_SMALL_BOLD, (struct box){box.x, y, label_w, 0}, ALIGN_LEFT,
                  line->label);
        y += part_text(report, STYLE_SMALL, (struct box){box.x + label_w, y, box.w - label_w, 36},
                       ALIGN_LEFT, &value) +
             1;
    }
    return y - box.y;
}

static void legend_flag(struct report *report, double x, double y, enum flag_level level)
{
    cairo_t *cr = report->page.cr;
    cairo_new_path(cr);
    cairo_save(cr);
    cairo_translate(cr, x + 8, y + 4.5);
    cairo_scale(cr, 7.5, 3.4);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
    if (level == FLAG_ATTENTION)
        sole_hatch(&report->page);
    sole_stroke_flag(&report->page, level);
    cairo_new_path(cr);
    page_ink(&report->page, 0);
}

static void legend_cross(struct report *report, double x, double y)
{
    cairo_t *cr = report->page.cr;
    cairo_new_path(cr);
    cairo_move_to(cr, x + 3, y + 4.5);
    cairo_line_to(cr, x + 13, y + 4.5);
    cairo_move_to(cr, x + 8, y - 0.5);
    cairo_line_to(cr, x + 8, y + 9.5);
    page_stroke_rimmed(&report->page, 1.3, 0);
}

static void legend_dot(struct report *report, double x, double y, int filled)
{
    cairo_t *cr = report->page.cr;
    cairo_new_path(cr);
    cairo_arc(cr, x + 8, y + 4.5, 1.5, 0, 2 * M_PI);
    page_ink(&report->page, filled ? 0 : 1);
    cairo_fill_preserve(cr);
    cairo_set_line_width(cr, 0.5);
    page_ink(&report->page, 0);
    cairo_stroke(cr);
}

static void legend_cell(struct report *report, double x, double y, int above)
{
    cairo_t *cr = report->page.cr;
    struct rgb top = palette_colour(1);
    if (above)
        cairo_set_source_rgb(cr, top.r, top.g, top.b);
    else
        page_ink(&report->page, 0.91);
    cairo_rectangle(cr, x + 5, y + 1.5, 6, 6);
    cairo_fill(cr);
    if (above) {
        page_ink(&report->page, 1);
        cairo_arc(cr, x + 8, y + 4.5, 1, 0, 2 * M_PI);
        cairo_fill(cr);
    }
    page_ink(&report->page, 0);
}

static void legend_sign(struct report *report, int i, double x, double y)
{
    static const enum flag_level levels[] = {FLAG_ATTENTION, FLAG_BOTH_SIDES, FLAG_WATCH};
    if (i < 3)
        legend_flag(report, x, y, levels[i]);
    else if (i == 3)
        legend_cross(report, x, y);
    else if (i < 6)
        legend_dot(report, x, y, i == 4);
    else
        legend_cell(report, x, y, i == 7);
}

/* The signs of the press test are explained only where there was one. */
static int is_shown(const struct report *report, int sign)
{
    return report->result->n_presses > 0 || sign == 3 || sign > 5;
}

/* In two columns, the first one filled first. Returns the height of the taller. */
static double legend_signs(struct report *report, struct box box, const char *const words[8])
{
    const double step = 11.5;
    int shown = 0, at = 0;
    for (int i = 0; i < 8; i++)
        shown += is_shown(report, i);
    int lines = (shown + 1) / 2;
    for (int i = 0; i < 8; i++) {
        if (!is_shown(report, i))
            continue;
        int column = at / lines;
        double x = box.x + column * box.w * 0.56;
        double y = box.y + (at % lines) * step;
        legend_sign(report, i, x, y);
        page_text(&report->page, STYLE_SMALL,
                  (struct box){x + 20, y, box.w * (column ? 0.44 : 0.56) - 20, 0}, ALIGN_LEFT,
                  words[i]);
        at++;
    }
    return lines * step;
}

static const char soles_words[] =
    "Seen from above. Thin: zones of the atlas. Dashed: diaphragm line; dash-dotted: waist line; "
    "dotted: spine line. " PALETTE_WORDS;

static double legend(struct report *report, struct box box)
{
    char below[48];
    snprintf(below, sizeof below, words_tr("below %g kPa"), report->result->threshold_kpa);
    const char *const words[8] = {
        "for attention", "sensitive on both sides", "watch", "centre of pressure",
        "pain reported", "no pain reported",        below,   "above the scale"};
    double y = box.y;
    y += page_text(&report->page, STYLE_SMALL_BOLD, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                   "Reading the picture") +
         2;
    y += legend_signs(report, (struct box){box.x, y, box.w, 0}, words) + 1;
    y += page_text(&report->page, STYLE_TINY, (struct box){box.x, y, box.w, 50}, ALIGN_LEFT,
                   soles_words);
    return y - box.y;
}

void part_load(struct report *report, struct box box)
{
    double y = box.y;
    struct text picture = {0};
    y += page_text(&report->page, STYLE_HEADING, (struct box){box.x, y, box.w, 0}, ALIGN_LEFT,
                   "Load") +
         1;
    facts_add_picture(&picture, report->result);
    y +=
        part_text(report, STYLE_SMALL, (struct box){box.x, y, box.w, 30}, ALIGN_LEFT, &picture) + 6;
    y += share_bar(report, (struct box){box.x, y, box.w, 0});
    y += part_load_regions(report, (struct box){box.x, y, box.w, 0}) + 5;
    y += part_load_lines(report, (struct box){box.x, y, box.w, 0}) + 5;
    y += legend(report, (struct box){box.x, y, box.w, 0});
    report->page.outside += y > box.y + box.h;
}
