/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that turn counts of one cell into kPa: constant structs of functions.
 *
 * Every curve rises with the count, is 0 or less at count 0 (tare gives a bare cell the count 0,
 * and a bare cell shall read 0 kPa), and with all its coefficients 0 gives 0: that is how a masked
 * cell is made. Coefficients are kept as one float array each, so that apply is a plain loop over
 * cells without branches, which the compiler turns into vector code; what all cells of a plate
 * share is in the shape. README.md has each formula. No state, no allocation; any thread. */
#ifndef TENDERFOOT_CALIB_CURVE_H
#define TENDERFOOT_CALIB_CURVE_H

#include <stddef.h>
#include <stdint.h>

#define CURVE_COEFFICIENTS_MAX 12
#define CURVE_KPA_MAX 1e5 /* no plate reads as much; keeps every result finite */

/* What all cells of a plate have in common. */
struct curve_shape {
    double max_count;                     /* the converter's largest */
    int n_knots;                          /* of a spline, else 0 */
    double knots[CURVE_COEFFICIENTS_MAX]; /* counts over 0, rising, at most max_count */
};

struct curve {
    const char *name, *formula;
    int n_coefficients;                              /* 0: one for each knot */
    const char *coefficient[CURVE_COEFFICIENTS_MAX]; /* keys in the file, with units */
    double least[CURVE_COEFFICIENTS_MAX], most[CURVE_COEFFICIENTS_MAX]; /* bounds of each */

    /* kpa[i] of counts[i] for n cells, never negative, by the coefficient arrays. A count above
     * shape->max_count is taken for it by the curves that need a largest one. */
    void (*apply)(const struct curve_shape *shape, const float *const coefficients[],
                  const uint16_t *counts, float *kpa, size_t n);

    /* The same of one cell in double, also between counts (a hold's mean) and not cut at 0: what a
     * fit compares with. */
    double (*value)(const struct curve_shape *shape, const double coefficients[], double count);

    /* The count, not rounded, at which one cell reads kpa > 0: the inverse of value. */
    double (*inverse)(const struct curve_shape *shape, const double coefficients[], double kpa);

    /* NULL when one cell's curve is fit for use up to max_count, else what is wrong with it. */
    const char *(*fault)(const struct curve_shape *shape, const double coefficients[]);
};

/* The curve of this name, or NULL. */
const struct curve *curve_find(const char *name);

/* The curves in the order of the README: index 0 .. until NULL. */
const struct curve *curve_at(size_t index);

/* How many coefficients a cell has. */
int curve_coefficients(const struct curve *curve, const struct curve_shape *shape);

/* NULL when the shape fits the curve (a spline has 2 knots or more, others none), else what is
 * wrong with it. */
const char *curve_shape_fault(const struct curve *curve, const struct curve_shape *shape);

#endif
