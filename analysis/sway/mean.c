/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/mean.h"

#define BLOCK 128

/* Up to a block by eight sums side by side, more by halves. */
static double sum(const double *x, size_t n)
{
    double lanes[8] = {0}, rest = 0;
    size_t i = 0;
    if (n > BLOCK) {
        size_t half = n / 2 - n / 2 % 8;
        return sum(x, half) + sum(x + half, n - half);
    }
    for (; i + 8 <= n; i += 8) /* vectorised */
        for (size_t k = 0; k < 8; k++)
            lanes[k] += x[i + k];
    for (; i < n; i++)
        rest += x[i];
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + rest;
}

double sway_mean(const double *x, size_t n)
{
    return sum(x, n) / (double)n;
}

double sway_centre(const double *x, double *to, size_t n)
{
    double mean = sway_mean(x, n);
    for (size_t i = 0; i < n; i++) /* vectorised */
        to[i] = x[i] - mean;
    return mean;
}
