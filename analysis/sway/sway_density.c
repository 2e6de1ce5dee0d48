/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sway_density.h"

#include "analysis/sway/butterworth.h"

#include <math.h>

#define RADIUS_MM 3.0
#define SMOOTH_ORDER 4
#define SMOOTH_HZ 2.5

/* As sqrt(x^2 + y^2) > radius says it; the root is only drawn where the squares cannot tell. */
static int is_far(const double *ml, const double *ap, size_t i, size_t j)
{
    double x = ml[j] - ml[i], y = ap[j] - ap[i], square = x * x + y * y;
    if (square < RADIUS_MM * RADIUS_MM * (1 - 1e-12))
        return 0;
    return sqrt(square) > RADIUS_MM;
}

/* How many samples around i, itself left out, lie within the radius without a break. */
static size_t stay(const double *ml, const double *ap, size_t n, size_t i)
{
    size_t after = i + 1, before = i;
    while (after < n && !is_far(ml, ap, i, after))
        after++;
    while (before > 0 && !is_far(ml, ap, i, before - 1))
        before--;
    return after - 1 - before;
}

/* Somebody who never leaves 3 mm would cost n squared; the box around the path tells. */
static int is_small(const double *ml, const double *ap, size_t n)
{
    double low[2] = {ml[0], ap[0]}, high[2] = {ml[0], ap[0]};
    for (size_t i = 1; i < n; i++) {
        low[0] = fmin(low[0], ml[i]);
        high[0] = fmax(high[0], ml[i]);
        low[1] = fmin(low[1], ap[i]);
        high[1] = fmax(high[1], ap[i]);
    }
    return hypot(high[0] - low[0], high[1] - low[1]) < RADIUS_MM;
}

static void find_peaks(const double *density, size_t many, const double *ml, const double *ap,
                       struct sway_density *out)
{
    double sum = 0, way = 0;
    size_t peaks = 0, last = 0;
    for (size_t i = 1; i + 1 < many; i++) {
        if (!(density[i] > density[i - 1] && density[i] > density[i + 1]))
            continue;
        if (peaks)
            way += hypot(ml[i] - ml[last], ap[i] - ap[last]);
        sum += density[i];
        last = i;
        peaks++;
    }
    out->mean_peak_s = peaks ? sum / (double)peaks : NAN;
    out->mean_distance_peak_mm = peaks > 1 ? way / (double)(peaks - 1) : NAN;
}

void sway_density(const double *ml, const double *ap, size_t n, double rate_hz, double *scratch,
                  struct sway_density *out)
{
    struct butterworth smooth;
    size_t many = n - 1;
    double *density = scratch;
    *out = (struct sway_density){NAN, NAN};
    if (rate_hz <= 2 * SMOOTH_HZ)
        return;
    butterworth_lowpass(&smooth, SMOOTH_ORDER, SMOOTH_HZ, rate_hz);
    if (many <= butterworth_padding(&smooth))
        return;
    int small = is_small(ml, ap, n);
    for (size_t i = 0; i < many; i++)
        density[i] = (double)(small ? many : stay(ml, ap, n, i)) / rate_hz;
    butterworth_zero_phase(&smooth, density, many, scratch + n);
    find_peaks(density, many, ml, ap, out);
}
