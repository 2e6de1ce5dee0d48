/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear least squares that outliers cannot move: GSL's iteratively reweighted fit with Tukey's
 * bisquare (gsl_multifit_robust, tuning 4.685, scale from the median absolute deviation).
 * Workspaces are kept by size, so that thousands of cells cost a handful of allocations. One thread
 * a handle. GSL's error handler must be off (bench_fit sees to it). */
#ifndef TENDERFOOT_CALIB_FIT_ROBUST_H
#define TENDERFOOT_CALIB_FIT_ROBUST_H

#include <stddef.h>

#define FIT_TERMS_MAX 3

struct fit_robust;

struct fit_robust *fit_robust_make(size_t n_max); /* NULL: no memory */
void fit_robust_free(struct fit_robust *robust);

/* The p <= FIT_TERMS_MAX coefficients of y = x c with x of n x p, row-major. -1 when n <= p, the
 * columns do not tell the terms apart, or memory is short. */
int fit_robust_solve(struct fit_robust *robust, double *x, double *y, size_t n, size_t p,
                     double coefficients[]);

/* 1 = GSL's memory was short once: what then failed says nothing of the data. */
int fit_robust_starved(const struct fit_robust *robust);

#endif
