/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/health.h"

#include "calib/fit_stats.h"
#include "firmware/wire/frame_codec.h"

#include <math.h>
#include <stdlib.h>

#define AROUND 4 /* cells to each side */
#define SPREAD_LEAST 0.02
#define SILENT 0.05
#define WEAK 0.45
#define WEAK_SPREADS 5
#define STRONG_PAIR 1.25
#define STRONG_PAIR_SPREADS 1.5
#define SAME_COUNT 0.006 /* of joined cells: the row's line tells them apart by so much ... */
#define SAME_COUNTS 2.0  /* ... and their tares by so much */
#define TWIN_COUNTS 60
#define STRONG 1.5
#define STRONG_SPREADS 8
#define FULL_SHARE 0.85
#define LOOSE 0.03
#define LOOSE_TIMES 4
#define POOR_PERCENT 10
#define POOR_TIMES 10

/* Work memory: one number a cell each. */
struct judge {
    struct fit_data *data;
    double *answer, *departure, *work;
    double spread;
};

static int judge_make(struct judge *judge, struct fit_data *data, struct problem *why)
{
    size_t cells = data->session->cells, most = cells > data->n ? cells : data->n;
    *judge = (struct judge){.data = data};
    judge->answer = calloc(cells, sizeof(double));
    judge->departure = calloc(cells, sizeof(double));
    judge->work = calloc(most + 1, sizeof(double));
    if (judge->answer && judge->departure && judge->work)
        return 0;
    free(judge->answer);
    free(judge->departure);
    free(judge->work);
    return problem_no_memory(why, "the cells' health");
}

static void judge_free(struct judge *judge)
{
    free(judge->answer);
    free(judge->departure);
    free(judge->work);
}

/* Holds in which differences of gain show: above the noise, below where all cells are full. */
static int shows_gain(const struct fit_data *data, size_t i)
{
    double median = (double)data->median[i];
    return data->points[i].in_curve && median >= 20 && median <= 0.4 * fit_max_count(data->session);
}

static int any_shows(const struct fit_data *data)
{
    for (size_t i = 0; i < data->n; i++) {
        if (shows_gain(data, i))
            return 1;
    }
    return 0;
}

static void find_answers(struct judge *judge)
{
    const struct fit_data *data = judge->data;
    int all = !any_shows(data);
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        const float *counts = data->counts + cell * data->n;
        size_t n = 0;
        for (size_t i = 0; i < data->n; i++) {
            if ((all || shows_gain(data, i)) && data->median[i] > 0)
                judge->work[n++] = log(fmax((double)counts[i], 1e-3) / (double)data->median[i]);
        }
        judge->answer[cell] = n ? fit_median(judge->work, n) : 0;
    }
}

static double answer_around(const struct judge *judge, int row, int col)
{
    const struct bench_session *s = judge->data->session;
    double around[(2 * AROUND + 1) * (2 * AROUND + 1)];
    size_t n = 0;
    for (int r = row - AROUND; r <= row + AROUND; r++) {
        for (int c = col - AROUND; c <= col + AROUND; c++) {
            if (r >= 0 && r < s->rows && c >= 0 && c < s->cols)
                around[n++] = judge->answer[r * s->cols + c];
        }
    }
    return fit_median(around, n);
}

static void find_departures(struct judge *judge)
{
    const struct bench_session *s = judge->data->session;
    for (int row = 0; row < s->rows; row++) {
        for (int col = 0; col < s->cols; col++) {
            int cell = row * s->cols + col;
            judge->departure[cell] = judge->answer[cell] - answer_around(judge, row, col);
            judge->work[cell] = judge->departure[cell];
        }
    }
    judge->spread = fmax(fit_spread(judge->work, s->cells, 0), SPREAD_LEAST);
}

