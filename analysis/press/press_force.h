/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force on a stud and pressure at its tip, from one frame: the same for the recording's analysis
 * and for the live test.
 *
 * The square base lies anywhere on the cells, so that cells of its rim carry a part of it. All
 * cells that it touches are summed whole, with one more around them: beside the base nothing
 * touches the plate, and what the gate swallowed at the rim is small. Pressure at the tip (kPa) =
 * force (N) / tip area (cm2) x 10 x the tool's factor (PROTOCOL.md, section 7). Pure functions; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_FORCE_H
#define TENDERFOOT_ANALYSIS_PRESS_FORCE_H

#include "analysis/grid.h"

#include <stdint.h>

struct stud_window {
    int row0, row1, col0, col1; /* inclusive; none when row0 > row1 */
};

/* The cells of a base of this area about `stud`, and one more on each side, on the plate. */
struct stud_window stud_window_of(const struct grid *grid, struct point stud, double footprint_cm2);

double stud_force_n(const struct grid *grid, const struct stud_window *window, const float *kpa);

double stud_tip_kpa(double force_n, double tip_cm2, double factor);

/* Share of the base's area that lies on cells with a nonzero mark (masked, dead) or beside the
 * plate, 0..1: as much of the force is not seen. masked may be NULL. */
double stud_unseen_share(const struct grid *grid, struct point stud, double footprint_cm2,
                         const uint8_t *masked);

/* Share of a square of this area about `stud` (its base, or its tip) that lies on these n cells
 * (row * cols + col), 0..1. */
double stud_share_on(const struct grid *grid, struct point stud, double area_cm2,
                     const uint32_t *cells, int n);

/* Force on the base of one of a mat's studs, which stand pitch_mm from each other. A cell that it
 * covers in part counts whole where no neighbour's base can reach that cell; else by the share of
 * its area, so that nothing counts twice: then the rim reads too little. */
double stud_share_force_n(const struct grid *grid, struct point stud, double footprint_cm2,
                          double pitch_mm, const float *kpa);

#endif
