/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's own ceiling of a press: a force on a rectangle of cells as the sum of tared counts at
 * which the plate gives its alarm by itself (SET_LIMIT).
 *
 * The plate knows counts and no calibration, so the sum is chosen such that the limit may come
 * early and never late: it is the least sum of counts with which the load can put this force on
 * these cells, by the calibration's curve c_i of each of them, PRESS_LIMIT_SPARE of the force.
 * "Can" is
 *   - before the press, where the base's place is known: a flat, stiff, square base whose middle is
 *     at most place_mm from there, each way, with the pressure under it even or tilted, straight,
 *     up to PRESS_LIMIT_CROWDING times the mean at a corner: the least over places and tilts of
 *       sum c_i(mean s_i (1 + t . r_i)),  s_i = the base's share of cell i, r_i = that share's
 *       middle;
 *   - while it presses (press_limit_refine): the pressures seen now, grown to the ceiling in
 *     proportion, and tilted further by up to PRESS_LIMIT_TURN;
 *   - else anything within the rectangle with no cell above PRESS_LIMIT_CROWDING times the mean,
 *       least sum c_i   with   sum a kpa_i(c_i) = F   and   kpa_i(c_i) <= crowding F / A,
 *     solved over the curves' upper concave hulls, force per count falling: an exact lower bound,
 *     and far too early where curves are bent.
 * Cells that the calibration masks bear their share unseen. A cell that reads less in motion than
 * its curve (drift with temperature beyond the calibration), noise and the calibration's own error
 * are met by the spare: PRESS_LIMIT_SPARE, or less where the calibration states more than a third
 * of that as its RMS error of force. Pure; any thread. */
#ifndef TENDERFOOT_DRIVER_PRESS_LIMIT_H
#define TENDERFOOT_DRIVER_PRESS_LIMIT_H

#include "analysis/grid.h"
#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

#define PRESS_LIMIT_CROWDING 1.5
#define PRESS_LIMIT_TURN 0.2   /* at the base's edge */
#define PRESS_LIMIT_SPARE 0.97 /* of the force: noise, rounding, warmth */
#define PRESS_LIMIT_UNSEEN 0.5 /* more of the base on masked cells: no press there */

struct press_limit {
    int row0, col0, rows, cols; /* within the plate */
    double force_n;             /* on these cells, over 0 */
    double base_cm2;            /* of what lies on them; a load of this size at least */
    int stud_known;
    struct point stud; /* middle of its square base, plate frame */
    double place_mm;   /* as well as that is known, each way */
};

/* *sum_counts of SET_LIMIT. Refused (-1) with a reason where there is no such sum: the rectangle is
 * not on the plate, or so many of its cells are masked that the force could lie on those alone. */
int press_limit_counts(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, uint32_t *sum_counts, struct problem *why);

/* The same while it presses, from the pressures of a frame (rows * cols): 1 and *sum_counts, or 0
 * where less than PRESS_LIMIT_SEEN of the ceiling's force presses, or nothing can be told: a cell
 * of the rectangle is masked, damaged in this frame or near the end of its range, no memory. */
#define PRESS_LIMIT_SEEN 0.35
int press_limit_refine(const struct calibration *calibration, const struct grid *grid,
                       const struct press_limit *limit, const float *kpa, uint32_t *sum_counts);

#endif
