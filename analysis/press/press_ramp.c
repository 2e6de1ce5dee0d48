/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_ramp.h"

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int press_series_add(struct press_series *series, double time_s, double kpa)
{
    if (series->n == series->cap) {
        size_t cap = series->cap ? 2 * series->cap : 256;
        void *grown = realloc(series->samples, cap * sizeof *series->samples);
        if (!grown)
            return -1;
        series->samples = grown;
        series->cap = cap;
    }
    series->samples[series->n++] = (struct press_sample){time_s, kpa};
    return 0;
}

void press_series_free(struct press_series *series)
{
    free(series->samples);
    *series = (struct press_series){0};
}

/* Index of the first sample after the time; n when there is none. */
static size_t first_after(const struct press_series *series, double time_s)
{
    size_t low = 0, high = series->n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (series->samples[middle].time_s > time_s)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double press_series_at(const struct press_series *series, double time_s, double *gap_s,
                       double *gap_kpa)
{
    size_t after = first_after(series, time_s);

    if (gap_s)
        *gap_s = 0;
    if (gap_kpa)
        *gap_kpa = 0;
    if (!series->n)
        return NAN;
    if (after == 0 || after == series->n)
        return series->samples[after ? after - 1 : 0].kpa;
    struct press_sample a = series->samples[after - 1], b = series->samples[after];
    if (gap_s)
        *gap_s = b.time_s - a.time_s;
    if (gap_kpa)
        *gap_kpa = b.kpa - a.kpa;
    return a.kpa + (time_s - a.time_s) / (b.time_s - a.time_s) * (b.kpa - a.kpa);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double press_series_period_s(const struct press_series *series)
{
    /* Steps spread over the series are enough for a median. */
    double steps[101];
    size_t n = 0, stride = series->n / 100 + 1;

    for (size_t i = 1; i < series->n && n < 101; i += stride)
        steps[n++] = series->samples[i].time_s - series->samples[i - 1].time_s;
    if (!n)
        return NAN;
    qsort(steps, n, sizeof *steps, compare_doubles);
    return steps[n / 2];
}

static size_t highest(const struct press_series *series, size_t from, size_t to)
{
    size_t best = from;

    for (size_t i = from; i < to; i++)
        if (series->samples[i].kpa > series->samples[best].kpa)
            best = i;
    return best;
}

/* First and one-past-last sample around i that stay at or above PRESS_START_KPA. */
static void rise_around(const struct press_series *series, size_t i, size_t *from, size_t *to)
{
    *from = i;
    *to = i + 1;
    while (*from > 0 && series->samples[*from - 1].kpa >= PRESS_START_KPA)
        --*from;
    while (*to < series->n && series->samples[*to].kpa >= PRESS_START_KPA)
        ++*to;
}

/* Any sample of the ramp asked for: near at_s if there is a rise, else the highest one. */
static size_t sample_of_ramp(const struct press_series *series, double at_s)
{
    if (!isnan(at_s)) {
        size_t near = first_after(series, at_s), from, to;
        near -= near > 0;
        rise_around(series, near, &from, &to);
        if (series->samples[near].kpa >= PRESS_START_KPA &&
            series->samples[highest(series, from, to)].kpa >= PRESS_RISE_KPA)
            return near;
    }
    return highest(series, 0, series->n);
}

struct press_ramp press_ramp_find(const struct press_series *series, double at_s)
{
    struct press_ramp ramp = {0, NAN, NAN, NAN, 0, NAN, 0};
    size_t from, to;

    if (!series->n)
        return ramp;
    rise_around(series, sample_of_ramp(series, at_s), &from, &to);
    size_t peak = highest(series, from, to), end = peak;
    ramp.peak_kpa = series->samples[peak].kpa;
    if (ramp.peak_kpa < PRESS_RISE_KPA)
        return ramp;
    ramp.rises = 1;
    ramp.start_s = series->samples[from].time_s;
    ramp.peak_s = series->samples[peak].time_s;
    double low = fmax(ramp.peak_kpa / 10, PRESS_START_KPA);
    while (end < series->n && series->samples[end].kpa >= low)
        end++;
    size_t lift = end < series->n ? end : series->n - 1;
    while (lift > peak && series->samples[lift].kpa < 0.9 * ramp.peak_kpa)
        lift--;
    ramp.lift_s = series->samples[lift].time_s;
    ramp.is_cut_off = end == series->n;
    ramp.end_s = series->samples[ramp.is_cut_off ? end - 1 : end].time_s;
    return ramp;
}

double press_ramp_rate(const struct press_series *series, const struct press_ramp *ramp,
                       double until_s)
{
    double top = press_series_at(series, until_s, NULL, NULL);
    size_t from = series->n, to = series->n;

    for (size_t i = 0; i < series->n; i++) {
        const struct press_sample *sample = &series->samples[i];
        if (sample->time_s < ramp->start_s || sample->kpa < top / 10)
            continue;
        if (from == series->n)
            from = i;
        if (sample->time_s > until_s || sample->kpa > top * 0.9) {
            to = i;
            break;
        }
    }
    if (from >= to || to - from < 3)
        return NAN;
    double c0, c1, cov00, cov01, cov11, sum;
    size_t stride = sizeof(struct press_sample) / sizeof(double);
    gsl_fit_linear(&series->samples[from].time_s, stride, &series->samples[from].kpa, stride,
                   to - from, &c0, &c1, &cov00, &cov01, &cov11, &sum);
    return c1;
}
