/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both soles side by side, left foot left, with the scale of pressure between picture and numbers.
 */
#include "analysis/report/parts.h"
#include "analysis/report/sole_picture.h"
#include "analysis/report/words_made.h"
#include "analysis/report/walk_lines.h"
#include "analysis/report/walk_part.h"

#include <math.h>
#include <stdio.h>

#define SCALE_COLUMN_PT 40.0
#define TITLE_PT 12.0
#define CAPTION_PT 43.0
#define CAPTION_INSET_PT 5.0

static struct box picture_box(struct box panel)
{
    return (struct box){panel.x, panel.y + TITLE_PT, panel.w, panel.h - TITLE_PT - CAPTION_PT};
}

static void panel_title(struct report *report, struct box panel, const struct foot_result *foot,
                        enum side side)
{
    struct text title = {0};
    if (foot && foot->side == SIDE_UNKNOWN)
        text_add(&title, "SIDE NOT KNOWN");
    else
        text_add(&title, side == SIDE_LEFT ? "LEFT" : "RIGHT");
    if (foot && foot->side != SIDE_UNKNOWN && isfinite(foot->load_percent))
        text_addf(&title, " · %.1f %% of the load", foot->load_percent);
    part_text(report, STYLE_BOLD, (struct box){panel.x, panel.y, panel.w, 0}, ALIGN_CENTRE, &title);
}

static void empty_panel(struct report *report, struct box panel, enum side side)
{
    struct text note = {0};
    int other_known = report->result->feet[0].side != SIDE_UNKNOWN;
    text_addf(&note, "No %s foot was found in this recording",
              other_known ? side_words(side) : words_tr("second"));
    part_text(report, STYLE_BODY,
              (struct box){panel.x + 20, panel.y + panel.h / 2 - 10, panel.w - 40, 40},
              ALIGN_CENTRE, &note);
}

static void draw_panel(struct report *report, struct box panel, enum side side, double pt_per_mm)
{
    const struct foot_result *foot = foot_in_place(report->result, side);
    if (!foot) {
        empty_panel(report, panel, side);
        return;
    }
    panel_title(report, panel, foot, side);
    struct sole sole = {
        .result = report->result,
        .foot = foot,
        .findings = &report->findings,
        .box = picture_box(panel),
        .pt_per_mm = pt_per_mm,
        .scale_max_kpa = report_scale_kpa(report->result, report->options),
    };
    sole_place(&sole);
    sole_draw(&report->page, &sole);
    struct text caption = {0};
    facts_add_foot(&caption, foot);
    part_text(report, STYLE_SMALL,
              (struct box){panel.x + CAPTION_INSET_PT, panel.y + panel.h - CAPTION_PT + 2,
                           panel.w - 2 * CAPTION_INSET_PT, CAPTION_PT - 2},
              ALIGN_CENTRE, &caption);
}

/* No foot: the plate as it was, and why nothing more can be said. */
static void draw_plate(struct report *report, struct box panel, double pt_per_mm)
{
    struct text reason = {0};
    text_add(&reason, "No foot found: ");
    text_add_made(&reason, report->result->no_foot_reason);
    double used = part_text(report, STYLE_BOLD, (struct box){panel.x, panel.y, panel.w - 8, 40},
                            ALIGN_LEFT, &reason);
    struct sole sole = {
        .result = report->result,
        .findings = &report->findings,
        .box = {panel.x, panel.y + used + 4, panel.w - 8, panel.h - used - 4},
        .pt_per_mm = pt_per_mm,
        .scale_max_kpa = report_scale_kpa(report->result, report->options),
    };
    sole.pt_per_mm = sole_scale(report->result, sole.box.w, sole.box.h);
    sole_place(&sole);
    sole_draw(&report->page, &sole);
    const struct grid *grid = &report->result->grid;
    cairo_save(report->page.cr);
    cairo_transform(report->page.cr, &sole.to_page);
    cairo_rectangle(report->page.cr, 0, 0, grid->cols * grid->pitch_x_mm,
                    grid->rows * grid->pitch_y_mm);
    cairo_restore(report->page.cr);
    cairo_set_line_width(report->page.cr, 0.5);
    page_ink(&report->page, 0.35);
    cairo_stroke(report->page.cr);
    page_ink(&report->page, 0);
}

/* 1, 2 or 5 times a power of ten, so that the scale has four to eight parts. */
static double tick_step(double max)
{
    double step = pow(10, floor(log10(max)));
    while (max / step < 4)
        step /= step / pow(10, floor(log10(step) + 1e-9)) > 4.5 ? 2.5 : 2;
    return step;
}

static void draw_ticks(struct report *report, struct box bar, double max_kpa)
{
    struct page *page = &report->page;
    double step = tick_step(max_kpa);
    for (double kpa = 0; kpa <= max_kpa * 1.0001; kpa += step) {
        char label[32];
        double y = bar.y + bar.h * (1 - kpa / max_kpa);
        snprintf(label, sizeof label, "%g", kpa);
        page_rule(page, bar.x + bar.w, bar.x + bar.w + 2.5, y, 0.5, 0);
        page_text(page, STYLE_TINY, (struct box){bar.x + bar.w + 4, y - 4, 24, 0}, ALIGN_LEFT,
                  label);
    }
}

