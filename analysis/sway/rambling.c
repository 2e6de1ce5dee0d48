/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/rambling.h"

#include <math.h>

/* The spline: knots (time in samples, place), and the second derivatives there. */
struct spline {
    double *t, *y, *bend;
    size_t n;
};

static void add_knot(struct spline *s, double t, double y)
{
    s->t[s->n] = t;
    s->y[s->n++] = y;
}

/* A force of exactly 0 is one instant, however many samples it lasts. */
static void find_instants(const double *x, const double *force, size_t n, struct spline *s)
{
    for (size_t i = 1; i < n; i++) {
        double before = force[i - 1], now = force[i];
        if (now == 0 && before != 0) {
            add_knot(s, (double)i, x[i]);
        } else if (before * now < 0) {
            double share = before / (before - now);
            add_knot(s, (double)(i - 1) + share, x[i - 1] + share * (x[i] - x[i - 1]));
        }
    }
}

/* Natural spline: h0 b0 + 2 (h0 + h1) b1 + h1 b2 = 6 (slope1 - slope0), no bend at the ends; solved
 * by elimination (Thomas), `work` holds n. */
static void bend(struct spline *s, double *work)
{
    size_t n = s->n;
    s->bend[0] = s->bend[n - 1] = work[0] = 0;
    for (size_t i = 1; i + 1 < n; i++) {
        double h0 = s->t[i] - s->t[i - 1], h1 = s->t[i + 1] - s->t[i];
        double right = 6 * ((s->y[i + 1] - s->y[i]) / h1 - (s->y[i] - s->y[i - 1]) / h0);
        double pivot = 2 * (h0 + h1) - h0 * work[i - 1];
        work[i] = h1 / pivot;
        s->bend[i] = (right - h0 * s->bend[i - 1]) / pivot;
    }
    for (size_t i = n - 1; i-- > 1;)
        s->bend[i] -= work[i] * s->bend[i + 1];
}

/* Within knots k and k + 1. */
static double value(const struct spline *s, size_t k, double t)
{
    double h = s->t[k + 1] - s->t[k], a = (s->t[k + 1] - t) / h, b = 1 - a;
    return a * s->y[k] + b * s->y[k + 1] +
           ((a * a * a - a) * s->bend[k] + (b * b * b - b) * s->bend[k + 1]) * h * h / 6;
}

static struct rambling_part measure(const double *x, size_t n, double mean, double rate_hz)
{
    struct rambling_part part = {0};
    double low = x[0], high = x[0], squares = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    for (size_t i = 1; i < n; i++)
        part.path_mm += fabs(x[i] - x[i - 1]);
    part.rms_distance_mm = sqrt(squares / (double)n);
    part.range_mm = high - low;
    part.mean_velocity_mm_s = part.path_mm * rate_hz / (double)n;
    return part;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

void rambling_of(const double *x, const double *force, size_t n, double rate_hz, double *scratch,
                 struct rambling *out)
{
    const struct rambling_part none = {NAN, NAN, NAN, NAN};
    struct spline s = {.t = scratch, .y = scratch + n, .bend = scratch + 2 * n};
    double *slow = scratch + 4 * n, *quick = scratch + 5 * n;
    size_t m = 0, k = 0;
    find_instants(x, force, n, &s);
    *out = (struct rambling){(long)s.n, NAN, NAN, none, none};
    if (s.n < RAMBLING_LEAST)
        return;
    bend(&s, scratch + 3 * n);
    out->from_s = s.t[0] / rate_hz;
    out->to_s = s.t[s.n - 1] / rate_hz;
    for (size_t i = (size_t)ceil(s.t[0]); i <= (size_t)floor(s.t[s.n - 1]); i++, m++) {
        while (k + 2 < s.n && s.t[k + 1] < (double)i)
            k++;
        slow[m] = value(&s, k, (double)i);
        quick[m] = x[i] - slow[m];
    }
    if (m < 2)
        return;
    out->rambling = measure(slow, m, mean_of(slow, m), rate_hz);
    out->trembling = measure(quick, m, 0, rate_hz);
}
