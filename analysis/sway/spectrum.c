/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/spectrum.h"

#include "analysis/sway/mean.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>

#define TAPERS 8

const char *const spectrum_names[SPECTRUM_KINDS] = {"sine8", "periodogram", "welch10"};

/* A real transform of one length. */
struct transform {
    size_t n;
    double *in, *window;
    fftw_complex *out;
    fftw_plan plan;
};

struct spectrum_plan {
    double rate_hz, *psd;
    struct transform whole, segment; /* whole.window: a full turn of the first taper's sine */
};

static int transform_make(struct transform *t, size_t n, size_t window)
{
    t->n = n;
    t->in = calloc(n, sizeof *t->in);
    t->out = calloc(n / 2 + 1, sizeof *t->out);
    t->window = calloc(window, sizeof *t->window);
    if (!t->in || !t->out || !t->window)
        return -1;
    /* Estimated, not measured: a plan is often used for one trial, and the result is the same on
     * each run. Unaligned, as malloc's memory may be. */
    t->plan = fftw_plan_dft_r2c_1d((int)n, t->in, t->out, FFTW_ESTIMATE | FFTW_UNALIGNED);
    return t->plan ? 0 : -1;
}

static void transform_free(struct transform *t)
{
    if (t->plan)
        fftw_destroy_plan(t->plan);
    free(t->in);
    free(t->out);
    free(t->window);
}

static int make_tables(struct spectrum_plan *p, size_t n)
{
    double segment = rint(SPECTRUM_SEGMENT_S * p->rate_hz);
    size_t turn = 2 * (n + 1);
    if (transform_make(&p->whole, n, turn))
        return -1;
    for (size_t i = 0; i < turn; i++)
        p->whole.window[i] = sqrt(2.0 / (double)(n + 1)) * sin(M_PI * (double)i / (double)(n + 1));
    if (segment < 2 || segment > (double)n)
        return 0;
    if (transform_make(&p->segment, (size_t)segment, (size_t)segment))
        return -1;
    for (size_t i = 0; i < p->segment.n; i++)
        p->segment.window[i] = 0.5 - 0.5 * cos(2 * M_PI * (double)i / segment);
    return 0;
}

struct spectrum_plan *spectrum_plan_make(size_t n, double rate_hz, struct problem *why)
{
    struct spectrum_plan *plan = calloc(1, sizeof *plan);
    if (plan) {
        plan->rate_hz = rate_hz;
        plan->psd = calloc(n / 2 + 1, sizeof *plan->psd);
        if (plan->psd && !make_tables(plan, n))
            return plan;
    }
    spectrum_plan_free(plan);
    problem_no_memory(why, "the plan of a spectrum");
    return NULL;
}

void spectrum_plan_free(struct spectrum_plan *plan)
{
    if (!plan)
        return;
    transform_free(&plan->whole);
    transform_free(&plan->segment);
    free(plan->psd);
    free(plan);
}

/* Adds the power of what lies in t->in. */
static void add_power(struct transform *t, double *psd)
{
    fftw_execute(t->plan);
    for (size_t k = 0; k <= t->n / 2; k++) /* vectorised */
        psd[k] += t->out[k][0] * t->out[k][0] + t->out[k][1] * t->out[k][1];
}

/* One-sided: all but 0 Hz and the Nyquist frequency stand for their mirror too. */
static size_t scale(double *psd, size_t n, double factor)
{
    for (size_t k = 0; k <= n / 2; k++)
        psd[k] *= k == 0 || 2 * k == n ? factor : 2 * factor;
    return n / 2 + 1;
}

static size_t periodogram(struct spectrum_plan *p, const double *x)
{
    struct transform *t = &p->whole;
    double mean = sway_mean(x, t->n);
    for (size_t i = 0; i < t->n; i++) /* vectorised */
        t->in[i] = x[i] - mean;
    add_power(t, p->psd);
    return scale(p->psd, t->n, 1 / (p->rate_hz * (double)t->n));
}

