/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_plate.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS_MOST 16

struct share {
    struct fit_plate *plate;
    const struct fit_data *data;
    const double *felt;
    size_t from, to;
    int failed;
};

static float residual_of(const struct share *share, const struct fit_series *cell,
                         const double coefficients[])
{
    double square = 0, weights = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (isnan(cell->felt[i]))
            continue;
        double weight = pow(FIT_TOLERANCE / cell->tolerance[i], 2);
        double e =
            fit_error(&share->plate->model, coefficients, (double)cell->counts[i], cell->felt[i]);
        square += weight * e * e;
        weights += weight;
    }
    return weights > 0 ? (float)fmin(100 * sqrt(square / weights), 100) : NAN;
}

static void *fit_share(void *context)
{
    struct share *share = context;
    struct fit_work work;
    double c[CURVE_COEFFICIENTS_MAX] = {0};
    int n = curve_coefficients(share->plate->model.curve, &share->plate->model.shape);
    share->failed = fit_work_make(&work, share->data->n);
    if (share->failed)
        return NULL;
    for (size_t cell = share->from; cell < share->to; cell++) {
        struct fit_series series = fit_data_cell(share->data, cell, share->felt);
        share->plate->residual_percent[cell] = NAN;
        if (share->data->health[cell] != CELL_HEALTHY ||
            fit_cell(&share->plate->model, &series, &work, c))
            continue;
        for (int k = 0; k < n; k++)
            share->plate->coefficients[k][cell] = c[k];
        share->plate->residual_percent[cell] = residual_of(share, &series, c);
    }
    share->failed = fit_robust_starved(work.robust);
    fit_work_free(&work);
    return NULL;
}

/* A thread that cannot be had does its share here. */
static int fit_shares(struct fit_plate *plate, const struct fit_data *data, const double *felt,
                      int threads)
{
    struct share shares[THREADS_MOST];
    pthread_t thread[THREADS_MOST];
    int started[THREADS_MOST] = {0}, failed = 0;
    threads = threads < 1 ? 1 : threads > THREADS_MOST ? THREADS_MOST : threads;
    size_t cells = data->session->cells, n = (size_t)threads;
    for (size_t t = 0; t < n; t++) {
        shares[t] = (struct share){plate, data, felt, cells * t / n, cells * (t + 1) / n, 0};
        started[t] = t + 1 < n && !pthread_create(&thread[t], NULL, fit_share, &shares[t]);
        if (!started[t])
            fit_share(&shares[t]);
    }
    for (size_t t = 0; t < n; t++) {
        if (started[t])
            pthread_join(thread[t], NULL);
        failed |= shares[t].failed;
    }
    return failed ? -1 : 0;
}

static int allocate(struct fit_plate *plate, size_t cells)
{
    int n = curve_coefficients(plate->model.curve, &plate->model.shape);
    plate->residual_percent = calloc(cells, sizeof *plate->residual_percent);
    int whole = plate->residual_percent != NULL;
    for (int k = 0; k < n; k++) {
        plate->coefficients[k] = calloc(cells, sizeof(double));
        whole &= plate->coefficients[k] != NULL;
    }
    return whole ? 0 : -1;
}

/* The model of the plate: what its median cell tells. */
static int make_model(struct fit_plate *plate, const struct fit_data *data,
                      const struct curve *curve, const double *felt, struct problem *why)
{
    struct fit_work work;
    if (fit_work_make(&work, data->n))
        return problem_no_memory(why, "a calibration's fit");
    int bad = fit_data_model(data, curve, felt, &work, &plate->model);
    int starved = fit_robust_starved(work.robust);
    fit_work_free(&work);
    if (!bad)
        return 0;
    if (starved)
        return problem_no_memory(why, "a calibration's fit");
    return problem(why, PROBLEM_REFUSED,
                   "the curve '%s' cannot be fitted to the %d holds of the bladder at %d pressures "
                   "from %g to %g kPa: the plate's median cell does not answer to them as such a "
                   "curve; record more pressures (ten, up and down)",
                   curve->name, data->n_curve, data->n_levels, data->least_kpa, data->most_kpa);
}

int fit_plate_make(struct fit_plate *plate, const struct fit_data *data, const struct curve *curve,
                   int threads, struct problem *why)
{
    *plate = (struct fit_plate){.model = {.curve = curve}};
    double *felt = calloc(data->n + 1, sizeof *felt);
    if (!felt)
        return problem_no_memory(why, "a calibration's fit");
    fit_data_training(data, felt);
    int result = make_model(plate, data, curve, felt, why);
    if (!result &&
        (allocate(plate, data->session->cells) || fit_shares(plate, data, felt, threads)))
        result = problem_no_memory(why, "a calibration's cells");
    free(felt);
    if (result)
        fit_plate_free(plate);
    return result;
}

void fit_plate_free(struct fit_plate *plate)
{
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        free(plate->coefficients[k]);
    free(plate->residual_percent);
    *plate = (struct fit_plate){0};
}

void fit_plate_cell(const struct fit_plate *plate, size_t cell, double coefficients[])
{
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        coefficients[k] = plate->coefficients[k] ? plate->coefficients[k][cell] : 0;
}

double fit_plate_read(const struct fit_plate *plate, size_t cell, double count)
{
    double c[CURVE_COEFFICIENTS_MAX];
    fit_plate_cell(plate, cell, c);
    return fmax(plate->model.curve->value(&plate->model.shape, c, count), 0);
}
