/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves that turn counts of one cell into kPa: constant structs of functions.
 *
 * Every curve rises with the count, is 0 or less at count 0 (tare gives a bare cell the count 0,
 * and a bare cell shall read 0 kPa), and with its leading coefficient set to 0 gives 0: that is how
 * a masked cell is made. Coefficients are kept as one float array each, so that apply is a plain
 * loop over cells without branches, which the compiler turns into vector code. No state, no
 * allocation; any thread. */
#ifndef TENDERFOOT_CALIB_CURVE_H
#define TENDERFOOT_CALIB_CURVE_H

#include <stddef.h>
#include <stdint.h>

#define CURVE_COEFFICIENTS_MAX 12

struct curve {
    const char *name, *formula;
    int n_coefficients;
    const char *coefficient[CURVE_COEFFICIENTS_MAX]; /* keys in the file, with units */
    double least[CURVE_COEFFICIENTS_MAX], most[CURVE_COEFFICIENTS_MAX]; /* bounds of each */

    /* kpa[i] of counts[i] for n cells, never negative, by the coefficient arrays. */
    void (*apply)(const float *const coefficients[], const uint16_t *counts, float *kpa, size_t n);

    /* The count, not rounded, at which one cell reads kpa > 0: the inverse. Coefficients as double.
     */
    double (*inverse)(const double coefficients[], double kpa);

    /* NULL when one cell's curve is fit for use up to max_count, else what is wrong with it. */
    const char *(*fault)(const double coefficients[], double max_count);
};

/* The curve of this name, or NULL. */
const struct curve *curve_find(const char *name);

#endif
