/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/cop_series.h"

#include <math.h>
#include <stdlib.h>

#define REGULAR_SHARE 0.1 /* of a sample: times further off are irregular */

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

void cop_series_free(struct cop_series *series)
{
    free(series->time_s);
    free(series->ml_mm);
    free(series->ap_mm);
    *series = (struct cop_series){0};
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
    double rate = (double)(series->n - 1) / series->time_s[series->n - 1], whole = round(rate);
    /* Both ends of a difference of two written times may be half a step off. */
    if (whole >= 1 && worst_distance_s(series, whole) <= time_step_s * 1.001)
        series->rate_hz = whole;
    else if (worst_distance_s(series, rate) <= REGULAR_SHARE / rate)
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
            !isfinite(series->ap_mm[i]))
            return problem(why, PROBLEM_REFUSED, "sample %zu is not a number; leave it out", i + 1);
        if (i && series->time_s[i] <= series->time_s[i - 1])
            return problem(why, PROBLEM_REFUSED,
                           "time does not grow at sample %zu (%.6f s after %.6f s)", i + 1,
                           series->time_s[i], series->time_s[i - 1]);
    }
    return 0;
}
