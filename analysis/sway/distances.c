/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/distances.h"

#include <math.h>

/* What both kinds share; `per_distance` is the length of a round trip at mean distance 1. */
static void finish(struct sway_distances *out, size_t n, double rate_hz, double per_distance)
{
    out->mean_distance_mm /= (double)n;
    out->rms_distance_mm = sqrt(out->rms_distance_mm / (double)n);
    out->mean_velocity_mm_s = out->path_mm * rate_hz / (double)n;
    out->mean_frequency_hz = out->mean_distance_mm > 0
                                 ? out->mean_velocity_mm_s / (per_distance * out->mean_distance_mm)
                                 : NAN;
}

static long sign_changes(const double *x, size_t n)
{
    long changes = 0;
    for (size_t i = 1; i < n; i++)
        changes += (x[i] < 0) != (x[i - 1] < 0);
    return changes;
}

void sway_distances_axis(const double *x, size_t n, double rate_hz, struct sway_distances *out)
{
    double low = x[0], high = x[0];
    *out = (struct sway_distances){0};
    for (size_t i = 0; i < n; i++) {
        out->mean_distance_mm += fabs(x[i]);
        out->rms_distance_mm += x[i] * x[i];
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    for (size_t i = 1; i < n; i++)
        out->path_mm += fabs(x[i] - x[i - 1]);
    out->range_mm = high - low;
    out->max_distance_mm = fmax(high, -low);
    out->zero_crossings = sign_changes(x, n);
    finish(out, n, rate_hz, 4 * M_SQRT2);
}

void sway_distances_resultant(const double *ml, const double *ap, const double *rd, size_t n,
                              double rate_hz, double range_mm, struct sway_distances *out)
{
    *out = (struct sway_distances){.range_mm = range_mm};
    for (size_t i = 0; i < n; i++) {
        out->mean_distance_mm += rd[i];
        out->rms_distance_mm += rd[i] * rd[i];
        out->max_distance_mm = fmax(out->max_distance_mm, rd[i]);
    }
    for (size_t i = 1; i < n; i++) {
        double x = ml[i] - ml[i - 1], y = ap[i] - ap[i - 1];
        out->path_mm += sqrt(x * x + y * y);
    }
    finish(out, n, rate_hz, 2 * M_PI);
}
