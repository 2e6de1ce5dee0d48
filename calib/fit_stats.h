/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Robust numbers of a sample: what a few wrong values cannot move. Pure; any thread. */
#ifndef TENDERFOOT_CALIB_FIT_STATS_H
#define TENDERFOOT_CALIB_FIT_STATS_H

#include <stddef.h>

/* The median of n values; the array is put into another order. NaN for none. */
double fit_median(double *values, size_t n);

/* 1.4826 x median of |value - middle|: the standard deviation, if the values were normal. The
 * array is used up. */
double fit_spread(double *values, size_t n, double middle);

#endif
