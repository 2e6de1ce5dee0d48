/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fit works on: the holds under an even pressure (bladder, creep, warm) of one session, cell
 * by cell, with what a cell of the assumed dynamics would feel in each. */
#ifndef TENDERFOOT_CALIB_FIT_DATA_H
#define TENDERFOOT_CALIB_FIT_DATA_H

#include "calib/fit_cell.h"
#include "calib/fit_session.h"

struct fit_point {
    const struct fit_hold *hold;
    size_t hold_index;
    double kpa;
    int in_curve;  /* a settled hold of the bladder: curves are fitted to these */
    int is_wrong;  /* its reference does not fit the others: left out */
    int is_rested; /* no larger pressure before it in its recording */
    int level;     /* number of its pressure among the distinct ones of the curve, rising; -1 */
};

struct fit_data {
    const struct bench_session *session;
    size_t n;
    struct fit_point *points; /* in the order recorded */
    float *counts;            /* cells x n: means of the steady tails */
    float *median;            /* n: of the healthy cells */
    float *upper;             /* n: what one healthy cell in fifty is above */
    uint8_t *health;          /* cells, enum cell_health */
    double *felt;             /* n: kPa, by the dynamics last given to fit_data_feel */
    double *tolerance;        /* n: how far a hold may be off, as a share of it (below) */
    double *ratio;            /* session->n_holds: felt / true */
    int n_levels, n_cycles, n_curve;
    double least_kpa, most_kpa;
};

int fit_data_make(struct fit_data *data, const struct bench_session *session, struct problem *why);
void fit_data_free(struct fit_data *data);

/* Medians (and uppers) over the cells that are healthy now. `work` has room for all cells. */
void fit_data_median(struct fit_data *data, double *work);

/* What each hold's cell feels under these dynamics; NULL = the true pressure. */
void fit_data_feel(struct fit_data *data, const struct calibration_dynamics *dynamics);

/* A hold's tolerance is 3 % or 0.4 kPa (a bias of the many lightly loaded cells is what a total
 * force suffers from); and after a larger pressure in the
 * same recording FIT_MEMORY of that pressure (in squares): what a cell remembers is of this size,
 * and no model takes it off wholly. So the curve stands on the rising holds most. */
#define FIT_TOLERANCE 0.03
#define FIT_TOLERANCE_KPA 0.4
#define FIT_MEMORY 0.02

/* Holds of one cell, or of the median one, with felt as given (n). */
static inline struct fit_series fit_data_cell(const struct fit_data *data, size_t cell,
                                              const double *felt)
{
    return (struct fit_series){data->counts + cell * data->n, felt, data->tolerance, data->n};
}
static inline struct fit_series fit_data_middle(const struct fit_data *data, const double *felt)
{
    return (struct fit_series){data->median, felt, data->tolerance, data->n};
}

static inline struct fit_series fit_data_upper(const struct fit_data *data, const double *felt)
{
    return (struct fit_series){data->upper, felt, data->tolerance, data->n};
}

/* The plate's shared shape of a curve under this felt (fit_model_make). */
int fit_data_model(const struct fit_data *data, const struct curve *curve, const double *felt,
                   struct fit_work *work, struct fit_model *model);

/* felt of the points that curves are fitted to, NaN for the others. */
void fit_data_training(const struct fit_data *data, double *felt);

#endif
