/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/measuring_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

double minimal_detectable_change(double sem, double freedom)
{
    if (!(sem >= 0 && freedom > 0))
        return NAN;
    return (isinf(freedom) ? 1.96 : gsl_cdf_tdist_Pinv(0.975, freedom)) * M_SQRT2 * sem;
}

enum change_verdict judge_change(double before, double after, double sem, double freedom)
{
    double change = fabs(after - before), least = minimal_detectable_change(sem, freedom);
    if (!isfinite(change) || !isfinite(least))
        return CHANGE_UNKNOWN;
    return change > least ? CHANGE_BEYOND : CHANGE_WITHIN;
}

double common_sem(double before, double after)
{
    return sqrt((before * before + after * after) / 2);
}

void repeats_of(const double *values, size_t n, struct repeats *out)
{
    double mean = 0, squares = 0, many = (double)n;
    for (size_t i = 0; i < n; i++)
        mean += values[i] / many;
    for (size_t i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    *out = (struct repeats){n, n ? mean : NAN, NAN, NAN, NAN, NAN, NAN};
    if (n < 2 || !isfinite(squares))
        return;
    out->sd = out->sem = sqrt(squares / (many - 1));
    double wide = gsl_cdf_tdist_Pinv(0.975, many - 1) * out->sd / sqrt(many);
    out->low = mean - wide;
    out->high = mean + wide;
    out->mdc95 = minimal_detectable_change(out->sem, many - 1);
}

void within_add(struct within *within, const double *values, size_t n)
{
    struct repeats repeats;
    repeats_of(values, n, &repeats);
    if (!isfinite(repeats.sd))
        return;
    within->squares += repeats.sd * repeats.sd * (double)(n - 1);
    within->freedom += n - 1;
    within->groups++;
}

double within_sd(const struct within *within)
{
    return within->freedom ? sqrt(within->squares / (double)within->freedom) : NAN;
}

double within_mdc95(const struct within *within)
{
    return minimal_detectable_change(within_sd(within), (double)within->freedom);
}

double within_error(const struct within *within)
{
    return within_mdc95(within) / M_SQRT2;
}
