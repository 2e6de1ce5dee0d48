/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_dynamics.h"

#include "calib/fit_cross.h"
#include "calib/fit_history.h"
#include "calib/fit_stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SWEEPS 4000 /* of the non-negative fit; it converges long before */
#define HYSTERESIS_MOST 0.8
#define GOLDEN 0.6180339887
#define WARMER_LEAST_C 2.0
#define WORSE                                                                                      \
    1.02 /* creep may cost the curves this factor of error, for what it gains in holding */

static const double creep_tau_s[CALIBRATION_CREEP_MAX] = {0.3, 3, 30, 300};

/* --- Creep ------------------------------------------------------------------------------------ */

/* What the median cell reads at the moments of a held load. */
static int course_of(const struct fit_data *data, const struct fit_model *model,
                     const struct fit_hold *hold, double *reading)
{
    size_t cells = data->session->cells;
    double *work = malloc(cells * sizeof *work);
    if (!work)
        return -1;
    for (int j = 0; j < hold->n_course; j++) {
        size_t n = 0;
        for (size_t cell = 0; cell < cells; cell++) {
            if (data->health[cell] == CELL_HEALTHY)
                work[n++] = (double)hold->course[(size_t)j * cells + cell];
        }
        double count = n ? fit_median(work, n) : 0;
        reading[j] = fmax(model->curve->value(&model->shape, model->plate, count), 0);
    }
    free(work);
    return 0;
}

/* Sums of r = A + sum of B_k (1 - exp(-t / tau_k)), all courses alike of mean 1. */
struct normal {
    int n_terms; /* A and the B */
    double matrix[1 + CALIBRATION_CREEP_MAX][1 + CALIBRATION_CREEP_MAX];
    double right[1 + CALIBRATION_CREEP_MAX];
};

static void terms_at(double seconds, int n_terms, double terms[])
{
    terms[0] = 1;
    for (int k = 1; k < n_terms; k++)
        terms[k] = -expm1(-seconds / creep_tau_s[k - 1]);
}

static void add_moment(struct normal *normal, double seconds, double reading)
{
    double terms[1 + CALIBRATION_CREEP_MAX];
    terms_at(seconds, normal->n_terms, terms);
    for (int a = 0; a < normal->n_terms; a++) {
        for (int b = 0; b < normal->n_terms; b++)
            normal->matrix[a][b] += terms[a] * terms[b];
        normal->right[a] += terms[a] * reading;
    }
}

/* Non-negative least squares, one unknown at a time (the matrix is positive definite). */
static void solve_non_negative(const struct normal *normal, double x[])
{
    memset(x, 0, (size_t)normal->n_terms * sizeof *x);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (int a = 0; a < normal->n_terms; a++) {
            double rest = normal->right[a];
            for (int b = 0; b < normal->n_terms; b++)
                rest -= b == a ? 0 : normal->matrix[a][b] * x[b];
            x[a] = normal->matrix[a][a] > 0 ? fmax(rest / normal->matrix[a][a], 0) : 0;
        }
    }
}

/* Terms of creep from the moments j with j % every == from; *error_without and *error_with: RMS
 * over the other moments, of the reading. */
static void fit_creep(const struct fit_hold *hold, const double *reading, int every, int from,
                      struct calibration_dynamics *dynamics, double *error_without,
                      double *error_with)
{
    struct normal normal = {.n_terms = 1};
    double x[1 + CALIBRATION_CREEP_MAX], mean = 0, sum[2] = {0, 0};
    double last_s = hold->course_s[hold->n_course - 1];
    while (normal.n_terms <= CALIBRATION_CREEP_MAX && creep_tau_s[normal.n_terms - 1] <= last_s)
        normal.n_terms++;
    int n = 0, left_out = 0;
    for (int j = from; j < hold->n_course; j += every, n++) {
        add_moment(&normal, hold->course_s[j], reading[j]);
        mean += reading[j];
    }
    solve_non_negative(&normal, x);
    mean /= n;
    for (int j = 0; j < hold->n_course; j++) {
        if (every == 1 || j % every == from)
            continue;
        double terms[1 + CALIBRATION_CREEP_MAX], value = 0;
        terms_at(hold->course_s[j], normal.n_terms, terms);
        for (int k = 0; k < normal.n_terms; k++)
            value += x[k] * terms[k];
        sum[0] += (reading[j] / mean - 1) * (reading[j] / mean - 1);
        sum[1] += (reading[j] / value - 1) * (reading[j] / value - 1);
        left_out++;
    }
    *error_without = left_out ? sqrt(sum[0] / left_out) : NAN;
    *error_with = left_out ? sqrt(sum[1] / left_out) : NAN;
    dynamics->n_creep = 0;
    for (int k = 1; k < normal.n_terms && x[0] > 0; k++) {
        double share = x[k] / x[0];
        if (share < 1e-4 || share > 1)
            continue;
        dynamics->creep_tau_s[dynamics->n_creep] = creep_tau_s[k - 1];
        dynamics->creep_share[dynamics->n_creep++] = share;
    }
}

