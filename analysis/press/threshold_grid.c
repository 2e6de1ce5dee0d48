/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/threshold_grid.h"

#include <math.h>
#include <string.h>

#define BLUR_REACH 40

double grid_at(double origin, double index)
{
    return origin + index * GRID_STEP;
}

void grid_times_answer(double *density, double origin, double at, double sd, double lapse)
{
    double scale = (1 - lapse) / (sd * sqrt(2 * M_PI)), floor = lapse / (GRID_N * GRID_STEP);

    for (int i = 0; i < GRID_N; i++) {
        double z = (at - grid_at(origin, i)) / sd;
        density[i] *= floor + (fabs(z) < 8 ? scale * exp(-z * z / 2) : 0);
    }
}

void grid_times_silence(double *density, double origin, double at, double sd, double lapse)
{
    for (int i = 0; i < GRID_N; i++) {
        double z = (grid_at(origin, i) - at) / sd;
        density[i] *= lapse + (1 - lapse) * (z < -8 ? 0 : z > 8 ? 1 : erfc(-z * M_SQRT1_2) / 2);
    }
}

void grid_normal(double *density, double origin, double mean, double sd)
{
    for (int i = 0; i < GRID_N; i++) {
        double z = (grid_at(origin, i) - mean) / sd;
        density[i] = exp(-z * z / 2) / (sd * sqrt(2 * M_PI));
    }
}

/* Beyond the ends the last value holds: a bound has no end upwards. */
static double value_at(const double *from, int i)
{
    return from[i < 0 ? 0 : i >= GRID_N ? GRID_N - 1 : i];
}

/* All places by one distance at a time: the compiler then takes several at once, and half of a
 * fit's time is spent here. */
void grid_blur(const double *from, double *to, double sd)
{
    double around[GRID_N + 2 * BLUR_REACH], total[GRID_N], sum = 1;
    int reach = (int)fmin(BLUR_REACH, ceil(4 * sd / GRID_STEP));

    for (int i = 0; i < GRID_N + 2 * BLUR_REACH; i++)
        around[i] = value_at(from, i - BLUR_REACH);
    for (int i = 0; i < GRID_N; i++)
        total[i] = from[i];
    for (int k = 1; k <= reach; k++) {
        double z = k * GRID_STEP / fmax(sd, GRID_STEP / 4), weight = exp(-z * z / 2);
        const double *before = around + BLUR_REACH - k, *after = around + BLUR_REACH + k;
        for (int i = 0; i < GRID_N; i++)
            total[i] += weight * (before[i] + after[i]);
        sum += 2 * weight;
    }
    for (int i = 0; i < GRID_N; i++)
        to[i] = total[i] / sum;
}

void grid_lowered(const double *from, double *to, double low, double high)
{
    int first = (int)lround(low / GRID_STEP), last = (int)lround(high / GRID_STEP);
    double total = 0;

    for (int k = first; k <= last; k++)
        total += value_at(from, -k);
    for (int i = 0; i < GRID_N; i++) {
        to[i] = fmax(0, total / (last - first + 1));
        total += value_at(from, i + 1 - first) - value_at(from, i - last);
    }
}

double grid_sum(const double *density)
{
    double sum = 0;

    for (int i = 0; i < GRID_N; i++)
        sum += density[i];
    return sum * GRID_STEP;
}

double grid_normalise(double *density)
{
    double sum = grid_sum(density);

    if (sum > 0)
        for (int i = 0; i < GRID_N; i++)
            density[i] /= sum;
    return sum;
}

double grid_mean(const double *density, double origin)
{
    double sum = 0;

    for (int i = 0; i < GRID_N; i++)
        sum += density[i] * i;
    return grid_at(origin, sum * GRID_STEP);
}

double grid_variance(const double *density, double origin)
{
    double mean = grid_mean(density, origin), sum = 0;

    for (int i = 0; i < GRID_N; i++) {
        double off = grid_at(origin, i) - mean;
        sum += density[i] * off * off;
    }
    return sum * GRID_STEP;
}

double grid_quantile(const double *density, double origin, double share)
{
    double sum = 0;

    for (int i = 0; i < GRID_N; i++) {
        double part = density[i] * GRID_STEP;
        if (sum + part >= share && part > 0)
            return grid_at(origin, i - 0.5 + (share - sum) / part);
        sum += part;
    }
    return grid_at(origin, GRID_N - 0.5);
}

double grid_peak(const double *density, double origin)
{
    int best = 0;

    for (int i = 1; i < GRID_N; i++)
        if (density[i] > density[best])
            best = i;
    if (best == 0 || best == GRID_N - 1)
        return grid_at(origin, best);
    double a = density[best - 1], b = density[best], c = density[best + 1];
    double bend = a - 2 * b + c;
    return grid_at(origin, best + (bend < 0 ? (a - c) / (2 * bend) : 0));
}
