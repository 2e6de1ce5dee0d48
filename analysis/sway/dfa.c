/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/dfa.h"

#include "analysis/sway/line_fit.h"

#include <math.h>

#define SHORTEST 8
#define STEPS 18
#define LEAST 36 /* windows of 8 and 9 */

/* Sum of squared residuals of y about its line. */
static double residual(const double *y, size_t n)
{
    double mean = 0, middle = (double)(n - 1) / 2, xx = 0, xy = 0, left = 0;
    for (size_t i = 0; i < n; i++)
        mean += y[i];
    mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        double x = (double)i - middle;
        xx += x * x;
        xy += x * y[i];
    }
    for (size_t i = 0; i < n; i++) {
        double off = y[i] - mean - xy / xx * ((double)i - middle);
        left += off * off;
    }
    return left;
}

static double fluctuation(const double *sum, size_t n, size_t window)
{
    size_t windows = n / window;
    double left = 0;
    for (size_t i = 0; i < windows; i++)
        left += residual(sum + i * window, window);
    return sqrt(left / (double)(windows * window));
}

double dfa_alpha(const double *x, size_t n, double *scratch)
{
    struct line_sums sums = {0};
    double sum = 0, low = log10(SHORTEST), high = log10((double)(n / 4));
    size_t before = 0;
    if (n < LEAST)
        return NAN;
    for (size_t i = 0; i < n; i++)
        scratch[i] = sum += x[i];
    for (int k = 0; k < STEPS; k++) {
        size_t window = (size_t)rint(pow(10, low + (high - low) * k / (STEPS - 1)));
        if (window == before || window > n)
            continue;
        before = window;
        double f = fluctuation(scratch, n, window);
        if (!(f > 0))
            return NAN;
        line_sums_add(&sums, log((double)window), log(f), 1);
    }
    return line_fit(&sums).slope;
}
