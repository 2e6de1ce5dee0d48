/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/block_length.h"

#include "analysis/sway/mean.h"

#include <math.h>

static double covariance(const double *x, size_t n, size_t lag)
{
    double sum = 0;
    for (size_t i = lag; i < n; i++)
        sum += x[i] * x[i - lag];
    return sum / (double)n;
}

/* The first lag after which `quiet` lags in a row say nothing. */
static size_t memory_of(const double *x, size_t n, double variance, size_t most)
{
    double bound = 2 * sqrt(log10((double)n) / (double)n) * variance;
    size_t quiet = (size_t)fmax(5, ceil(sqrt(log10((double)n)))), run = 0;
    for (size_t lag = 1; lag <= most; lag++) {
        run = fabs(covariance(x, n, lag)) < bound ? run + 1 : 0;
        if (run == quiet)
            return lag - quiet;
    }
    return most;
}

double block_length(double *x, size_t n)
{
    double many = (double)n, most = fmax(1, fmin(ceil(3 * sqrt(many)), floor(many / 3)));
    if (n < 16)
        return 1;
    sway_centre(x, x, n);
    double variance = covariance(x, n, 0), g = 0, all = variance;
    size_t reach = (size_t)ceil(sqrt(many)) + 5;
    size_t wide = 2 * memory_of(x, n, variance, reach < n / 2 ? reach : n / 2);
    if (!(variance > 0) || !wide)
        return 1;
    wide = wide < n - 1 ? wide : n - 1;
    for (size_t lag = 1; lag <= wide; lag++) {
        double share = (double)lag / (double)wide, window = share <= 0.5 ? 1 : 2 * (1 - share);
        double r = window * covariance(x, n, lag);
        g += 2 * (double)lag * r;
        all += 2 * r;
    }
    double block = cbrt(g * g / (all * all) * many);
    return isfinite(block) ? fmax(1, fmin(block, most)) : most;
}