/* The zeros' middle, and how far from it one is strange: a fiftieth of the range, or 10 spreads. */
static void usual_zero(const struct judge *judge, double *middle, double *reach)
{
    const struct bench_session *s = judge->data->session;
    for (size_t i = 0; i < s->cells; i++)
        judge->work[i] = s->zeros[i];
    *middle = fit_median(judge->work, s->cells);
    *reach = fmax(10 * fit_spread(judge->work, s->cells, *middle), fit_max_count(s) / 50);
}

static int is_stuck(const struct judge *judge, size_t cell, double middle, double reach)
{
    const struct bench_session *s = judge->data->session;
    return (s->floors && s->floors[cell] == ZERO_MASKED) ||
           (s->zeros && fabs(s->zeros[cell] - middle) > reach);
}

/* Least and largest count of a cell over the holds of the curve. */
static void extremes(const struct fit_data *data, size_t cell, double *least, double *most)
{
    const float *counts = data->counts + cell * data->n;
    *least = INFINITY;
    *most = 0;
    for (size_t i = 0; i < data->n; i++) {
        if (!data->points[i].in_curve)
            continue;
        *least = fmin(*least, (double)counts[i]);
        *most = fmax(*most, (double)counts[i]);
    }
}

/* The same count in every hold: joined cells share one conductance; two healthy ones differ in
 * gain, in curvature, and from loading to loading. */
static int is_twin(const struct fit_data *data, size_t a, size_t b)
{
    const float *x = data->counts + a * data->n, *y = data->counts + b * data->n;
    size_t n = 0;
    for (size_t i = 0; i < data->n; i++) {
        double sum = (double)x[i] + (double)y[i];
        if (sum < 2 * TWIN_COUNTS)
            continue;
        if (fabs((double)x[i] - (double)y[i]) > SAME_COUNT * sum / 2 + SAME_COUNTS)
            return 0;
        n++;
    }
    return n > 2;
}

static int has_twin(const struct judge *judge, size_t cell)
{
    const struct bench_session *s = judge->data->session;
    int row = (int)(cell / (size_t)s->cols), col = (int)(cell % (size_t)s->cols);
    static const int step[4][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    for (int k = 0; k < 4; k++) {
        int r = row + step[k][0], c = col + step[k][1];
        if (r >= 0 && r < s->rows && c >= 0 && c < s->cols &&
            is_twin(judge->data, cell, (size_t)(r * s->cols + c)))
            return 1;
    }
    return 0;
}

static enum cell_health verdict(const struct judge *judge, size_t cell, double zero, double reach)
{
    const struct fit_data *data = judge->data;
    double least, most, max_count = fit_max_count(data->session);
    double off = judge->departure[cell];
    extremes(data, cell, &least, &most);
    if (least >= FULL_SHARE * max_count)
        return CELL_SHORTED;
    if (off < log(SILENT))
        return is_stuck(judge, cell, zero, reach) ? CELL_STUCK : CELL_DEAD;
    if (most - least < 3 && data->n_levels > 1)
        return CELL_STUCK;
    if (off > log(STRONG) && off > STRONG_SPREADS * judge->spread)
        return CELL_SHORTED;
    if (off > log(STRONG_PAIR) && off > STRONG_PAIR_SPREADS * judge->spread &&
        has_twin(judge, cell))
        return CELL_SHORTED;
    return off < log(WEAK) && off < -WEAK_SPREADS * judge->spread ? CELL_WEAK : CELL_HEALTHY;
}

int health_by_answer(struct fit_data *data, struct problem *why)
{
    struct judge judge;
    double zero = 0, reach = INFINITY;
    if (judge_make(&judge, data, why))
        return -1;
    fit_data_median(data, judge.work);
    find_answers(&judge);
    find_departures(&judge);
    if (data->session->zeros)
        usual_zero(&judge, &zero, &reach);
    for (size_t cell = 0; cell < data->session->cells; cell++)
        data->health[cell] = (uint8_t)verdict(&judge, cell, zero, reach);
    fit_data_median(data, judge.work);
    judge_free(&judge);
    return 0;
}

/* --- With curves
 * ---------------------------------------------------------------------------------- */

static double curve_log_error(const struct fit_data *data, const struct fit_model *model,
                              const double *const coefficients[], size_t cell, size_t i)
{
    double c[CURVE_COEFFICIENTS_MAX];
    int n = curve_coefficients(model->curve, &model->shape);
    for (int k = 0; k < n; k++)
        c[k] = coefficients[k][cell];
    double value = model->curve->value(&model->shape, c, (double)data->counts[cell * data->n + i]);
    return log(fmax(value, 1e-3) / data->felt[i]);
}

/* Subtracts from errors (cells x n) each hold's own median over the healthy cells. */
static void take_off_medians(const struct fit_data *data, float *errors, double *work)
{
    for (size_t i = 0; i < data->n; i++) {
        size_t n = 0;
        for (size_t cell = 0; cell < data->session->cells; cell++) {
            if (data->health[cell] == CELL_HEALTHY)
                work[n++] = (double)errors[cell * data->n + i];
        }
        double middle = n ? fit_median(work, n) : 0;
        for (size_t cell = 0; cell < data->session->cells; cell++)
            errors[cell * data->n + i] -= (float)middle;
    }
}

/* Largest difference of a cell's level between two loadings; a level is the median error of the
 * loading's holds. */
static double change_between_loadings(const struct fit_data *data, const float *errors,
                                      double *work)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < data->n;) {
        int loading = data->points[i].hold->loading;
        size_t n = 0;
        for (; i < data->n && data->points[i].hold->loading == loading; i++) {
            if (data->median[i] >= 20)
                work[n++] = (double)errors[i];
        }
        if (!n)
            continue;
        double level = fit_median(work, n);
        least = fmin(least, level);
        most = fmax(most, level);
    }
    return most > least ? most - least : 0;
}

