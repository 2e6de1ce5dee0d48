/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/velocity.h"

#include <math.h>

/* Slope at `at` (-2 ... 2, from the middle) of the cubic fitted to five samples; by the orthogonal
 * polynomials z, z^2 - 2 and (5 z^3 - 17 z) / 6. */
static double slope(const double *y, double at)
{
    double first = (-2 * y[0] - y[1] + y[3] + 2 * y[4]) / 10;
    double second = (2 * y[0] - y[1] - 2 * y[2] - y[3] + 2 * y[4]) / 14;
    double third = (-y[0] + 2 * y[1] - 2 * y[3] + y[4]) / 10;
    return first + second * 2 * at + third * (15 * at * at - 17) / 6;
}

void velocity_of(const double *x, size_t n, double rate_hz, double *speed_mm_s)
{
    for (size_t i = 2; i + 2 < n; i++) /* vectorised */
        speed_mm_s[i] = (x[i - 2] - x[i + 2] + 8 * (x[i + 1] - x[i - 1])) / 12 * rate_hz;
    for (int k = 0; k < 2; k++) {
        speed_mm_s[k] = slope(x, k - 2) * rate_hz;
        speed_mm_s[n - 2 + (size_t)k] = slope(x + n - 5, k + 1) * rate_hz;
    }
}

void velocity_peaks(const double *speed_mm_s, size_t n, struct velocity_peaks *out)
{
    double peak = 0, sums[2] = {0}; /* of negative and positive lobes */
    long lobes[2] = {0};
    int side = 0;
    *out = (struct velocity_peaks){0};
    for (size_t i = 0; i < n; i++) {
        double v = speed_mm_s[i];
        int now = (v > 0) - (v < 0);
        if (now && side && now != side) {
            /* The lobe before the first crossing, and that after the last, are cut off. */
            if (out->zero_crossings++) {
                sums[side > 0] += fabs(peak);
                lobes[side > 0]++;
            }
            peak = 0;
        }
        side = now ? now : side;
        if (fabs(v) > fabs(peak))
            peak = v;
    }
    out->peak_negative_mm_s = lobes[0] ? sums[0] / (double)lobes[0] : NAN;
    out->peak_positive_mm_s = lobes[1] ? sums[1] / (double)lobes[1] : NAN;
    out->peak_all_mm_s =
        lobes[0] + lobes[1] ? (sums[0] + sums[1]) / (double)(lobes[0] + lobes[1]) : NAN;
}

double phase_plane(const double *x, const double *speed_mm_s, size_t n)
{
    double squares = 0, mean = 0, variance = 0;
    for (size_t i = 0; i < n; i++) { /* vectorised */
        squares += x[i] * x[i];
        mean += speed_mm_s[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) /* vectorised */
        variance += (speed_mm_s[i] - mean) * (speed_mm_s[i] - mean);
    return sqrt((squares + variance) / (double)n);
}
