/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The studs of a mat: a square pitch through the one stud whose place is known, along the plate's
 * edges, over the whole plate. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_MAT_LATTICE_H
#define TENDERFOOT_ANALYSIS_PRESS_MAT_LATTICE_H

#include "analysis/grid.h"

/* A stud that carries less was not felt, N. */
#define MAT_STUD_MIN_N 0.5

struct mat_lattice {
    struct point first;
    double pitch_mm;
    int nx, ny; /* studs along x and y, at most 200 each */
};

/* pitch_mm > 0. */
struct mat_lattice mat_lattice_of(const struct grid *grid, struct point stud, double pitch_mm);
/* i of 0 .. nx * ny - 1: centre of that stud. */
struct point mat_lattice_point(const struct mat_lattice *lattice, int i);

#endif
