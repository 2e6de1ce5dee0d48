/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/mean_error.h"

#include "analysis/sway/block_length.h"

#include <math.h>

#define LEAST 16

double mean_error(double *x, size_t n)
{
    if (n < LEAST)
        return NAN;
    double block = fmin(2 * block_length(x, n), (double)n / 2), sum = 0;
    for (size_t lag = 0; (double)lag < block; lag++) {
        double r = 0;
        for (size_t i = lag; i < n; i++)
            r += x[i] * x[i - lag];
        sum += (lag ? 2 * (1 - (double)lag / block) : 1) * r / (double)n;
    }
    return sqrt(fmax(0, sum) / ((double)n - block)); /* the mean taken off hides b of n */
}
