/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cells about one footprint, turned into its axis frame; what print_*.c share. Nobody else
 * includes this.
 *
 * t runs along the long axis from the foot frame's u = 0, s across it from the axis towards the
 * little toe (side unknown: to the right); mm. */
#ifndef TENDERFOOT_ANALYSIS_PRINT_PRINT_CELLS_H
#define TENDERFOOT_ANALYSIS_PRINT_PRINT_CELLS_H

#include "analysis/print/print_numbers.h"

#include <stddef.h>
#include <stdint.h>

struct print_cell {
    double t, s;     /* of the centre */
    double toe_t;    /* the toe line, at this cell */
    float kpa;       /* 0 outside the grid */
    uint8_t of_foot; /* in the mask, or about it and free of other contact */
};

/* A window of the grid about the foot, with a rim of cells that are never in contact. */
struct print_cells {
    int rows, cols;
    struct print_cell *cell;
    uint8_t *contact;            /* 1 = in contact; what a flip changes */
    double half_t[2], half_s[2]; /* half a cell's sides in (t, s): along x, along y */
    double along_mm, across_mm;  /* extent of a cell */
    double cell_cm2, length_mm;  /* length: of the foot frame */
    int has_thin;                /* cells are fine enough to tell a seam from a toe */
};

int print_cells_make(struct print_cells *cells, const struct print_input *input,
                     struct problem *why);
void print_cells_free(struct print_cells *cells);

/* Sets `contact` for a threshold. */
void print_cells_touch(struct print_cells *cells, double threshold_kpa);

/* Part of a cell's area that lies at t <= border (0..1). */
double print_cell_below(const struct print_cells *cells, const struct print_cell *cell,
                        double border);

/* 1 for a contact cell with at most two others about it, on fine grids: no shape of a foot. */
int print_cell_is_thin(const struct print_cells *cells, size_t i);

/* The stretch of s that the cell covers at t; 0 when it does not reach t. */
int print_cell_chord(const struct print_cells *cells, const struct print_cell *cell, double t,
                     double *s0, double *s1);

#endif
