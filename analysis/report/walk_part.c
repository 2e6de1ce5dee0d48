/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/walk_part.h"

#include <math.h>

#define PT_PER_MM_MOST 1.6
#define FOOT_ROOM_MM 16.0 /* about the foot: cells at the edge, marks */

double walk_picture_scale(const struct walk_step *step, double w, double h)
{
    double length = step->frame.length_mm + 2 * FOOT_ROOM_MM;
    double width = fmax(step->frame.width_toe_mm, step->frame.width_heel_mm) + 2 * FOOT_ROOM_MM;

    return fmin(PT_PER_MM_MOST, fmin(w / width, h / length));
}

/* Ground mm to page points: the foot's middle to the box's, its toes up. */
static void place(struct page *page, struct box box, const struct walk_step *step, double pt_per_mm)
{
    struct point middle = foot_frame_to_plate(&step->frame, (struct uv){0.5, 0.5});

    cairo_translate(page->cr, box.x + box.w / 2, box.y + box.h / 2);
    cairo_scale(page->cr, pt_per_mm, -pt_per_mm);
    cairo_rotate(page->cr, step->frame.angle_deg * M_PI / 180);
    cairo_translate(page->cr, -middle.x_mm, -middle.y_mm);
}

static void draw_cells(struct page *page, const struct grid *grid, const struct walk_step *step,
                       double scale_max_kpa)
{
    const struct contact_window *w = &step->picture;

    for (int row = 0; row < w->rows; row++)
        for (int col = 0; col < w->cols; col++) {
            double kpa = (double)w->maximum[(size_t)row * (size_t)w->cols + (size_t)col];
            struct rgb colour = palette_colour(kpa / scale_max_kpa);

            if (!(kpa > 0))
                continue;
            cairo_set_source_rgb(page->cr, colour.r, colour.g, colour.b);
            cairo_rectangle(page->cr, (w->col0 + col) * grid->pitch_x_mm,
                            (w->row0 + row) * grid->pitch_y_mm, grid->pitch_x_mm, grid->pitch_y_mm);
            cairo_fill(page->cr);
        }
}

static int cop_of(const struct contact_sample *sample, struct point *at)
{
    if (!(sample->force_n > 0))
        return 0;
    *at = (struct point){sample->x_sum / sample->force_n, sample->y_sum / sample->force_n};
    return 1;
}

static void cop_path(struct page *page, const struct walk_step *step)
{
    struct point at;

    cairo_new_path(page->cr);
    for (size_t i = 0; i < step->n_samples; i++)
        if (cop_of(&step->samples[i], &at))
            cairo_line_to(page->cr, at.x_mm, at.y_mm);
}

static void line(struct page *page, struct point a, struct point b)
{
    cairo_new_path(page->cr);
    cairo_move_to(page->cr, a.x_mm, a.y_mm);
    cairo_line_to(page->cr, b.x_mm, b.y_mm);
}

static void draw_chord(struct page *page, const struct walk_step *step)
{
    const double dashes[] = {4, 3};

    if (isnan(step->cpei.percent))
        return;
    cairo_set_dash(page->cr, dashes, 2, 0);
    line(page, step->cpei.chord[0], step->cpei.chord[1]);
    page_stroke_rimmed(page, 0.8, 0.6);
    cairo_set_dash(page->cr, NULL, 0, 0);
    line(page, step->cpei.across[0], step->cpei.across[1]);
    page_stroke_rimmed(page, 0.6, 0.6);
    line(page, step->cpei.on_chord, step->cpei.on_cop);
    page_stroke_rimmed(page, 2.0, 0.8);
}

/* A disc on the COP's way where a phase begins. */
static void draw_instants(struct page *page, const struct walk_step *step)
{
    struct point at;

    for (int k = AT_FOREFOOT_CONTACT; k <= AT_HEEL_OFF; k++)
        for (size_t i = 0; i < step->n_samples; i++) {
            if (isnan(step->at_s[k]) || step->samples[i].time_s < step->at_s[k] - 1e-9 ||
                !cop_of(&step->samples[i], &at))
                continue;
            cairo_new_path(page->cr);
            cairo_arc(page->cr, at.x_mm, at.y_mm, 3, 0, 2 * M_PI);
            cairo_set_source_rgb(page->cr, 1, 1, 1);
            cairo_fill_preserve(page->cr);
            page_stroke_rimmed(page, 0.8, 0);
            break;
        }
}

void walk_picture_draw(struct page *page, struct box box, const struct grid *grid,
                       const struct walk_step *step, double pt_per_mm, double scale_max_kpa)
{
    cairo_save(page->cr);
    cairo_rectangle(page->cr, box.x, box.y, box.w, box.h);
    cairo_clip(page->cr);
    place(page, box, step, pt_per_mm);
    cairo_set_antialias(page->cr, CAIRO_ANTIALIAS_NONE);
    draw_cells(page, grid, step, scale_max_kpa);
    cairo_set_antialias(page->cr, CAIRO_ANTIALIAS_DEFAULT);
    draw_chord(page, step);
    cop_path(page, step);
    page_stroke_rimmed(page, 1.4, 0.8);
    draw_instants(page, step);
    cairo_restore(page->cr);
    page_ink(page, 0);
}
