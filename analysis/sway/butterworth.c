/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/butterworth.h"

#include <math.h>
#include <string.h>

/* p *= c[0] + c[1] z + c[2] z^2, p of `degree` before; highest index is the highest power. */
static void multiply(double *p, int degree, const double c[3])
{
    for (int k = degree + 2; k >= 0; k--) {
        double sum = 0;
        for (int j = 0; j <= 2; j++)
            if (k - j >= 0 && k - j <= degree)
                sum += c[j] * p[k - j];
        p[k] = sum;
    }
}

/* Pole pairs of the analogue prototype at angle theta from the imaginary axis; with w the warped
 * cut, s^2 + 2 w sin(theta) s + w^2 at s = (1 - z)/(1 + z), z the delay, and divided by z^0. */
static void denominator(double *a, int order, double w)
{
    int degree = 0;
    memset(a, 0, (BUTTERWORTH_MOST_ORDER + 1) * sizeof *a);
    a[0] = 1;
    for (int pair = 0; pair < order / 2; pair++, degree += 2) {
        double damp = 2 * w * sin(M_PI * (2 * pair + 1) / (2.0 * order));
        double head = 1 + damp + w * w;
        double c[3] = {1, 2 * (w * w - 1) / head, (1 - damp + w * w) / head};
        double larger[BUTTERWORTH_MOST_ORDER + 3] = {0};
        memcpy(larger, a, (size_t)(degree + 1) * sizeof *a);
        multiply(larger, degree, c);
        memcpy(a, larger, (size_t)(degree + 3) * sizeof *a);
    }
    if (order % 2)
        for (int k = order; k >= 1; k--)
            a[k] += a[k - 1] * (w - 1) / (w + 1);
}

/* (1 + z)^order, scaled to gain 1 at 0 Hz. */
static void numerator(double *b, const double *a, int order)
{
    double binomial = 1, gain = 0;
    for (int k = 0; k <= order; k++)
        gain += a[k];
    gain /= pow(2, order);
    for (int k = 0; k <= order; k++) {
        b[k] = binomial * gain;
        binomial *= (double)(order - k) / (k + 1);
    }
}

static void steady_state(struct butterworth *f)
{
    double a_sum = 1, c_sum = 0;
    double all_a = 0, all_b = 0;
    for (int k = 0; k <= f->order; k++)
        all_a += f->a[k];
    for (int k = 1; k <= f->order; k++)
        all_b += f->b[k] - f->a[k] * f->b[0];
    f->steady[0] = all_b / all_a;
    for (int k = 1; k < f->order; k++) {
        a_sum += f->a[k];
        c_sum += f->b[k] - f->a[k] * f->b[0];
        f->steady[k] = a_sum * f->steady[0] - c_sum;
    }
}

void butterworth_lowpass(struct butterworth *filter, int order, double cut_hz, double rate_hz)
{
    *filter = (struct butterworth){.order = order};
    denominator(filter->a, order, tan(M_PI * cut_hz / rate_hz));
    numerator(filter->b, filter->a, order);
    steady_state(filter);
}

size_t butterworth_padding(const struct butterworth *filter)
{
    return 3 * (size_t)(filter->order + 1);
}

/* One pass in place, transposed direct form II; step -1 runs from the end. */
static void pass(const struct butterworth *f, double *x, size_t n, int backward)
{
    double state[BUTTERWORTH_MOST_ORDER + 1] = {0};
    double first = backward ? x[n - 1] : x[0];
    for (int k = 0; k < f->order; k++)
        state[k] = f->steady[k] * first;
    for (size_t i = 0; i < n; i++) {
        double *at = backward ? &x[n - 1 - i] : &x[i];
        double in = *at, out = f->b[0] * in + state[0];
        for (int k = 0; k < f->order; k++)
            state[k] = state[k + 1] + f->b[k + 1] * in - f->a[k + 1] * out;
        *at = out;
    }
}

void butterworth_zero_phase(const struct butterworth *filter, double *x, size_t n, double *scratch)
{
    size_t pad = butterworth_padding(filter);
    for (size_t i = 0; i < pad; i++) {
        scratch[i] = 2 * x[0] - x[pad - i];
        scratch[pad + n + i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    memcpy(scratch + pad, x, n * sizeof *x);
    pass(filter, scratch, n + 2 * pad, 0);
    pass(filter, scratch, n + 2 * pad, 1);
    memcpy(x, scratch + pad, n * sizeof *x);
}
