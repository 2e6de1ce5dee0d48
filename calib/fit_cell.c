/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_COUNT 1.5   /* under it a hold says nothing of the curve */
#define FULL_SHARE 0.995  /* of the largest count: from there on a hold says only "or more" */
#define TOLERANCE 0.03    /* of reading ... */
#define TOLERANCE_KPA 2.0 /* ... or this: the target that errors are weighed by */
#define SPLINE_KNOTS 10
#define FULL_TRIES 24
#define FULL_TRUST 0.03 /* a hold of this tolerance has weight 1 */
#define HOLD_BACK 0.003 /* of a spline from the saturating curve, where nothing is known */

int fit_work_make(struct fit_work *work, size_t n_max)
{
    *work = (struct fit_work){.n_max = n_max};
    work->robust = fit_robust_make(n_max);
    work->x = calloc(n_max * FIT_TERMS_MAX, sizeof *work->x);
    work->y = calloc(n_max, sizeof *work->y);
    work->felt = calloc(n_max, sizeof *work->felt);
    if (work->robust && work->x && work->y && work->felt)
        return 0;
    fit_work_free(work);
    return -1;
}

void fit_work_free(struct fit_work *work)
{
    fit_robust_free(work->robust);
    free(work->x);
    free(work->y);
    free(work->felt);
    *work = (struct fit_work){0};
}

double fit_error(const struct fit_model *model, const double coefficients[], double count,
                 double felt)
{
    double value = model->curve->value(&model->shape, coefficients, count);
    return (fmax(value, 0) - felt) / fmax(felt, FIT_PERCENT_FROM_KPA);
}

static int is_usable(const struct fit_model *model, const struct fit_series *cell, size_t i)
{
    double c = (double)cell->counts[i];
    return cell->felt[i] > 0 && c >= LEAST_COUNT && c <= FULL_SHARE * model->shape.max_count;
}

/* --- line ------------------------------------------------------------------------------------- */

static int fit_line(const struct fit_model *model, const struct fit_series *cell,
                    struct fit_work *work, double coefficients[])
{
    for (size_t terms = 2; terms > 0; terms--) {
        size_t n = 0;
        for (size_t i = 0; i < cell->n; i++) {
            if (!is_usable(model, cell, i))
                continue;
            double w = 1 / (cell->tolerance[i] * cell->felt[i]);
            work->x[n * terms] = w * (double)cell->counts[i];
            if (terms == 2)
                work->x[n * terms + 1] = w;
            work->y[n++] = w * cell->felt[i];
        }
        coefficients[1] = 0;
        if (!fit_robust_solve(work->robust, work->x, work->y, n, terms, coefficients) &&
            coefficients[0] > 0 && coefficients[1] <= 0)
            return 0;
    }
    return -1;
}

/* --- Curves that are straight in logarithms -----------------------------------------------------
 */

/* ln felt - ln base(c) = c0 + c1 z + c2 z^2, the terms that are wanted. */
typedef double log_axis(const struct fit_model *model, double count);

static double axis_power(const struct fit_model *model, double count)
{
    (void)model;
    return log(count);
}

static double axis_saturating(const struct fit_model *model, double count)
{
    return log(count / (model->full - count));
}

static double axis_spline(const struct fit_model *model, double count)
{
    return log(model->curve->value(&model->shape, model->plate, count) / model->middle);
}

static int fit_logs(const struct fit_model *model, const struct fit_series *cell,
                    struct fit_work *work, log_axis *axis, int over_plate, size_t terms, double c[])
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (!is_usable(model, cell, i))
            continue;
        double count = (double)cell->counts[i], z = axis(model, count);
        double w = 1 / cell->tolerance[i], base = 1, power = w;
        if (over_plate)
            base = model->curve->value(&model->shape, model->plate, count);
        for (size_t k = 0; k < terms; k++, power *= z)
            work->x[n * terms + k] = power;
        work->y[n++] = w * log(cell->felt[i] / base);
    }
    return fit_robust_solve(work->robust, work->x, work->y, n, terms, c);
}