static const struct fit_hold *longest_creep(const struct bench_session *session)
{
    const struct fit_hold *best = NULL;
    for (size_t h = 0; h < session->n_holds; h++) {
        const struct fit_hold *hold = &session->holds[h];
        if (hold->note.stage == BENCH_CREEP && hold->note.kpa > 0 && hold->n_course >= 8 &&
            (!best || hold->n_course > best->n_course))
            best = hold;
    }
    return best;
}

/* Leaves *dynamics as it was where creep gains nothing. */
static int try_creep(struct fit_data *data, const struct fit_model *model, struct fit_work *work,
                     struct calibration_dynamics *dynamics, double *error, struct problem *why)
{
    const struct fit_hold *hold = longest_creep(data->session);
    struct calibration_dynamics tried = *dynamics;
    double reading[FIT_COURSE], without, with, unused;
    if (!hold)
        return 0;
    if (course_of(data, model, hold, reading))
        return problem_no_memory(why, "a held load's course");
    fit_creep(hold, reading, 2, 0, &tried, &without, &with);
    if (!(with < without))
        return 0;
    fit_creep(hold, reading, 1, 0, &tried, &unused, &unused);
    fit_data_feel(data, &tried);
    double here = fit_cross_error(data, model->curve, work);
    if (!tried.n_creep || !(here <= WORSE * *error))
        return 0;
    *dynamics = tried;
    *error = here;
    return 0;
}

int fit_dynamics_creep_rate(const struct fit_data *data, const struct fit_model *model,
                            double *percent_per_decade, struct problem *why)
{
    const struct fit_hold *hold = longest_creep(data->session);
    double reading[FIT_COURSE], n = 0, x = 0, y = 0, xx = 0, xy = 0;
    *percent_per_decade = NAN;
    if (!hold)
        return 0;
    if (course_of(data, model, hold, reading))
        return problem_no_memory(why, "a held load's course");
    for (int j = 0; j < hold->n_course; j++) {
        double decade = log10(hold->course_s[j]);
        if (decade < 0)
            continue;
        n++;
        x += decade;
        y += reading[j];
        xx += decade * decade;
        xy += decade * reading[j];
    }
    double spread = n * xx - x * x, slope = (n * xy - x * y) / spread;
    double at_1_s = (y - slope * x) / n;
    if (n >= 4 && spread > 0 && at_1_s > 0)
        *percent_per_decade = 100 * slope / at_1_s;
    return 0;
}

/* --- Hysteresis ------------------------------------------------------------------------------- */

/* RMS error of the median cell under these dynamics. */
static double median_error(struct fit_data *data, const struct curve *curve, struct fit_work *work,
                           const struct calibration_dynamics *dynamics, double *felt)
{
    struct fit_model model;
    double sum = 0, weights = 0;
    fit_data_feel(data, dynamics);
    fit_data_training(data, felt);
    if (fit_data_model(data, curve, felt, work, &model))
        return INFINITY;
    for (size_t i = 0; i < data->n; i++) {
        if (isnan(felt[i]))
            continue;
        double e = fit_error(&model, model.plate, (double)data->median[i], felt[i]);
        double weight = pow(data->tolerance[i], -2);
        sum += weight * e * e;
        weights += weight;
    }
    return weights > 0 ? sqrt(sum / weights) : INFINITY;
}

static double best_hysteresis(struct fit_data *data, const struct curve *curve,
                              struct fit_work *work, struct calibration_dynamics dynamics,
                              double *felt)
{
    double low = 0, high = HYSTERESIS_MOST, at[2], value[2];
    for (int k = 0; k < 2; k++) {
        at[k] = k ? low + GOLDEN * (high - low) : high - GOLDEN * (high - low);
        dynamics.hysteresis = at[k];
        value[k] = median_error(data, curve, work, &dynamics, felt);
    }
    while (high - low > 0.002) {
        int to_left = value[0] < value[1];
        if (to_left) {
            high = at[1];
            at[1] = at[0];
            value[1] = value[0];
        } else {
            low = at[0];
            at[0] = at[1];
            value[0] = value[1];
        }
        int k = to_left ? 0 : 1;
        at[k] = to_left ? high - GOLDEN * (high - low) : low + GOLDEN * (high - low);
        dynamics.hysteresis = at[k];
        value[k] = median_error(data, curve, work, &dynamics, felt);
    }
    return (low + high) / 2;
}

