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

/* How differently one person measures on one day, from repeats on several: the SD within groups,
 * pooled over them, sqrt(sum of (n - 1) SD^2 / sum of (n - 1)) (Bland & Altman 1996, BMJ 313:744).
 * It is the SEM of one measurement, with as many degrees of freedom as the groups have together.
 * Begins as {0}. */
struct within {
    double squares; /* sum of squares about each group's mean */
    size_t groups;  /* of two or more values */
    size_t freedom;
};

/* One group; fewer than two values tell nothing and are not counted. */
void within_add(struct within *within, const double *values, size_t n);
/* NAN without repeats. */
double within_sd(const struct within *within);
double within_mdc95(const struct within *within);
/* Half of the 95 % interval about one measurement: t SD, which is mdc95 / sqrt(2). */
double within_error(const struct within *within);

#endif