static int fit_power(const struct fit_model *model, const struct fit_series *cell,
                     struct fit_work *work, double coefficients[])
{
    double c[FIT_TERMS_MAX];
    if (fit_logs(model, cell, work, axis_power, 0, 2, c))
        return -1;
    coefficients[0] = exp(c[0]);
    coefficients[1] = c[1];
    return 0;
}

static int fit_saturating(const struct fit_model *model, const struct fit_series *cell,
                          struct fit_work *work, double coefficients[])
{
    double c[FIT_TERMS_MAX];
    if (fit_logs(model, cell, work, axis_saturating, 0, 2, c))
        return -1;
    coefficients[0] = exp(c[0]);
    coefficients[1] = model->full;
    coefficients[2] = c[1];
    return 0;
}

/* --- spline -------------------------------------------------------------------------------------
 */

static void range_of(const struct fit_model *model, const struct fit_series *cell, double *low,
                     double *high)
{
    *low = INFINITY;
    *high = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (!is_usable(model, cell, i))
            continue;
        *low = fmin(*low, (double)cell->counts[i]);
        *high = fmax(*high, (double)cell->counts[i]);
    }
}

/* The plate's values at the knots, times the cell's own departure there. */
static void bend(const struct fit_model *model, const double c[], size_t terms, double low,
                 double high, double coefficients[])
{
    double last = 0;
    low = axis_spline(model, low);
    high = axis_spline(model, high);
    for (int k = 0; k < model->shape.n_knots; k++) {
        double z = fmin(fmax(axis_spline(model, model->shape.knots[k]), low), high);
        double departure = 0;
        for (size_t t = terms; t > 0; t--)
            departure = departure * z + c[t - 1];
        coefficients[k] = fmax(model->plate[k] * exp(departure), last * (1 + 1e-6) + 1e-9);
        last = coefficients[k];
    }
}

static int fit_spline(const struct fit_model *model, const struct fit_series *cell,
                      struct fit_work *work, double coefficients[])
{
    double low, high, c[FIT_TERMS_MAX];
    range_of(model, cell, &low, &high);
    for (size_t terms = FIT_TERMS_MAX; terms > 0; terms--) {
        if (fit_logs(model, cell, work, axis_spline, 1, terms, c))
            continue;
        bend(model, c, terms, low, high, coefficients);
        if (!model->curve->fault(&model->shape, coefficients))
            return 0;
    }
    return -1;
}

/* --- What the plate shares -----------------------------------------------------------------------
 */

/* Sum of bounded squares of the errors in units of the tolerance: what outliers cannot rule. */
static double cost(const struct fit_model *model, const struct fit_series *cell,
                   const double coefficients[])
{
    double sum = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (!is_usable(model, cell, i))
            continue;
        double value = model->curve->value(&model->shape, coefficients, (double)cell->counts[i]);
        double e = (value - cell->felt[i]) / cell->felt[i] / cell->tolerance[i];
        sum += e * e / (1 + e * e / 9);
    }
    return sum;
}

/* Where the curve is full: tried from just above the largest count to where it makes no
 * difference, the best kept. */
static int find_full(struct fit_model *model, const struct fit_series *median,
                     struct fit_work *work)
{
    double best = INFINITY, found = 0, c[CURVE_COEFFICIENTS_MAX];
    for (int t = 0; t < FULL_TRIES; t++) {
        model->full = model->shape.max_count * (1.001 + 0.01 * pow(1.45, t));
        if (fit_saturating(model, median, work, c))
            continue;
        double here = cost(model, median, c);
        if (here < best) {
            best = here;
            found = model->full;
        }
    }
    model->full = found;
    return found > 0 ? 0 : -1;
}

/* How much more a series was pressed than the base curve reads, as a logarithm, at one hold; the
 * weight falls for a wrong reference, and for a hold that tells little. */
static double departure_of(const struct fit_model *base, const struct fit_series *series, size_t i,
                           double *weight)
{
    double value = base->curve->value(&base->shape, base->plate, (double)series->counts[i]);
    double off = log(series->felt[i] / value), e = off / series->tolerance[i];
    *weight = pow(FULL_TRUST / series->tolerance[i], 2) / (1 + e * e / 9);
    return off;
}