static int has_down(const struct fit_data *data)
{
    for (size_t i = 0; i < data->n; i++) {
        if (data->points[i].in_curve && data->points[i].hold->note.direction < 0)
            return 1;
    }
    return 0;
}

static void try_hysteresis(struct fit_data *data, const struct curve *curve, struct fit_work *work,
                           struct calibration_dynamics *dynamics, double *error, double *felt)
{
    struct calibration_dynamics tried = *dynamics;
    if (!has_down(data))
        return;
    tried.hysteresis = best_hysteresis(data, curve, work, tried, felt);
    fit_data_feel(data, &tried);
    double here = fit_cross_error(data, curve, work);
    if (!(here < *error) || tried.hysteresis < 0.004)
        return;
    *dynamics = tried;
    *error = here;
}

/* --- Temperature ------------------------------------------------------------------------------ */

static double room_temperature(const struct fit_data *data, double *work)
{
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (data->points[i].in_curve && isfinite(data->points[i].hold->temperature_c))
            work[n++] = data->points[i].hold->temperature_c;
    }
    return fit_median(work, n);
}

/* Of a warm hold: how much warmer, and how much more it reads than it should; 0 = not one. */
static int warm_hold(const struct fit_data *data, const struct fit_model *model, size_t i,
                     double reference_c, double *warmer, double *more)
{
    const struct fit_hold *hold = data->points[i].hold;
    *warmer = hold->temperature_c - reference_c;
    if (hold->note.stage != BENCH_WARM || !(fabs(*warmer) >= WARMER_LEAST_C))
        return 0;
    double value = model->curve->value(&model->shape, model->plate, (double)data->median[i]);
    *more = value / data->felt[i] - 1;
    return 1;
}

/* Gain per degree without hold `left_out` (data->n = none). */
static double gain_without(const struct fit_data *data, const struct fit_model *model,
                           double reference_c, size_t left_out)
{
    double xy = 0, xx = 0, warmer, more;
    for (size_t i = 0; i < data->n; i++) {
        if (i == left_out || !warm_hold(data, model, i, reference_c, &warmer, &more))
            continue;
        double weight = pow(data->tolerance[i], -2);
        xy += weight * warmer * more;
        xx += weight * warmer * warmer;
    }
    return xx > 0 ? xy / xx : 0;
}

/* data->felt must be of dynamics without temperature, model fitted to it. */
static void try_temperature(struct fit_data *data, const struct fit_model *model,
                            struct calibration_dynamics *dynamics)
{
    double with = 0, without = 0, warmer, more;
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (!warm_hold(data, model, i, dynamics->reference_c, &warmer, &more))
            continue;
        double off = more - warmer * gain_without(data, model, dynamics->reference_c, i);
        double weight = pow(data->tolerance[i], -2);
        with += weight * off * off;
        without += weight * more * more;
        n++;
    }
    double gain = 100 * gain_without(data, model, dynamics->reference_c, data->n);
    /* A single warm hold has nothing to be judged by but the curves' own error, about 1 %. */
    int gains = n > 1 ? with < without : n == 1 && without > pow(0.02 / FIT_TOLERANCE, 2);
    if (gains && fabs(gain) <= 10)
        dynamics->gain_percent_per_c = gain;
}

/* --- All -------------------------------------------------------------------------------------- */

static int make_model(const struct fit_data *data, const struct curve *curve, struct fit_work *work,
                      double *felt, struct fit_model *model)
{
    fit_data_training(data, felt);
    return fit_data_model(data, curve, felt, work, model);
}

int fit_dynamics_find(struct fit_data *data, const struct curve *curve, struct fit_work *work,
                      struct calibration_dynamics *dynamics, double *error, double *plain_error,
                      struct problem *why)
{
    struct fit_model model;
    double *felt = calloc(data->n + 1, sizeof *felt);
    if (!felt)
        return problem_no_memory(why, "a plate's dynamics");
    dynamics->reference_c = room_temperature(data, felt);
    fit_data_feel(data, NULL);
    *error = *plain_error = fit_cross_error(data, curve, work);
    int result = 0;
    fit_data_feel(data, dynamics); /* the course is read with what is known so far */
    dynamics->n_creep = 0;
    dynamics->hysteresis = dynamics->gain_percent_per_c = 0;
    if (!make_model(data, curve, work, felt, &model)) {
        result = try_creep(data, &model, work, dynamics, error, why);
        try_hysteresis(data, curve, work, dynamics, error, felt);
    }
    fit_data_feel(data, dynamics);
    if (!result && !make_model(data, curve, work, felt, &model))
        try_temperature(data, &model, dynamics);
    fit_data_feel(data, dynamics);
    free(felt);
    return result;
}
