/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_stats.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

double fit_median(double *values, size_t n)
{
    return n ? gsl_stats_median(values, 1, n) : NAN;
}

double fit_spread(double *values, size_t n, double middle)
{
    for (size_t i = 0; i < n; i++)
        values[i] = fabs(values[i] - middle);
    return 1.4826 * fit_median(values, n);
}
