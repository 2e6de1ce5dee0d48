/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that score a cohort: shares, medians and areas with their 95 % intervals, overlap of
 * shapes. Pure functions; scratch memory inside; any thread. */
#ifndef TENDERFOOT_TESTS_COHORT_SCORE_H
#define TENDERFOOT_TESTS_COHORT_SCORE_H

#include "analysis/grid.h"

#include <stddef.h>
#include <stdint.h>

struct score {
    double value, low, high; /* NAN when there is nothing to score */
    size_t n;
};

/* A share of n: the interval is Clopper and Pearson's (Biometrika 26, 1934), by GSL's beta
 * distribution. */
struct score score_share(size_t hits, size_t n);

/* A quantile (0..1) of values, with the bootstrap's percentile interval (Efron 1979; 1000 samples,
 * seeded). Of repeats that belong together (`group`, ascending; NULL = each for itself) whole
 * groups are drawn, so that 40 presses of one person are no 40 people. NAN values are left out. */
struct score score_quantile(const double *values, const int *group, size_t n, double quantile,
                            uint64_t seed);

/* Area under the curve of hits over false alarms: the chance that a positive lies above a negative
 * (ties half), with Hanley and McNeil's interval (Radiology 143, 1982). */
struct score score_roc_area(const double *positive, size_t np, const double *negative, size_t nn);

/* 2 |A and B| / (|A| + |B|) of two polygons, by samples `step_mm` apart. */
double score_dice(const struct point *a, int na, const struct point *b, int nb, double step_mm);

/* Centroid of a polygon's area. */
struct point score_centroid(const struct point *points, int n);

#endif
