/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/cop_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REGULAR_SHARE 0.1 /* of a sample: times further off are irregular */
#define RATE_PARTS 16     /* 31.25 Hz is told in quarters of a hertz */

int cop_series_make(struct cop_series *series, size_t n, struct problem *why)
{
    *series = (struct cop_series){.n = n};
    series->time_s = calloc(n + 1, sizeof(double));
    series->ml_mm = calloc(n + 1, sizeof(double));
    series->ap_mm = calloc(n + 1, sizeof(double));
    if (series->time_s && series->ml_mm && series->ap_mm)
        return 0;
    cop_series_free(series);
    return problem_no_memory(why, "a path of the centre of pressure");
}

int cop_series_make_forces(struct cop_series *series, struct problem *why)
{
    series->force_ml_n = calloc(series->n + 1, sizeof(double));
    series->force_ap_n = calloc(series->n + 1, sizeof(double));
    if (series->force_ml_n && series->force_ap_n)
        return 0;
    return problem_no_memory(why, "the horizontal forces of a platform");
}

void cop_series_free(struct cop_series *series)
{
    free(series->force_ml_n);
    free(series->force_ap_n);
    free(series->time_s);
    free(series->ml_mm);
    free(series->ap_mm);
    *series = (struct cop_series){0};
}

int cop_series_part(const struct cop_series *series, size_t first, size_t n, struct cop_series *out,
                    struct problem *why)
{
    if (cop_series_make(out, n, why))
        return -1;
    if (series->force_ml_n && cop_series_make_forces(out, why)) {
        cop_series_free(out);
        return -1;
    }
    out->rate_hz = series->rate_hz;
    for (size_t i = 0; i < n; i++)
        out->time_s[i] = series->time_s[first + i] - series->time_s[first];
    memcpy(out->ml_mm, series->ml_mm + first, n * sizeof(double));
    memcpy(out->ap_mm, series->ap_mm + first, n * sizeof(double));
    if (out->force_ml_n) {
        memcpy(out->force_ml_n, series->force_ml_n + first, n * sizeof(double));
        memcpy(out->force_ap_n, series->force_ap_n + first, n * sizeof(double));
    }
    return 0;
}

static double worst_distance_s(const struct cop_series *series, double rate_hz)
{
    double worst = 0;
    for (size_t i = 0; i < series->n; i++)
        worst = fmax(worst, fabs(series->time_s[i] - (double)i / rate_hz));
    return worst;
}

void cop_series_find_rate(struct cop_series *series, double time_step_s)
{
    double first = series->n ? series->time_s[0] : 0;
    for (size_t i = 0; i < series->n; i++)
        series->time_s[i] -= first;
    series->rate_hz = 0;
    if (series->n < 2 || !(series->time_s[series->n - 1] > 0))
        return;
    double rate = (double)(series->n - 1) / series->time_s[series->n - 1];
    /* Both ends of a difference of two written times may be half a step off. */
    for (int parts = 1; parts <= RATE_PARTS; parts++) {
        double simple = round(rate * parts) / parts;
        if (simple > 0 && worst_distance_s(series, simple) <= time_step_s * 1.001) {
            series->rate_hz = simple;
            return;
        }
    }
    if (worst_distance_s(series, rate) <= REGULAR_SHARE / rate)
        series->rate_hz = rate;
}

int cop_series_check(const struct cop_series *series, struct problem *why)
{
    if (series->n < COP_SERIES_LEAST)
        return problem(why, PROBLEM_REFUSED,
                       "%zu samples of the centre of pressure are too few: sway needs at least %d",
                       series->n, COP_SERIES_LEAST);
    if (series->n > COP_SERIES_MOST)
        return problem(why, PROBLEM_REFUSED,
                       "%zu samples are more than the %zu that one trial may have; cut it in parts",
                       series->n, COP_SERIES_MOST);
    if (series->time_s[0] != 0)
        return problem(why, PROBLEM_REFUSED, "times must be counted from the first sample");
    for (size_t i = 0; i < series->n; i++) {
        if (!isfinite(series->time_s[i]) || !isfinite(series->ml_mm[i]) ||
            !isfinite(series->ap_mm[i]) ||
            (series->force_ml_n && !isfinite(series->force_ml_n[i] + series->force_ap_n[i])))
            return problem(why, PROBLEM_REFUSED, "sample %zu is not a number; leave it out", i + 1);
        if (i && series->time_s[i] <= series->time_s[i - 1])
            return problem(why, PROBLEM_REFUSED,
                           "time does not grow at sample %zu (%.6f s after %.6f s)", i + 1,
                           series->time_s[i], series->time_s[i - 1]);
    }
    return 0;
}