/* The upper cells' gain against the median one, where both have counts. */
static double shift_of(const struct fit_model *base, const struct fit_series *median,
                       const struct fit_series *upper)
{
    double low, high, sum = 0, weights = 1e-9, weight;
    range_of(base, median, &low, &high);
    for (size_t i = 0; i < upper->n; i++) {
        if (!is_usable(base, upper, i) || (double)upper->counts[i] > high)
            continue;
        double off = departure_of(base, upper, i, &weight);
        sum += weight * off;
        weights += weight;
    }
    return sum / weights;
}

/* Weighted sums of the departures of the holds within reach of a count, by a triangle on its root.
 */
static void add_departures(const struct fit_model *base, const struct fit_series *series,
                           double shift, double count, double reach, double *sum, double *weights)
{
    for (size_t i = 0; i < series->n; i++) {
        if (!is_usable(base, series, i))
            continue;
        double near = 1 - fabs(sqrt((double)series->counts[i]) - sqrt(count)) / reach, weight;
        if (near <= 0)
            continue;
        double off = departure_of(base, series, i, &weight) - shift;
        *sum += near * weight * off;
        *weights += near * weight;
    }
}

/* Knots on the root of the count, up to a tenth over the most that one cell in fifty reads: the
 * shape is the median cell's saturating curve, bent to what the cells say beyond it. */
static int find_shape(struct fit_model *model, const struct fit_series *median,
                      const struct fit_series *upper, struct fit_work *work)
{
    struct fit_model base;
    double low, high, unused;
    if (fit_model_make(&base, curve_find("saturating"), model->shape.max_count, median, upper,
                       work))
        return -1;
    range_of(model, median, &low, &unused);
    range_of(model, upper, &unused, &high);
    double top = fmin(1.1 * high, model->shape.max_count);
    if (!(top > 2.0 * SPLINE_KNOTS * SPLINE_KNOTS))
        return -1; /* knots need to lie apart */
    double reach = sqrt(top) / SPLINE_KNOTS, shift = shift_of(&base, median, upper);
    model->shape.n_knots = SPLINE_KNOTS;
    for (int k = 0; k < SPLINE_KNOTS; k++) {
        double root = reach * (k + 1), near = fmin(fmax(root * root, low), high);
        double sum = 0, weights = HOLD_BACK;
        add_departures(&base, median, 0, near, reach, &sum, &weights);
        add_departures(&base, upper, shift, near, reach, &sum, &weights);
        model->shape.knots[k] = floor(root * root);
        model->plate[k] =
            base.curve->value(&base.shape, base.plate, model->shape.knots[k]) * exp(sum / weights);
    }
    model->middle = sqrt(model->plate[0] * model->plate[SPLINE_KNOTS - 1]);
    return model->curve->fault(&model->shape, model->plate) ? -1 : 0;
}

int fit_model_make(struct fit_model *model, const struct curve *curve, double max_count,
                   const struct fit_series *median, const struct fit_series *upper,
                   struct fit_work *work)
{
    *model = (struct fit_model){.curve = curve, .shape = {.max_count = max_count}};
    if (!strcmp(curve->name, "spline"))
        return find_shape(model, median, upper, work);
    if (!strcmp(curve->name, "saturating") && find_full(model, median, work))
        return -1;
    return fit_cell(model, median, work, model->plate);
}

/* --- One cell ------------------------------------------------------------------------------------
 */

static int is_within(const struct fit_model *model, const double coefficients[])
{
    const struct curve *curve = model->curve;
    for (int k = 0; k < curve->n_coefficients; k++) {
        if (!(coefficients[k] >= curve->least[k]) || !(coefficients[k] <= curve->most[k]))
            return 0;
    }
    return !curve->fault(&model->shape, coefficients);
}

int fit_cell(const struct fit_model *model, const struct fit_series *cell, struct fit_work *work,
             double coefficients[])
{
    static const struct {
        const char *name;
        int (*fit)(const struct fit_model *, const struct fit_series *, struct fit_work *,
                   double[]);
    } kinds[] = {{"line", fit_line},
                 {"power", fit_power},
                 {"saturating", fit_saturating},
                 {"spline", fit_spline}};
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        if (!strcmp(kinds[k].name, model->curve->name))
            return kinds[k].fit(model, cell, work, coefficients) || !is_within(model, coefficients)
                       ? -1
                       : 0;
    }
    return -1;
}