static size_t sine_tapers(struct spectrum_plan *p, const double *x)
{
    struct transform *t = &p->whole;
    double mean = sway_mean(x, t->n);
    for (size_t k = 1; k <= TAPERS; k++) {
        for (size_t i = 0, at = 0; i < t->n; i++) {
            at += k;
            if (at >= 2 * (t->n + 1))
                at -= 2 * (t->n + 1);
            t->in[i] = (x[i] - mean) * t->window[at];
        }
        add_power(t, p->psd);
    }
    return scale(p->psd, t->n, 1 / (p->rate_hz * TAPERS));
}

static size_t welch(struct spectrum_plan *p, const double *x)
{
    struct transform *t = &p->segment;
    size_t segments = 0, n = p->whole.n;
    double squares = 0;
    if (!t->n)
        return 0;
    for (size_t i = 0; i < t->n; i++) /* vectorised */
        squares += t->window[i] * t->window[i];
    for (size_t from = 0; from + t->n <= n; from += t->n - t->n / 2, segments++) {
        double mean = sway_mean(x + from, t->n);
        for (size_t i = 0; i < t->n; i++) /* vectorised */
            t->in[i] = (x[from + i] - mean) * t->window[i];
        add_power(t, p->psd);
    }
    return scale(p->psd, t->n, 1 / (p->rate_hz * squares * (double)segments));
}

size_t spectrum_density(struct spectrum_plan *plan, enum spectrum_estimator kind, const double *x,
                        const double **psd, double *width_hz)
{
    const struct transform *t = kind == SPECTRUM_WELCH10 ? &plan->segment : &plan->whole;
    for (size_t k = 0; k <= plan->whole.n / 2; k++)
        plan->psd[k] = 0;
    *psd = plan->psd;
    *width_hz = t->n ? plan->rate_hz / (double)t->n : NAN;
    switch (kind) {
    case SPECTRUM_SINE8:
        return sine_tapers(plan, x);
    case SPECTRUM_PERIODOGRAM:
        return periodogram(plan, x);
    default:
        return welch(plan, x);
    }
}

/* First bin of the band at which the cumulative power reaches the share. */
static double edge_hz(const double *psd, size_t first, size_t last, double width, double aim)
{
    double sum = 0;
    for (size_t k = first; k <= last; k++)
        if ((sum += psd[k]) >= aim)
            return (double)k * width;
    return (double)last * width;
}

static void moments(const double *psd, size_t first, size_t last, double width, double m[3],
                    size_t *mode)
{
    *mode = first;
    for (size_t k = first; k <= last; k++) {
        double f = (double)k * width;
        m[0] += psd[k];
        m[1] += psd[k] * f;
        m[2] += psd[k] * f * f;
        if (psd[k] > psd[*mode])
            *mode = k;
    }
}

void spectrum_read(const double *psd, size_t bins, double width_hz, struct spectrum_band band,
                   struct spectrum_numbers *out)
{
    /* A border that is a whole number of bins belongs to the band, however it was rounded. */
    double low = ceil(fmax(0, band.low_hz) / width_hz - 1e-9);
    double high = floor(band.high_hz / width_hz + 1e-9), m[3] = {0};
    *out = (struct spectrum_numbers){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!bins || !(low <= fmin(high, (double)(bins - 1))))
        return;
    size_t first = (size_t)low, last = (size_t)fmin(high, (double)(bins - 1)), mode;
    moments(psd, first, last, width_hz, m, &mode);
    out->power_mm2 = m[0] * width_hz;
    if (!(m[0] > 0))
        return;
    out->f50_hz = edge_hz(psd, first, last, width_hz, m[0] * 0.5);
    out->f80_hz = edge_hz(psd, first, last, width_hz, m[0] * 0.8);
    out->f95_hz = edge_hz(psd, first, last, width_hz, m[0] * 0.95);
    out->mean_hz = m[1] / m[0];
    out->centroidal_hz = sqrt(m[2] / m[0]);
    out->dispersion = m[2] > 0 ? sqrt(fmax(0, 1 - m[1] * m[1] / (m[0] * m[2]))) : NAN;
    out->mode_hz = (double)mode * width_hz;
}
