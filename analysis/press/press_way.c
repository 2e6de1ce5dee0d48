/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/press_way.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#define SAME_TIP 0.01
#define SAME_RAMP 0.35
#define Z95 1.96

static int is_of_test(const struct press *press)
{
    return !press->is_catch && !press->doubtful && press->session == 0 && !press->is_tap &&
           isfinite(press->ramp_kpa_s);
}

int press_way_of(const struct result *result, struct press_way *way, struct problem *why)
{
    double *tips = malloc((size_t)(2 * result->n_presses + 1) * sizeof *tips);
    double *ramps = tips ? tips + result->n_presses : NULL;

    *way = (struct press_way){0, 0, NAN, NAN};
    if (!tips)
        return problem_no_memory(why, "a comparison of press tests");
    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (!is_of_test(press))
            continue;
        if (!way->n)
            way->tool_kind = press->tool_kind;
        tips[way->n] = press->tip_cm2;
        ramps[way->n++] = press->ramp_kpa_s;
    }
    if (way->n) {
        way->tip_cm2 = gsl_stats_median(tips, 1, (size_t)way->n);
        way->ramp_kpa_s = gsl_stats_median(ramps, 1, (size_t)way->n);
    }
    free(tips);
    return 0;
}

int press_ways_are_alike(const struct press_way *a, const struct press_way *b)
{
    return fabs(a->tip_cm2 - b->tip_cm2) <= SAME_TIP * a->tip_cm2 &&
           fabs(a->ramp_kpa_s - b->ramp_kpa_s) <= SAME_RAMP * fmax(a->ramp_kpa_s, b->ramp_kpa_s);
}

/* SD of ln threshold by its 95 % interval; NAN without one. */
static double log_sd(const struct told_threshold *threshold)
{
    if (threshold->is_bound || !(threshold->low_kpa > 0) || !(threshold->high_kpa > 0))
        return NAN;
    return log(threshold->high_kpa / threshold->low_kpa) / (2 * Z95);
}

struct threshold_change threshold_change_of(const struct told_threshold *before,
                                            const struct told_threshold *after)
{
    struct threshold_change change = {NAN, NAN, NAN, before->is_bound || after->is_bound, 0};
    double sd = hypot(log_sd(before), log_sd(after));

    if (before->is_bound && after->is_bound)
        return change;
    change.ratio = after->kpa / before->kpa;
    if (!(sd > 0))
        return change;
    change.ratio_low = change.ratio * exp(-Z95 * sd);
    change.ratio_high = change.ratio * exp(Z95 * sd);
    change.is_beyond_error = change.ratio_low > 1 || change.ratio_high < 1;
    return change;
}
