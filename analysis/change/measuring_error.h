/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a change larger than the measuring error?
 *
 * SEM, the standard error of one measurement, is in the number's own unit: from repeats of one
 * person it is their standard deviation (1/(n - 1)). Two measurements that differ by chance alone
 * lie, in 95 of 100 pairs, no further apart than the minimal detectable change
 *   MDC95 = t sqrt(2) SEM           (Weir 2005, J Strength Cond Res 19:231)
 * where t is 1.96 for a SEM that is known, and Student's two-sided 95 % t of n - 1 degrees of
 * freedom for one that n repeats estimate: 12.7 for 2, 4.30 for 3, 2.26 for 10. A change beyond it
 * is larger than the measuring error. Where no SEM is known nothing is said. No state; any thread.
 */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_MEASURING_ERROR_H
#define TENDERFOOT_ANALYSIS_CHANGE_MEASURING_ERROR_H

#include <math.h>
#include <stddef.h>

enum change_verdict { CHANGE_UNKNOWN, CHANGE_WITHIN, CHANGE_BEYOND };

/* Degrees of freedom of a SEM that is known and not estimated from repeats. */
#define SEM_IS_KNOWN INFINITY

/* `freedom` is n - 1 of the n repeats that told sem, or SEM_IS_KNOWN. NAN when sem is not known
 * (NAN or negative) or freedom is not above 0. */
double minimal_detectable_change(double sem, double freedom);

/* CHANGE_UNKNOWN when a number is NAN. A change as large as the MDC is within. */
enum change_verdict judge_change(double before, double after, double sem, double freedom);

/* One SEM for both sides: sqrt of the mean square; NAN when either is not known. */
double common_sem(double before, double after);

/* What repeats of one person tell of a number. ICC is not among it: it needs several people. */
struct repeats {
    size_t n;
    double mean, sd;   /* 1/(n - 1) */
    double low, high;  /* 95 % interval of the mean, by Student's t */
    double sem, mdc95; /* of a single measurement; mdc95 by Student's t of n - 1 */
};

/* All but n and mean are NAN with fewer than two; all are NAN when one value is. */
void repeats_of(const double *values, size_t n, struct repeats *out);

#endif
