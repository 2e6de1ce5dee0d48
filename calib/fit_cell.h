/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell's curve, robustly: counts of holds against what the plate felt there.
 *
 * What a plate shares is found first, on its median cell (fit_model_make): where a saturating
 * curve is full, and the shape of a spline. Then each cell is a robust linear fit of one to three
 * terms (fit_robust.h):
 *   line        p = gain c + offset                           offset <= 0, else 0
 *   power       ln p = ln scale + exponent ln c
 *   saturating  ln p = ln scale + exponent ln(c / (full - c))
 *   spline      ln p = ln S(c) + a + b z + d z^2, z = ln(S(c) / middle): the plate's shape S bent
 *               to the cell, read off at the knots; z stays within the cell's own range
 *
 * Each hold's error is told in units of its tolerance. */
#ifndef TENDERFOOT_CALIB_FIT_CELL_H
#define TENDERFOOT_CALIB_FIT_CELL_H

#include "calib/curve.h"
#include "calib/fit_robust.h"

#include <stddef.h>

#define FIT_PERCENT_FROM_KPA 20.0 /* below it an error is told in per cent of this */

/* n holds of one cell. */
struct fit_series {
    const float *counts;
    const double *felt;      /* kPa; NaN = left out of this fit */
    const double *tolerance; /* how far a hold may be off, as a share of felt */
    size_t n;
};

struct fit_model {
    const struct curve *curve;
    struct curve_shape shape;
    double full;                          /* of a saturating curve */
    double plate[CURVE_COEFFICIENTS_MAX]; /* coefficients of the median cell */
    double middle;                        /* of a spline: where z = 0, kPa */
};

/* Work memory of one thread: n_max holds at most. */
struct fit_work {
    struct fit_robust *robust;
    size_t n_max;
    double *x, *y; /* n_max x FIT_TERMS_MAX, n_max */
    double *felt;  /* n_max, of a cross-validation */
};
int fit_work_make(struct fit_work *work, size_t n_max); /* -1: no memory */
void fit_work_free(struct fit_work *work);

/* What the plate shares, from its median cell, and a spline's upper end also from the cells that
 * read most (`upper`): they reach counts that the median cell does not. -1 when that cell has too
 * few holds for the curve.
 */
int fit_model_make(struct fit_model *model, const struct curve *curve, double max_count,
                   const struct fit_series *median, const struct fit_series *upper,
                   struct fit_work *work);

/* One cell's coefficients in the curve's order; -1 when no curve of this kind fits it. */
int fit_cell(const struct fit_model *model, const struct fit_series *cell, struct fit_work *work,
             double coefficients[]);

/* What the cell's curve says of a count, relative to what was felt: (value - felt) / max(felt,
 * FIT_PERCENT_FROM_KPA). */
double fit_error(const struct fit_model *model, const double coefficients[], double count,
                 double felt);

#endif
