/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stance: a person standing on the plate, leaning so that the centre of pressure is where the
 * sway wants it.
 *
 * A rest picture (both feet under their shares of the body weight) is tilted: each cell's force is
 * multiplied by 1 + g . (place - rest COP). With g = C^-1 d (C the force-weighted covariance of
 * places) the force stays as it is and the COP moves by exactly d: load goes from one foot to the
 * other, from heel to ball, and between the edges of a foot, as when a body leans. No cell may fall
 * under a fiftieth of its rest load: a wish that would do that is shortened (the edge of the base
 * of support). */
#ifndef TENDERFOOT_SAMPLES_STANCE_H
#define TENDERFOOT_SAMPLES_STANCE_H

#include "samples/foot_picture.h"

struct stance {
    struct loaded_cell *cells; /* owned; newtons at rest, of all feet */
    size_t n;
    double force_n;    /* at rest and always */
    struct point rest; /* COP at rest; NAN when nothing is loaded */
    double inverse[3]; /* of the covariance: xx, xy, yy; 1/mm2 */
};

/* Adds `newton` on a foot's picture. */
int stance_add(struct stance *stance, const struct foot_picture *picture, double newton,
               struct problem *why);

/* Computes rest and covariance once all feet are added. */
void stance_settle(struct stance *stance);
void stance_free(struct stance *stance);

/* Adds to `newton` (cells of the plate) `share` (0..1, stepping on or off) of the stance leaning by
 * `wish`; returns the true COP. */
struct point stance_load(const struct stance *stance, struct point wish, double share,
                         float *newton);

/* The lean, as a wish, by which the pressure at a place rises most; a tenth short of the edge of
 * the base of support, where nobody stays. (0, 0) when no lean helps. */
struct point stance_lean_onto(const struct stance *stance, struct point place);
/* Leans for good: what is loaded then is the new rest. */
void stance_lean(struct stance *stance, struct point wish);

/* The same COP without any cells: what stance_load would return. */
struct point stance_cop(const struct stance *stance, struct point wish);

#endif
