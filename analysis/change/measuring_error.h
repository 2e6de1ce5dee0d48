/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a change larger than the measuring error?
 *
 * SEM, the standard error of one measurement, is in the number's own unit: from repeats of one
 * person it is their standard deviation (1/(n - 1)). Two measurements that differ by chance alone
 * lie, in 95 of 100 pairs, no further apart than the minimal detectable change
 *   MDC95 = 1.96 sqrt(2) SEM        (Weir 2005, J Strength Cond Res 19:231)
 * and a change beyond it is larger than the measuring error. Where no SEM is known nothing is said.
 * No state; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_MEASURING_ERROR_H
#define TENDERFOOT_ANALYSIS_CHANGE_MEASURING_ERROR_H

#include <stddef.h>

enum change_verdict { CHANGE_UNKNOWN, CHANGE_WITHIN, CHANGE_BEYOND };

/* NAN when sem is not known (NAN or negative). */
double minimal_detectable_change(double sem);

/* CHANGE_UNKNOWN when a number is NAN. A change as large as the MDC is within. */
enum change_verdict judge_change(double before, double after, double sem);

/* One SEM for both sides: sqrt of the mean square; NAN when either is not known. */
double common_sem(double before, double after);

/* What repeats of one person tell of a number. ICC is not among it: it needs several people. */
struct repeats {
    size_t n;
    double mean, sd;   /* 1/(n - 1) */
    double low, high;  /* 95 % interval of the mean, by Student's t */
    double sem, mdc95; /* of a single measurement */
};

/* All but n and mean are NAN with fewer than two; all are NAN when one value is. */
void repeats_of(const double *values, size_t n, struct repeats *out);

#endif
