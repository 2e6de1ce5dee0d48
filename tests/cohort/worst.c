/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/worst.h"
#include "analysis/foot/landmarks.h"
#include "samples/foot_picture.h"
#include "tests/cohort/cohort_plate.h"

#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SCALE 2.0 /* pixels a mm */

static void paint_cells(cairo_t *cr, const struct grid *grid, const float *kpa)
{
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            double dark = fmin(1, sqrt((double)kpa[row * grid->cols + col] / 200));
            cairo_set_source_rgb(cr, 1 - dark * 0.8, 1 - dark * 0.8, 1 - dark * 0.5);
            cairo_rectangle(cr, col * grid->pitch_x_mm, row * grid->pitch_y_mm, grid->pitch_x_mm,
                            grid->pitch_y_mm);
            cairo_fill(cr);
        }
}

static void paint_line(cairo_t *cr, const struct foot_frame *frame, struct uv from, struct uv to)
{
    struct point a = foot_frame_to_plate(frame, from), b = foot_frame_to_plate(frame, to);
    cairo_move_to(cr, a.x_mm, a.y_mm);
    cairo_line_to(cr, b.x_mm, b.y_mm);
    cairo_stroke(cr);
}

static void paint_shape(cairo_t *cr, const struct foot_frame *frame, const struct landmarks *marks)
{
    paint_line(cr, frame, (struct uv){0, 0.5}, (struct uv){1, 0.5});
    paint_line(cr, frame, (struct uv){0, 0}, (struct uv){1, 0});
    paint_line(cr, frame, (struct uv){0, 1}, (struct uv){1, 1});
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        struct point at = foot_frame_to_plate(frame, marks->of[i].at);
        cairo_arc(cr, at.x_mm, at.y_mm, 1.5, 0, 2 * M_PI);
        if (marks->of[i].measured)
            cairo_fill(cr);
        else
            cairo_stroke(cr);
    }
}

static int paint_found(cairo_t *cr, const struct cohort_person *person, const struct grid *grid,
                       const float *kpa, struct problem *why)
{
    struct found_feet found;
    int result = 0;
    if (foot_finder(grid, kpa, 5, NULL, &found, why))
        return -1;
    for (int i = 0; i < found.n && !result; i++) {
        struct foot_print print = {grid, kpa, found.label, (uint8_t)(i + 1), 5};
        struct print_frame shape;
        enum side side = found.foot[i].side;
        double told = 0;
        for (int k = 0; k < person->subject.n_feet && person->length_told; k++)
            if (person->subject.feet[k].side == side)
                told = person->subject.feet[k].length_mm;
        result = frame_from_print(&print, &found.foot[i], told, &shape, why);
        if (result)
            break;
        struct landmarks marks = landmarks_from_print(&print, &shape.frame);
        paint_shape(cr, &shape.frame, &marks);
    }
    found_feet_free(&found);
    return result;
}

int worst_draw(const struct cohort_person *person, uint64_t seed, const char *path,
               struct problem *why)
{
    struct grid grid = cohort_plate_grid(&person->subject.plate);
    float *kpa = calloc(grid_cells(&grid), sizeof *kpa);
    int result = -1, side = (int)(SCALE * grid.cols * grid.pitch_x_mm);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    cairo_t *cr = cairo_create(surface);
    if (!kpa || cohort_stand(person, seed, kpa, why))
        goto out;
    cairo_translate(cr, 0, side); /* the front is up */
    cairo_scale(cr, SCALE, -SCALE);
    cairo_set_line_width(cr, 0.8);
    paint_cells(cr, &grid, kpa);
    cairo_set_source_rgb(cr, 0, 0.6, 0);
    for (int i = 0; i < person->subject.n_feet; i++) {
        const struct subject_foot *foot = &person->subject.feet[i];
        struct foot_frame frame = foot_picture_frame(foot, foot->heel, foot->angle_deg);
        struct landmarks marks = foot_build_landmarks(&foot->build);
        paint_shape(cr, &frame, &marks);
    }
    cairo_set_source_rgb(cr, 0.9, 0, 0);
    if (paint_found(cr, person, &grid, kpa, why))
        goto out;
    result = cairo_surface_write_to_png(surface, path)
                 ? problem(why, PROBLEM_FAILED, "%s: no picture could be written", path)
                 : 0;
out:
    free(kpa);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return result;
}
