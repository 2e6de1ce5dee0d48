/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/displacement.h"

#include <fftw3.h>
#include <stdlib.h>
#include <string.h>

/* Below this share of the sum it is taken from, a difference has lost too many digits. */
#define CANCELLED 1e-4

struct displacement_plan {
    size_t n, lags, length;
    double *real;
    fftw_complex *bins;
    fftw_plan forward, backward;
};

static size_t next_power(size_t least)
{
    size_t length = 16;
    while (length < least)
        length *= 2;
    /* Three quarters of it where that suffices. */
    return length / 4 * 3 >= least ? length / 4 * 3 : length;
}

struct displacement_plan *displacement_plan_make(size_t n, size_t lags, struct problem *why)
{
    struct displacement_plan *p = calloc(1, sizeof *p);
    if (p) {
        *p = (struct displacement_plan){.n = n, .lags = lags, .length = next_power(n + lags + 1)};
        p->real = calloc(p->length, sizeof *p->real);
        p->bins = calloc(p->length / 2 + 1, sizeof *p->bins);
        if (p->real && p->bins) {
            unsigned flags = FFTW_ESTIMATE | FFTW_UNALIGNED;
            p->forward = fftw_plan_dft_r2c_1d((int)p->length, p->real, p->bins, flags);
            p->backward = fftw_plan_dft_c2r_1d((int)p->length, p->bins, p->real, flags);
        }
        if (p->forward && p->backward)
            return p;
    }
    displacement_plan_free(p);
    problem_no_memory(why, "the plan of a diffusion analysis");
    return NULL;
}

void displacement_plan_free(struct displacement_plan *plan)
{
    if (!plan)
        return;
    if (plan->forward)
        fftw_destroy_plan(plan->forward);
    if (plan->backward)
        fftw_destroy_plan(plan->backward);
    free(plan->real);
    free(plan->bins);
    free(plan);
}

/* plan->real becomes length x the autocorrelation. */
static void correlate(struct displacement_plan *p, const double *x)
{
    memcpy(p->real, x, p->n * sizeof *x);
    memset(p->real + p->n, 0, (p->length - p->n) * sizeof *p->real);
    fftw_execute(p->forward);
    for (size_t k = 0; k <= p->length / 2; k++) { /* vectorised */
        p->bins[k][0] = p->bins[k][0] * p->bins[k][0] + p->bins[k][1] * p->bins[k][1];
        p->bins[k][1] = 0;
    }
    fftw_execute(p->backward);
}

static double sum_of_squares(const double *x, size_t n, size_t lag)
{
    double sum = 0;
    for (size_t i = 0; i + lag < n; i++) /* vectorised */
        sum += (x[i + lag] - x[i]) * (x[i + lag] - x[i]);
    return sum;
}

void displacement_run(struct displacement_plan *plan, const double *x, double *msd)
{
    size_t n = plan->n;
    double squares = 0;
    for (size_t i = 0; i < n; i++) /* vectorised */
        squares += 2 * x[i] * x[i];
    memset(msd, 0, (plan->lags + 1) * sizeof *msd);
    if (squares == 0)
        return; /* each difference would be summed, only to find 0 */
    correlate(plan, x);
    for (size_t k = 1; k <= plan->lags; k++) {
        squares -= x[k - 1] * x[k - 1] + x[n - k] * x[n - k];
        double sum = squares - 2 * plan->real[k] / (double)plan->length;
        if (!(sum > CANCELLED * squares))
            sum = sum_of_squares(x, n, k);
        msd[k] = sum / (double)(n - k);
    }
}
