/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_cross.h"

#include "calib/fit_stats.h"

#include <math.h>
#include <stdlib.h>

#define GROUPS 5
#define CYCLES_MOST 4
#define CELLS_MOST 32

/* One way to leave holds out: those of some pressures, or of a cycle. */
struct fold {
    int group; /* of pressures; -1 = not by pressure */
    int cycle; /* -1 = not by cycle */
};

static int is_left_out(const struct fit_data *data, const struct fold *fold, size_t i)
{
    const struct fit_point *p = &data->points[i];
    if (!p->in_curve || p->is_wrong)
        return 0;
    if (fold->group < 0)
        return p->hold->note.cycle == fold->cycle;
    return p->level > 0 && p->level + 1 < data->n_levels && (p->level - 1) % GROUPS == fold->group;
}

static int make_folds(const struct fit_data *data, struct fold folds[])
{
    int n = 0, inner = data->n_levels - 2;
    for (int g = 0; g < GROUPS && g < inner; g++)
        folds[n++] = (struct fold){g, -1};
    int first = n, fresh = -1;
    for (size_t i = 0; i < data->n && data->n_cycles > 1; i++) {
        int cycle = data->points[i].hold->note.cycle, known = !data->points[i].in_curve;
        if (fresh < 0 && !known)
            fresh = cycle; /* that of rested cells stays */
        known |= cycle == fresh;
        for (int k = first; k < n; k++)
            known |= folds[k].cycle == cycle;
        if (!known && n < first + CYCLES_MOST)
            folds[n++] = (struct fold){-1, cycle};
    }
    return n;
}

/* Sums of squares and counts of a few cells. */
struct tally {
    size_t n_cells, cell[CELLS_MOST];
    double square[CELLS_MOST], weight[CELLS_MOST];
};

static void pick_cells(const struct fit_data *data, struct tally *tally)
{
    size_t healthy = 0, seen = 0;
    for (size_t cell = 0; cell < data->session->cells; cell++)
        healthy += data->health[cell] == CELL_HEALTHY;
    size_t want = healthy < CELLS_MOST ? healthy : CELLS_MOST;
    *tally = (struct tally){0};
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        if (data->health[cell] != CELL_HEALTHY)
            continue;
        if (seen * want / healthy >= tally->n_cells && tally->n_cells < want)
            tally->cell[tally->n_cells++] = cell;
        seen++;
    }
}

static void judge_fold(const struct fit_data *data, const struct curve *curve,
                       const struct fold *fold, double *felt, struct fit_work *work,
                       struct tally *tally)
{
    struct fit_model model;
    double coefficients[CURVE_COEFFICIENTS_MAX] = {0};
    fit_data_training(data, felt);
    for (size_t i = 0; i < data->n; i++)
        felt[i] = is_left_out(data, fold, i) ? NAN : felt[i];
    if (fit_data_model(data, curve, felt, work, &model))
        return;
    for (size_t k = 0; k < tally->n_cells; k++) {
        size_t cell = tally->cell[k];
        struct fit_series series = fit_data_cell(data, cell, felt);
        if (fit_cell(&model, &series, work, coefficients))
            continue;
        for (size_t i = 0; i < data->n; i++) {
            if (!is_left_out(data, fold, i))
                continue;
            double e = fit_error(&model, coefficients, (double)series.counts[i], data->felt[i]);
            double weight = pow(FIT_TOLERANCE / data->tolerance[i], 2);
            tally->square[k] += weight * e * e;
            tally->weight[k] += weight;
        }
    }
}

double fit_cross_error(const struct fit_data *data, const struct curve *curve,
                       struct fit_work *work)
{
    struct fold folds[GROUPS + CYCLES_MOST];
    struct tally tally;
    double errors[CELLS_MOST];
    pick_cells(data, &tally);
    int n_folds = make_folds(data, folds);
    for (int f = 0; f < n_folds; f++)
        judge_fold(data, curve, &folds[f], work->felt, work, &tally);
    size_t n = 0;
    for (size_t k = 0; k < tally.n_cells; k++) {
        if (tally.weight[k] > 0)
            errors[n++] = 100 * sqrt(tally.square[k] / tally.weight[k]);
    }
    return fit_median(errors, n);
}
