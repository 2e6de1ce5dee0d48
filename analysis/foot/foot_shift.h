/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a print has moved and turned between two pictures, told apart from a change of its load.
 *
 * The new picture is taken as the old one moved by (dx, dy), turned about a point, and multiplied
 * by a gain that may tilt across the foot (more on the toes, less on the heel: sway):
 *     new(x) = (a + b . (x - about)) old(w^-1(x)),  w(x) = about + R(turn) (x - about) + d
 * All six numbers by Gauss-Newton least squares over the cells given (Lucas and Kanade
 * 1981, with an affine gain), on square roots of lightly smoothed pressures, so that the outline
 * counts beside the peaks. Pure functions; no allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_SHIFT_H
#define TENDERFOOT_ANALYSIS_FOOT_SHIFT_H

#include "analysis/grid.h"

#include <stdint.h>

struct foot_shift {
    double dx_mm, dy_mm;
    double turn_deg; /* positive from y towards x, as a foot frame's angle */
    double gain;     /* of the root of the pressure, at `about` */
    double likeness; /* 1: the moved old picture is the new one; 0 or less: it says nothing */
};

struct shift_input {
    const struct grid *grid;
    const float *before, *now; /* roots of smoothed pressures (foot_shift_prepare) */
    const uint8_t *use;        /* cells that are compared: those with the bit `mask` */
    uint8_t mask;
    int row0, row1, col0, col1; /* where such cells lie; row1 and col1 are beyond the last */
    struct point about;
};

/* Smooths by 1 2 1 along rows and columns and takes the root; `label` (or NULL) and `value` choose
 * the cells that count, all others are 0 before. out[rows * cols]. */
void foot_shift_prepare(const struct grid *grid, const float *kpa, const uint8_t *label,
                        uint8_t value, float *out);

/* From `guess` in at most `rounds` rounds. likeness is -1 where the cells carry no answer. */
struct foot_shift foot_shift_find(const struct shift_input *input, const struct foot_shift *guess,
                                  int rounds);

#endif
