/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's own ceiling of a press: a force on a rectangle of cells as the sum of tared counts at
 * which the plate gives its alarm by itself (SET_LIMIT).
 *
 * The plate knows counts and no calibration, so the sum is chosen such that the limit may come
 * early and never late: it is the least sum of counts with which the stud's base can put this force
 * on these cells, over every way in which the load may lie on them, provided that
 *   - it lies within the rectangle, and
 *   - no cell bears more than PRESS_LIMIT_CROWDING times what it would if the force were spread
 *     evenly over the base: a base is flat and stiff.
 * With the calibration's curve of each cell i, c = counts, a = cell's area, A = base's area:
 *   least sum c_i   with   sum a kpa_i(c_i) = F   and   kpa_i(c_i) <= crowding F / A
 * solved over the curves' upper concave hulls, force per count falling: an exact lower bound. Cells
 * that the calibration masks bear their share unseen. A cell that reads less in motion than its
 * curve (drift with temperature beyond the calibration) is met by PRESS_LIMIT_SPARE. Pure; any
 * thread. */
#ifndef TENDERFOOT_DRIVER_PRESS_LIMIT_H
#define TENDERFOOT_DRIVER_PRESS_LIMIT_H

#include "analysis/grid.h"
#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

#define PRESS_LIMIT_CROWDING 1.5
#define PRESS_LIMIT_SPARE 0.97 /* of the sum: noise, rounding, warmth */

struct press_limit {
    int row0, col0, rows, cols; /* within the plate */
    double force_n;             /* on these cells, over 0 */
    double base_cm2;            /* of what lies on them; a load of this size at least */
};

/* *sum_counts of SET_LIMIT. Refused (-1) with a reason where there is no such sum: the rectangle is
 * not on the plate, or so many of its cells are masked that the force could lie on those alone. */
int press_limit_counts(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, uint32_t *sum_counts, struct problem *why);

#endif
