/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/mat_lattice.h"

#include <math.h>

/* More rows of studs than any mat has. */
#define LATTICE_MAX 200

struct mat_lattice mat_lattice_of(const struct grid *grid, struct point stud, double pitch_mm)
{
    double width = grid->cols * grid->pitch_x_mm, depth = grid->rows * grid->pitch_y_mm;
    struct mat_lattice lattice = {.pitch_mm = pitch_mm};

    lattice.first.x_mm = stud.x_mm - floor(stud.x_mm / pitch_mm) * pitch_mm;
    lattice.first.y_mm = stud.y_mm - floor(stud.y_mm / pitch_mm) * pitch_mm;
    lattice.nx = (int)fmin(ceil((width - lattice.first.x_mm) / pitch_mm), LATTICE_MAX);
    lattice.ny = (int)fmin(ceil((depth - lattice.first.y_mm) / pitch_mm), LATTICE_MAX);
    lattice.nx = lattice.nx > 0 ? lattice.nx : 1;
    lattice.ny = lattice.ny > 0 ? lattice.ny : 0;
    return lattice;
}

struct point mat_lattice_point(const struct mat_lattice *lattice, int i)
{
    return (struct point){lattice->first.x_mm + i % lattice->nx * lattice->pitch_mm,
                          lattice->first.y_mm + i / lattice->nx * lattice->pitch_mm};
}
