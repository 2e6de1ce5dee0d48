/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stand for benches, 96 x 96 cells: two feet from the template's outline. For programs of one
 * thread; a header alone, as each bench is linked with the library and nothing else. */
#ifndef TENDERFOOT_TESTS_BENCH_STAND_H
#define TENDERFOOT_TESTS_BENCH_STAND_H

#include "analysis/foot/foot_frame.h"

#include <math.h>
#include <stdlib.h>

enum { BENCH_ROWS = 96, BENCH_COLS = 96, BENCH_CELLS = BENCH_ROWS * BENCH_COLS };

static const struct grid bench_plate = {BENCH_ROWS, BENCH_COLS, 5, 5};

/* kPa at a place of the foot: heel and ball, a hollow, toes. */
static inline float bench_sole_kpa(struct uv at)
{
    int hollow = at.u > 0.3 && at.u < 0.58 && at.v < 0.45;
    int crease = at.u > 0.8 && at.u < 0.86;

    if (at.u <= 0.02 || at.u >= 0.97 || at.v <= 0.04 || at.v >= 0.96 || hollow || crease)
        return 0;
    return at.u < 0.3 || at.u > 0.6 ? 60 : 25;
}

/* kPa of both feet, the left one pushed forward by `shift_mm`; BENCH_CELLS. */
static inline void bench_paint_feet(float *shape, double shift_mm)
{
    for (int k = 0; k < 2; k++) {
        struct foot_frame foot = foot_frame_template(
            k ? SIDE_RIGHT : SIDE_LEFT, (struct point){k ? 310 : 170, 100 + (k ? 0 : shift_mm)},
            k ? 8 : -8, 255);

        for (int i = 0; i < BENCH_CELLS; i++) {
            struct point cell = grid_centre(&bench_plate, i / BENCH_COLS, i % BENCH_COLS);
            float kpa = bench_sole_kpa(foot_frame_to_uv(&foot, cell));

            if (kpa > 0)
                shape[i] = kpa;
        }
    }
}

/* n frames, half of the time in one place, half with the left foot `shift_mm` further, swaying by
 * a share of the load. malloc'd; NULL without memory. */
static inline float *bench_stand_frames(size_t n, double shift_mm, float sway)
{
    float *shape = calloc((size_t)2 * BENCH_CELLS, sizeof *shape);
    float *frames = malloc(sizeof *frames * BENCH_CELLS * n);

    for (int k = 0; shape && k < 2; k++)
        bench_paint_feet(shape + (size_t)k * BENCH_CELLS, k ? shift_mm : 0);
    for (size_t f = 0; shape && frames && f < n; f++) {
        const float *now = shape + f * 2 / n * BENCH_CELLS;
        float share = 1 + sway * sinf((float)f * 0.008F);

        for (size_t i = 0; i < BENCH_CELLS; i++)
            frames[f * BENCH_CELLS + i] =
                now[i] > 0 ? now[i] * share + (float)((i * 31 + f * 7) % 40) / 8 : 0;
    }
    if (!shape) {
        free(frames);
        frames = NULL;
    }
    free(shape);
    return frames;
}

#endif
