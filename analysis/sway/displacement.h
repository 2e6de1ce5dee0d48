/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean squared displacement of one axis over the time between two samples.
 *
 * Long lags by the autocorrelation (FFTW), which costs n log n; where that would lose digits to
 * cancellation (short lags, periodic signals) the differences themselves are summed, so that every
 * value is good to 1e-9 and none is negative. Threads as spectrum_plan. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_DISPLACEMENT_H
#define TENDERFOOT_ANALYSIS_SWAY_DISPLACEMENT_H

#include "firmware/wire/problem.h"

#include <stddef.h>

struct displacement_plan;

struct displacement_plan *displacement_plan_make(size_t n, size_t lags, struct problem *why);
void displacement_plan_free(struct displacement_plan *plan);

/* msd[k] = mean (x[i + k] - x[i])^2 in mm^2, k from 0 to `lags` of the plan (lags + 1 values).
 * x less its mean. */
void displacement_run(struct displacement_plan *plan, const double *x, double *msd);

#endif