static void condemn_loose(struct judge *judge, const float *errors)
{
    struct fit_data *data = judge->data;
    size_t n = 0;
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        double change = change_between_loadings(data, errors + cell * data->n, judge->work);
        judge->departure[cell] = change;
        if (data->health[cell] == CELL_HEALTHY)
            judge->answer[n++] = change;
    }
    double usual = n ? fit_median(judge->answer, n) : 0;
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        if (data->health[cell] == CELL_HEALTHY && judge->departure[cell] > LOOSE &&
            judge->departure[cell] > LOOSE_TIMES * usual)
            data->health[cell] = CELL_WEAK;
    }
}

static void condemn_poor(struct judge *judge, const float *residual_percent)
{
    struct fit_data *data = judge->data;
    size_t n = 0;
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        if (data->health[cell] == CELL_HEALTHY && !isnan(residual_percent[cell]))
            judge->work[n++] = (double)residual_percent[cell];
    }
    double limit = fmax(POOR_PERCENT, n ? POOR_TIMES * fit_median(judge->work, n) : 0);
    for (size_t cell = 0; cell < data->session->cells; cell++) {
        if (data->health[cell] == CELL_HEALTHY && !((double)residual_percent[cell] <= limit))
            data->health[cell] = CELL_WEAK;
    }
}

int health_by_curve(struct fit_data *data, const struct fit_model *model,
                    const double *const coefficients[], const float *residual_percent,
                    struct problem *why)
{
    struct judge judge;
    size_t cells = data->session->cells;
    if (judge_make(&judge, data, why))
        return -1;
    float *errors = calloc(cells * data->n, sizeof *errors);
    if (errors) {
        for (size_t cell = 0; cell < cells; cell++) {
            for (size_t i = 0; i < data->n && data->health[cell] == CELL_HEALTHY; i++)
                errors[cell * data->n + i] =
                    (float)curve_log_error(data, model, coefficients, cell, i);
        }
        condemn_poor(&judge, residual_percent);
        take_off_medians(data, errors, judge.work);
        condemn_loose(&judge, errors);
        fit_data_median(data, judge.work);
    }
    free(errors);
    judge_free(&judge);
    return errors ? 0 : problem_no_memory(why, "the cells' health");
}
