/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_data.h"

#include "calib/fit_history.h"
#include "calib/fit_stats.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_LEVEL 0.03 /* pressures nearer than this share are one level */

static int is_even(const struct fit_hold *hold)
{
    enum bench_stage stage = hold->note.stage;
    return (stage == BENCH_BLADDER || stage == BENCH_CREEP || stage == BENCH_WARM) &&
           hold->note.kpa > 0 && hold->frames > 0;
}

static void take_points(struct fit_data *data)
{
    const struct bench_session *session = data->session;
    for (size_t h = 0; h < session->n_holds; h++) {
        const struct fit_hold *hold = &session->holds[h];
        if (!is_even(hold))
            continue;
        data->points[data->n++] = (struct fit_point){
            .hold = hold,
            .hold_index = h,
            .kpa = hold->note.kpa,
            .in_curve = hold->note.stage == BENCH_BLADDER && hold->settled,
            .level = -1,
        };
    }
}

/* Numbers the distinct pressures in rising order. */
static void number_levels(struct fit_data *data)
{
    double last = 0;
    data->least_kpa = data->most_kpa = NAN;
    for (;;) {
        double next = INFINITY;
        for (size_t i = 0; i < data->n; i++) {
            const struct fit_point *p = &data->points[i];
            if (p->in_curve && p->level < 0 && p->kpa < next)
                next = p->kpa;
        }
        if (!isfinite(next))
            return;
        if (!data->n_levels)
            data->least_kpa = next;
        last = next;
        for (size_t i = 0; i < data->n; i++) {
            struct fit_point *p = &data->points[i];
            if (p->in_curve && p->level < 0 && p->kpa <= last * (1 + SAME_LEVEL)) {
                p->level = data->n_levels;
                data->most_kpa = fmax(p->kpa, isnan(data->most_kpa) ? 0 : data->most_kpa);
            }
        }
        data->n_levels++;
    }
}

static void count_cycles(struct fit_data *data)
{
    for (size_t i = 0; i < data->n; i++) {
        const struct fit_point *p = &data->points[i];
        int is_first = p->in_curve;
        data->n_curve += p->in_curve;
        for (size_t j = 0; j < i && is_first; j++)
            is_first = !data->points[j].in_curve ||
                       data->points[j].hold->note.cycle != p->hold->note.cycle;
        data->n_cycles += is_first;
    }
}

/* Largest pressure before point i in its recording. */
static double peak_before(const struct fit_data *data, size_t i)
{
    double peak = 0;
    for (size_t j = 0; j < i; j++) {
        if (data->points[j].hold->recording == data->points[i].hold->recording)
            peak = fmax(peak, data->points[j].kpa);
    }
    return peak;
}

static void find_tolerances(struct fit_data *data)
{
    for (size_t i = 0; i < data->n; i++) {
        double kpa = data->points[i].kpa, peak = peak_before(data, i);
        data->points[i].is_rested = peak <= kpa * (1 + SAME_LEVEL);
        double own = fmax(FIT_TOLERANCE, FIT_TOLERANCE_KPA / kpa);
        data->tolerance[i] = peak > kpa ? hypot(own, FIT_MEMORY * peak / kpa) : own;
    }
}

static int allocate(struct fit_data *data)
{
    size_t holds = data->session->n_holds + 1, cells = data->session->cells;
    data->points = calloc(holds, sizeof *data->points);
    if (!data->points)
        return -1;
    take_points(data);
    data->counts = calloc(cells * (data->n + 1), sizeof *data->counts);
    data->median = calloc(data->n + 1, sizeof *data->median);
    data->upper = calloc(data->n + 1, sizeof *data->upper);
    data->health = calloc(cells, 1);
    data->felt = calloc(data->n + 1, sizeof *data->felt);
    data->tolerance = calloc(data->n + 1, sizeof *data->tolerance);
    data->ratio = calloc(holds, sizeof *data->ratio);
    return data->counts && data->median && data->upper && data->health && data->felt &&
                   data->tolerance && data->ratio
               ? 0
               : -1;
}

int fit_data_make(struct fit_data *data, const struct bench_session *session, struct problem *why)
{
    *data = (struct fit_data){.session = session};
    if (allocate(data)) {
        fit_data_free(data);
        return problem_no_memory(why, "a calibration's holds");
    }
    for (size_t i = 0; i < data->n; i++) {
        for (size_t cell = 0; cell < session->cells; cell++)
            data->counts[cell * data->n + i] = data->points[i].hold->mean[cell];
    }
    find_tolerances(data);
    number_levels(data);
    count_cycles(data);
    fit_data_feel(data, NULL);
    return 0;
}

void fit_data_free(struct fit_data *data)
{
    free(data->points);
    free(data->counts);
    free(data->median);
    free(data->upper);
    free(data->health);
    free(data->felt);
    free(data->tolerance);
    free(data->ratio);
    *data = (struct fit_data){0};
}

void fit_data_median(struct fit_data *data, double *work)
{
    for (size_t i = 0; i < data->n; i++) {
        size_t n = 0;
        for (size_t cell = 0; cell < data->session->cells; cell++) {
            if (data->health[cell] == CELL_HEALTHY)
                work[n++] = (double)data->counts[cell * data->n + i];
        }
        data->median[i] = n ? (float)fit_median(work, n) : 0;
        data->upper[i] = n ? (float)gsl_stats_select(work, 1, n, n - 1 - n / 50) : 0;
    }
}

void fit_data_feel(struct fit_data *data, const struct calibration_dynamics *dynamics)
{
    fit_history(data->session, dynamics, data->ratio);
    for (size_t i = 0; i < data->n; i++)
        data->felt[i] = data->points[i].kpa * data->ratio[data->points[i].hold_index];
}

void fit_data_training(const struct fit_data *data, double *felt)
{
    for (size_t i = 0; i < data->n; i++) {
        const struct fit_point *p = &data->points[i];
        felt[i] = p->in_curve && !p->is_wrong ? data->felt[i] : NAN;
    }
}

int fit_data_model(const struct fit_data *data, const struct curve *curve, const double *felt,
                   struct fit_work *work, struct fit_model *model)
{
    struct fit_series median = fit_data_middle(data, felt), upper = fit_data_upper(data, felt);
    return fit_model_make(model, curve, fit_max_count(data->session), &median, &upper, work);
}
