/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_score.h"
#include "analysis/polygon.h"
#include "samples/dice.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 1000

static const struct score nothing = {NAN, NAN, NAN, 0};

/* The quantile of a beta distribution by halving: gsl_cdf_beta_Pinv gives up on some counts. */
static double beta_quantile(double p, double a, double b)
{
    double low = 0, high = 1;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        *(gsl_cdf_beta_P(middle, a, b) < p ? &low : &high) = middle;
    }
    return high;
}

struct score score_share(size_t hits, size_t n)
{
    if (n == 0)
        return nothing;
    double k = (double)hits, all = (double)n;
    struct score score = {k / all, 0, 1, n};
    if (hits > 0)
        score.low = beta_quantile(0.025, k, all - k + 1);
    if (hits < n)
        score.high = beta_quantile(0.975, k + 1, all - k);
    return score;
}

static int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Of sorted values: linear between order statistics (type 7 of Hyndman and Fan, 1996). */
static double sorted_quantile(const double *sorted, size_t n, double quantile)
{
    double at = quantile * (double)(n - 1);
    size_t below = (size_t)at;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

struct sample {
    double value;
    size_t group;
};

static int by_value(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

/* The same of sorted samples. */
static double sample_quantile(const struct sample *sorted, size_t n, double quantile)
{
    double at = quantile * (double)(n - 1);
    size_t below = (size_t)at;
    if (below + 1 >= n)
        return sorted[n - 1].value;
    return sorted[below].value +
           (at - (double)below) * (sorted[below + 1].value - sorted[below].value);
}

/* One resample of whole groups: each counts as often as it is drawn, so that one walk along the
 * sorted values finds the quantile and nothing is sorted again. */
static double resample(const struct sample *sorted, size_t n, size_t groups, double quantile,
                       unsigned *times, struct dice *dice)
{
    size_t total = 0, seen = 0;
    memset(times, 0, groups * sizeof *times);
    for (size_t k = 0; k < groups; k++)
        times[(size_t)(dice_uniform(dice) * (double)groups)]++;
    for (size_t i = 0; i < n; i++)
        total += times[sorted[i].group];
    size_t wanted = (size_t)(quantile * (double)(total - 1) + 0.5);
    for (size_t i = 0; i < n; i++) {
        seen += times[sorted[i].group];
        if (seen > wanted)
            return sorted[i].value;
    }
    return sorted[n - 1].value;
}

/* Leaves NAN out; returns how many are kept. */
static size_t gather(const double *values, const int *group, size_t n, struct sample *kept,
                     size_t *groups)
{
    size_t count = 0;
    *groups = 0;
    for (size_t i = 0, last = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        if (count == 0 || !group || group[i] != group[last])
            (*groups)++;
        last = i;
        kept[count++] = (struct sample){values[i], *groups - 1};
    }
    return count;
}

struct score score_quantile(const double *values, const int *group, size_t n, double quantile,
                            uint64_t seed)
{
    struct score score = nothing;
    struct sample *kept = malloc((n + 1) * sizeof *kept);
    unsigned *times = malloc((n + 1) * sizeof *times);
    double drawn[RESAMPLES];
    size_t groups, count = kept && times ? gather(values, group, n, kept, &groups) : 0;
    if (count > 0) {
        struct dice dice;
        dice_begin(&dice, seed, "bootstrap");
        qsort(kept, count, sizeof *kept, by_value);
        for (int i = 0; i < RESAMPLES; i++)
            drawn[i] = resample(kept, count, groups, quantile, times, &dice);
        qsort(drawn, RESAMPLES, sizeof *drawn, by_size);
        score = (struct score){sample_quantile(kept, count, quantile),
                               sorted_quantile(drawn, RESAMPLES, 0.025),
                               sorted_quantile(drawn, RESAMPLES, 0.975), count};
    }
    free(kept);
    free(times);
    return score;
}

/* Of sorted values: how many lie under x, ties half. */
static double rank_of(const double *sorted, size_t n, double x)
{
    size_t under = 0, upto, high = n;
    while (under < high) {
        size_t middle = (under + high) / 2;
        if (sorted[middle] < x)
            under = middle + 1;
        else
            high = middle;
    }
    for (upto = under; upto < n && sorted[upto] <= x; upto++)
        ;
    return ((double)under + (double)upto) / 2;
}

struct score score_roc_area(const double *positive, size_t np, const double *negative, size_t nn)
{
    struct score score = nothing;
    double *sorted = malloc((nn + 1) * sizeof *sorted), sum = 0;
    if (!sorted || np == 0 || nn == 0) {
        free(sorted);
        return score;
    }
    memcpy(sorted, negative, nn * sizeof *sorted);
    qsort(sorted, nn, sizeof *sorted, by_size);
    for (size_t i = 0; i < np; i++)
        sum += rank_of(sorted, nn, positive[i]);
    free(sorted);
    double p = (double)np, n = (double)nn, a = sum / (p * n);
    double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
    double variance = (a * (1 - a) + (p - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (p * n);
    double half = 1.959964 * sqrt(fmax(0, variance));
    return (struct score){a, fmax(0, a - half), fmin(1, a + half), np + nn};
}

double score_dice(const struct point *a, int na, const struct point *b, int nb, double step_mm)
{
    struct box box = polygon_box(a, na), other = polygon_box(b, nb);
    size_t in_a = 0, in_b = 0, both = 0;
    box = (struct box){fmin(box.x0, other.x0), fmin(box.y0, other.y0), fmax(box.x1, other.x1),
                       fmax(box.y1, other.y1)};
    for (double y = box.y0 + step_mm / 2; y < box.y1; y += step_mm)
        for (double x = box.x0 + step_mm / 2; x < box.x1; x += step_mm) {
            struct point at = {x, y};
            int has_a = polygon_contains(a, na, at), has_b = polygon_contains(b, nb, at);
            in_a += (size_t)has_a;
            in_b += (size_t)has_b;
            both += (size_t)(has_a && has_b);
        }
    return in_a + in_b ? 2.0 * (double)both / (double)(in_a + in_b) : NAN;
}

struct point score_centroid(const struct point *points, int n)
{
    double area = 0, x = 0, y = 0;
    for (int i = 0, j = n - 1; i < n; j = i++) {
        double cross = points[j].x_mm * points[i].y_mm - points[i].x_mm * points[j].y_mm;
        area += cross;
        x += (points[j].x_mm + points[i].x_mm) * cross;
        y += (points[j].y_mm + points[i].y_mm) * cross;
    }
    return (struct point){x / (3 * area), y / (3 * area)};
}
