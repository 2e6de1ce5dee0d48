/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The difference map: where on the sole the mean pressure of a stand rose or fell.
 *
 * Both recordings' mean pictures are read (bilinear between cell centres) at the points of one
 * lattice in the foot frame, so that a foot that stood elsewhere or turned is laid upon itself:
 * pitch = the coarser pitch of the plate, row 0 at the heel's back edge, columns from left to right
 * as seen from above, column centres at multiples of the pitch from the long axis. A point (x, y)
 * is u = y / length, v = 1/2 +- x / width(u) of each recording's own frame; the lattice's length is
 * the mean of the two. Outside of both feet's cells a point has no value.
 *
 * A rise or fall d is beyond the measuring error when |d| > 1.96 sqrt(2) s (measuring_error.h) with
 *   s^2 = (e p)^2 + (g c)^2
 * e the stated pressure error, p the mean of the two pressures, g the larger slope between
 * neighbouring points and c half a cell over sqrt(3): where on a cell an edge lies is not known.
 * It does not hold how differently a person stands each time. Plain memory but for the grids; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_PRESSURE_CHANGE_H
#define TENDERFOOT_ANALYSIS_CHANGE_PRESSURE_CHANGE_H

#include "analysis/change/measuring_error.h"
#include "analysis/result.h"

#include <jansson.h>
#include <stdint.h>

struct pressure_change {
    int rows, cols;
    double pitch_mm, length_mm;
    double first_x_mm, first_y_mm; /* of the first column's and row's centres: from the long axis
                                      to the right, from the heel's back edge to the toes */
    struct foot_frame frame;       /* of the mean foot, heel at (0, 0), pointing up */
    float *before_kpa, *after_kpa, *change_kpa; /* owned; rows * cols, NAN outside of both feet */
    uint8_t *verdict;                           /* owned; enum change_verdict */
    double largest_kpa;                         /* of |change| */
    double more_cm2, less_cm2;                  /* beyond the error */
    double judged_cm2; /* of all points that were judged: 5 % of it is beyond by chance */
    char reason[160];  /* why there is no map (rows 0), or no verdict; "" */
};

/* Of one foot. 0, or -1 without memory; a foot that one recording lacks is no failure. */
int pressure_change(const struct result *before, const struct result *after, enum side side,
                    struct pressure_change *out, struct problem *why);
/* Of a foot on which nothing changed, so much would be beyond the error by chance, more and less
 * together: 5 % of what was judged, as each point is judged by itself. */
double pressure_change_chance_cm2(const struct pressure_change *change);
void pressure_change_free(struct pressure_change *change);

/* A member of `difference` of a comparison (SCHEMA.md); NULL without memory. */
json_t *pressure_change_json(const struct pressure_change *change);

#endif
