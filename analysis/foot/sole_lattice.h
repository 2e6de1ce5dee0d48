/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One foot's print on a lattice of its foot frame, and smoothed copies of it.
 *
 * Steps of 0.01 in u and 0.02 in v (2.5 x 2 mm at the ball of a 250 mm foot), read linearly between
 * the cells' centres. Smoothing is Gaussian with a stated width in mm along and across, so that it
 * means the same on a plate of any pitch and at any angle. Places off the lattice read 0. No
 * allocation: a lattice is 27 kB, meant for the stack. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_SOLE_LATTICE_H
#define TENDERFOOT_ANALYSIS_FOOT_SOLE_LATTICE_H

#include "analysis/foot/landmarks.h"

#define SOLE_LATTICE_ROWS 111
#define SOLE_LATTICE_COLS 61
#define SOLE_LATTICE_U0 (-0.05)
#define SOLE_LATTICE_V0 (-0.10)
#define SOLE_LATTICE_DU 0.01
#define SOLE_LATTICE_DV 0.02

struct sole_lattice {
    float kpa[SOLE_LATTICE_ROWS][SOLE_LATTICE_COLS];
};

void sole_lattice_read(struct sole_lattice *lattice, const struct foot_print *print,
                       const struct foot_frame *frame);
/* to and from differ; sd of the Gaussian in mm. */
void sole_lattice_blur(struct sole_lattice *to, const struct sole_lattice *from,
                       const struct foot_frame *frame, double sd_mm);
/* to = a - share x b. */
void sole_lattice_minus(struct sole_lattice *to, const struct sole_lattice *a,
                        const struct sole_lattice *b, double share);

double sole_lattice_at(const struct sole_lattice *lattice, struct uv place);

#endif
