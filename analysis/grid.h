/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of cells and the plate frame.
 *
 * Plate frame: x to the right, y to the front, mm, origin at the back left corner, as seen from
 * above by the person standing on it. Row 0 is at the back, column 0 at the left; cell (row, col)
 * covers x from col * pitch_x to (col + 1) * pitch_x and its centre lies in the middle. Pressure
 * pictures are row-major float arrays in kPa, rows * cols long; sums over them run in double. */
#ifndef TENDERFOOT_ANALYSIS_GRID_H
#define TENDERFOOT_ANALYSIS_GRID_H

#include <stddef.h>

struct grid {
    int rows, cols;
    double pitch_x_mm, pitch_y_mm;
};

struct point {
    double x_mm, y_mm; /* plate frame */
};

static inline size_t grid_cells(const struct grid *grid)
{
    return (size_t)grid->rows * (size_t)grid->cols;
}

/* kPa x mm2 = 1e-3 N: force of a cell in N is its pressure in kPa times this. */
static inline double grid_newton_per_kpa(const struct grid *grid)
{
    return grid->pitch_x_mm * grid->pitch_y_mm * 1e-3;
}

static inline double grid_cell_cm2(const struct grid *grid)
{
    return grid->pitch_x_mm * grid->pitch_y_mm * 1e-2;
}

static inline struct point grid_centre(const struct grid *grid, int row, int col)
{
    return (struct point){(col + 0.5) * grid->pitch_x_mm, (row + 0.5) * grid->pitch_y_mm};
}

#endif
