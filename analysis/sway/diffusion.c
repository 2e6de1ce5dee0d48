/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/diffusion.h"

#include "analysis/sway/line_fit.h"

#include <math.h>

#define LONGEST_S 10
#define BREAK_FROM_S 0.3
#define BREAK_TO_S 2.5

static size_t third_of(size_t n)
{
    return (size_t)((double)n * (1.0 / 3));
}

static size_t ten_seconds(size_t n, double rate_hz)
{
    double lags = round(LONGEST_S * rate_hz);
    return lags < (double)(n - 1) ? (size_t)lags : n - 1;
}

size_t diffusion_lags(size_t n, double rate_hz)
{
    size_t linear = ten_seconds(n, rate_hz), loglog = third_of(n);
    return linear > loglog ? linear : loglog;
}

/* The lag after which the short line ends: least squares of both lines together. */
static size_t find_break(const double *msd, size_t lags, double rate_hz, struct line best[2])
{
    size_t from = (size_t)ceil(BREAK_FROM_S * rate_hz - 1e-9);
    size_t to = (size_t)floor(BREAK_TO_S * rate_hz + 1e-9), at = 0;
    struct line_sums before = {0}, after = {0};
    double least = INFINITY;
    for (size_t k = 1; k <= lags; k++)
        line_sums_add(&after, (double)k / rate_hz, msd[k], 1);
    for (size_t k = 1; k <= to && k + 2 <= lags; k++) {
        line_sums_add(&before, (double)k / rate_hz, msd[k], 1);
        line_sums_add(&after, (double)k / rate_hz, msd[k], -1);
        if (k < from || k < 2)
            continue;
        struct line one = line_fit(&before), two = line_fit(&after);
        if (one.residual + two.residual < least) {
            least = one.residual + two.residual;
            at = k;
            best[0] = one;
            best[1] = two;
        }
    }
    return at;
}

/* Half the slope of ln MSD on ln lag; NaN where something did not move at all. */
static double scaling(const double *msd, size_t from, size_t to, double rate_hz)
{
    struct line_sums sums = {0};
    for (size_t k = from; k <= to; k++)
        line_sums_add(&sums, log((double)k / rate_hz), log(msd[k]), 1);
    double slope = line_fit(&sums).slope;
    return isfinite(slope) ? slope / 2 : NAN;
}

void diffusion_linear(const double *msd, size_t n, double rate_hz, struct diffusion_linear *out)
{
    struct line fit[2] = {{NAN, NAN, NAN}, {NAN, NAN, NAN}};
    size_t lags = ten_seconds(n, rate_hz), at = 0;
    *out = (struct diffusion_linear){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if ((double)lags >= round(LONGEST_S * rate_hz) && msd[1] > 0)
        at = find_break(msd, lags, rate_hz, fit);
    if (!at)
        return;
    double cross = (fit[1].intercept - fit[0].intercept) / (fit[0].slope - fit[1].slope);
    *out = (struct diffusion_linear){
        .short_mm2_s = fit[0].slope / 2,
        .long_mm2_s = fit[1].slope / 2,
        .short_h = scaling(msd, 1, at, rate_hz),
        .long_h = scaling(msd, at + 1, lags, rate_hz),
        .critical_time_s = cross,
        .critical_mm2 = fit[0].intercept + fit[0].slope * cross,
        .break_s = (double)at / rate_hz,
    };
}

/* Of the lines through points 0 ... i - 1 (or, from the end, i - 1 ... n - 1), i from `from` to
 * `to`, the one of least RMS residual; among equals the last. */
static struct line best_line(const double *x, const double *y, size_t n, size_t from, size_t to,
                             int from_end)
{
    struct line_sums sums = {0};
    struct line best = {NAN, NAN, INFINITY};
    size_t steps = from_end ? n : to;
    for (size_t step = 0; step < steps; step++) {
        size_t at = from_end ? n - 1 - step : step, i = at + 1;
        line_sums_add(&sums, x[at], y[at], 1);
        if (i < from || i > to)
            continue;
        struct line line = line_fit(&sums);
        line.residual /= sums.n;
        if (from_end ? line.residual < best.residual : line.residual <= best.residual)
            best = line;
    }
    return best;
}

void diffusion_loglog(const double *msd, size_t n, double rate_hz, double *scratch,
                      struct diffusion_loglog *out)
{
    size_t lags = third_of(n);
    size_t from = (size_t)(BREAK_FROM_S * rate_hz) + 1, to = (size_t)(BREAK_TO_S * rate_hz);
    double *x = scratch, *y = scratch + lags;
    *out = (struct diffusion_loglog){NAN, NAN, NAN, NAN, NAN, NAN};
    if (to + 2 > lags || from > to)
        return;
    for (size_t k = 1; k <= lags; k++) {
        if (!(msd[k] > 0))
            return;
        x[k - 1] = log((double)k / rate_hz);
        y[k - 1] = log(msd[k]);
    }
    struct line near = best_line(x, y, lags, from, to, 0), far = best_line(x, y, lags, from, to, 1);
    double cross = (far.intercept - near.intercept) / (near.slope - far.slope);
    cross = fmin(cross, x[lags - 1]);
    *out = (struct diffusion_loglog){
        .short_time_diffusion_mm2 = exp(near.intercept),
        .long_time_diffusion_mm2 = exp(far.intercept),
        .short_time_scaling = near.slope / 2,
        .long_time_scaling = far.slope / 2,
        .critical_time_s = exp(cross),
        .critical_displacement_mm2 = exp(near.intercept + near.slope * cross),
    };
}
