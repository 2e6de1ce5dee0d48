/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean by pairwise summation, whose rounding grows with the logarithm of n and not with n: what
 * is left after a mean is taken off a symmetric path is then nearly nothing. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_MEAN_H
#define TENDERFOOT_ANALYSIS_SWAY_MEAN_H

#include <stddef.h>

/* n > 0. */
double sway_mean(const double *x, size_t n);

/* Writes x less its mean to `to` (which may be x) and returns the mean. */
double sway_centre(const double *x, double *to, size_t n);

#endif
