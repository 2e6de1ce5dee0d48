/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/varied_feet.h"

#include "samples/foot_picture.h"
#include "samples/sole.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 3 /* per cell and direction */
#define BACK_STEPS 5

static double hill(double distance, double width)
{
    return exp(-0.5 * distance * distance / (width * width));
}

/* How far the map moves a place of the template. Nothing at both ends and at the tangents. */
static struct uv shift_at(const struct varied_foot *f, struct uv at)
{
    struct landmarks t = landmarks_template();
    double lip = fmin(fmax(4 * at.v, 0), 1) * fmin(fmax(4 * (1 - at.v), 0), 1);
    double end = fmin(fmax((0.99 - at.u) / 0.05, 0), 1);
    struct uv sum = {f->heel_u * hill(at.u - 0.25, 0.05) + f->bulge_u * hill(at.u - 0.40, 0.05), 0};

    for (int i = 0; i < 5; i++) {
        double w = hill(at.v - t.of[LANDMARK_MTH1 + i].at.v, 0.07);
        double ball = t.of[LANDMARK_MTH1 + i].at.u, toe = t.of[LANDMARK_T1 + i].at.u;
        double s = fmin(fmax((at.u - ball) / (toe - ball), 0), 1);
        double near = fmin(fmax((at.u - ball + 0.2) / 0.2, 0), 1);

        sum.u += w * near * end * (f->move[i][0] * (1 - s) + f->move[i][2] * s);
        sum.v += w * near * lip * (f->move[i][1] * (1 - s) + f->move[i][3] * s);
    }
    return sum;
}

/* The place of the template that lies here on this foot: the map inverted by steps. */
static struct uv template_place(const struct varied_foot *f, struct uv here)
{
    struct uv from = here;

    for (int i = 0; i < BACK_STEPS; i++) {
        struct uv shift = shift_at(f, from);

        from = (struct uv){here.u - shift.u, here.v - shift.v};
    }
    return from;
}

static void draw_shape(struct varied_foot *f, double spread, struct dice *dice)
{
    double ahead = dice_normal(dice, 0.012), oblique = dice_normal(dice, 0.02);
    double splay = dice_normal(dice, 0.03), toes = dice_normal(dice, 0.008);

    for (int i = 0; i < 5; i++) {
        double v = (i - 2) / 4.0;

        f->move[i][0] = spread * (ahead + oblique * v + dice_normal(dice, 0.006));
        f->move[i][1] = spread * (splay * v + dice_normal(dice, 0.012));
        f->move[i][2] = f->move[i][0] + spread * (toes + dice_normal(dice, 0.007));
        f->move[i][3] = f->move[i][1] + spread * dice_normal(dice, 0.015);
        for (int k = 0; k < 4; k++)
            f->move[i][k] = fmin(fmax(f->move[i][k], -0.035), 0.035);
    }
    f->heel_u = spread * dice_normal(dice, 0.012);
    f->bulge_u = spread * dice_normal(dice, 0.02);
}

static void find_truth(struct varied_foot *f)
{
    f->truth = landmarks_template();
    for (int i = 0; i < LANDMARK_COUNT; i++) {
        struct uv *at = &f->truth.of[i].at, shift = shift_at(f, *at);

        f->truth.of[i].measured = 1;
        f->truth.of[i].quality = 1;
        if (i == LANDMARK_HB || i == LANDMARK_TT)
            continue;
        *at = (struct uv){at->u + shift.u, at->v + shift.v};
    }
}

static double cell_value(const struct varied_foot *f, const struct sole *sole, int row, int col)
{
    double sum = 0;

    for (int i = 0; i < SAMPLES * SAMPLES; i++) {
        struct point at = {(col + (i % SAMPLES + 0.5) / SAMPLES) * f->grid.pitch_x_mm,
                           (row + (i / SAMPLES + 0.5) / SAMPLES) * f->grid.pitch_y_mm};
        struct uv here = foot_frame_to_uv(&f->frame, at);

        if (here.u > -0.02 && here.u < 1.03 && here.v > -0.06 && here.v < 1.06)
            sum += sole_pressure(sole, template_place(f, here));
    }
    return sum / (SAMPLES * SAMPLES);
}

static void paint(struct varied_foot *f, double newton, double noise_kpa, struct dice *dice)
{
    size_t cells = grid_cells(&f->grid);
    double sum = 0;
    struct sole sole;

    sole_make(&sole, &f->foot);
    if (!f->kpa)
        f->kpa = malloc(cells * sizeof *f->kpa);
    for (size_t i = 0; i < cells; i++) {
        f->kpa[i] = (float)cell_value(f, &sole, (int)(i / (size_t)f->grid.cols),
                                      (int)(i % (size_t)f->grid.cols));
        sum += (double)f->kpa[i];
    }
    for (size_t i = 0; i < cells; i++) {
        double kpa = (double)f->kpa[i] / sum * newton / grid_newton_per_kpa(&f->grid) +
                     (noise_kpa > 0 ? dice_normal(dice, noise_kpa) : 0);

        f->kpa[i] = kpa < 3 * noise_kpa ? 0 : (float)kpa;
    }
}

void varied_draw(struct varied_foot *f, double spread, double newton, double noise_kpa,
                 struct dice *dice)
{
    struct point middle;

    f->frame = foot_picture_frame(&f->foot, (struct point){0, 0}, f->foot.angle_deg);
    middle = foot_frame_to_plate(&f->frame, (struct uv){0.5, 0.5});
    f->frame.heel = (struct point){f->grid.cols * f->grid.pitch_x_mm / 2 - middle.x_mm,
                                   f->grid.rows * f->grid.pitch_y_mm / 2 - middle.y_mm};
    f->foot.heel = f->frame.heel;
    draw_shape(f, spread, dice);
    find_truth(f);
    paint(f, newton, noise_kpa, dice);
}

void varied_free(struct varied_foot *f)
{
    free(f->kpa);
    f->kpa = NULL;
}