static void draw_scale_bar(struct report *report, struct box bar, double max_kpa)
{
    struct page *page = &report->page;
    const int steps = 48;
    for (int i = 0; i < steps; i++) {
        struct rgb colour = palette_colour((i + 0.5) / steps);
        cairo_set_source_rgb(page->cr, colour.r, colour.g, colour.b);
        cairo_rectangle(page->cr, bar.x, bar.y + bar.h * (steps - 1 - i) / steps, bar.w,
                        bar.h / steps + (i ? 0.2 : 0));
        cairo_fill(page->cr);
    }
    cairo_rectangle(page->cr, bar.x, bar.y, bar.w, bar.h);
    cairo_set_line_width(page->cr, 0.4);
    page_ink(page, 0.2);
    cairo_stroke(page->cr);
    draw_ticks(report, bar, max_kpa);
    page_text(page, STYLE_SMALL_BOLD, (struct box){bar.x - 6, bar.y - 16, 36, 0}, ALIGN_LEFT,
              "kPa");
}

/* 50 mm of the sole, lying on its side like a ruler. */
static void draw_ruler(struct report *report, double x, double y, double pt_per_mm)
{
    struct page *page = &report->page;
    double length = 50 * pt_per_mm;
    cairo_move_to(page->cr, x + 3, y);
    cairo_line_to(page->cr, x - 3, y);
    cairo_move_to(page->cr, x, y);
    cairo_line_to(page->cr, x, y - length);
    cairo_move_to(page->cr, x + 3, y - length);
    cairo_line_to(page->cr, x - 3, y - length);
    cairo_set_line_width(page->cr, 0.8);
    page_ink(page, 0.2);
    cairo_stroke(page->cr);
    page_ink(page, 0);
    page_text(page, STYLE_TINY, (struct box){x + 4, y - length / 2 - 8, 22, 16}, ALIGN_LEFT,
              "50\nmm");
}

/* --- A walk: a step of each foot -------------------------------------------------------------- */

static void step_caption(struct report *report, struct box panel, const struct walk_step *step)
{
    struct text caption = {0};
    walk_add_step(&caption, step);
    part_text(report, STYLE_SMALL,
              (struct box){panel.x + CAPTION_INSET_PT, panel.y + panel.h - CAPTION_PT + 2,
                           panel.w - 2 * CAPTION_INSET_PT, CAPTION_PT - 2},
              ALIGN_CENTRE, &caption);
}

static void draw_step(struct report *report, struct box panel, enum side side, double pt_per_mm)
{
    const struct walk_result *walk = report->result->walk;
    const struct walk_step *step = walk_typical_step(walk, side);
    struct text title = {0};
    if (step)
        text_addf(&title, "%s · step %d of %zu%s", words_tr(side == SIDE_LEFT ? "LEFT" : "RIGHT"),
                  (int)(step - walk->steps) + 1, walk->n_steps,
                  words_tr(step->cut ? " (not whole)" : ""));
    else
        text_addf(&title, "No %s step was found", side_words(side));
    part_text(report, STYLE_BOLD, (struct box){panel.x, panel.y, panel.w, 0}, ALIGN_CENTRE, &title);
    if (!step)
        return;
    walk_picture_draw(&report->page, picture_box(panel), &report->result->grid, step, pt_per_mm,
                      report_scale_kpa(report->result, report->options));
    step_caption(report, panel, step);
}

/* One scale for both; 0 when no step has a known side. */
static double steps_scale(const struct report *report, struct box picture)
{
    double scale = 0;
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        const struct walk_step *step = walk_typical_step(report->result->walk, side);
        double fits = step ? walk_picture_scale(step, picture.w, picture.h) : 0;
        scale = scale > 0 && fits > 0 ? fmin(scale, fits) : fmax(scale, fits);
    }
    return scale;
}

/* Places that were pressed are shown on the soles; without them a walk shows how the feet roll. */
int part_soles_show_steps(const struct report *report)
{
    return walk_is_shown(report->result) && !report->findings.n_rows &&
           (walk_typical_step(report->result->walk, SIDE_LEFT) ||
            walk_typical_step(report->result->walk, SIDE_RIGHT));
}

static void draw_steps(struct report *report, struct box left, struct box right, double pt_per_mm)
{
    draw_step(report, left, SIDE_LEFT, pt_per_mm);
    draw_step(report, right, SIDE_RIGHT, pt_per_mm);
}

void part_soles(struct report *report, struct box box)
{
    double panel_w = (box.w - SCALE_COLUMN_PT) / 2;
    struct box left = {box.x, box.y, panel_w, box.h};
    struct box right = {box.x + panel_w, box.y, panel_w, box.h};
    struct box inner = picture_box(left);
    double pt_per_mm = sole_scale(report->result, inner.w, inner.h);
    int steps = part_soles_show_steps(report);
    if (steps) {
        pt_per_mm = steps_scale(report, inner);
        draw_steps(report, left, right, pt_per_mm);
    } else if (report->result->n_feet) {
        draw_panel(report, left, SIDE_LEFT, pt_per_mm);
        draw_panel(report, right, SIDE_RIGHT, pt_per_mm);
    } else {
        struct box whole = {box.x, box.y, 2 * panel_w, box.h};
        pt_per_mm = sole_scale(report->result, whole.w - 8, whole.h - 40);
        draw_plate(report, whole, pt_per_mm);
    }
    double x = box.x + 2 * panel_w + 8;
    if (facts_picture(report->result))
        draw_scale_bar(report, (struct box){x, inner.y + 10, 10, inner.h * 0.6},
                       report_scale_kpa(report->result, report->options));
    if (steps || report->result->n_feet)
        draw_ruler(report, x + 5, inner.y + inner.h, pt_per_mm);
}
