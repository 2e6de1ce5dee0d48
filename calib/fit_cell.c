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

int fit_work_make(struct fit_work *work, size_t n_max)
{
    *work = (struct fit_work){.n_max = n_max};
    work->robust = fit_robust_make(n_max);
    work->x = calloc(n_max * FIT_TERMS_MAX, sizeof *work->x);
    work->y = calloc(n_max, sizeof *work->y);
    if (work->robust && work->x && work->y)
        return 0;
    fit_work_free(work);
    return -1;
}

void fit_work_free(struct fit_work *work)
{
    fit_robust_free(work->robust);
    free(work->x);
    free(work->y);
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

/* A relative error is worth this much: 1 / its tolerance. */
static double weight_of(double felt)
{
    return 1 / fmax(TOLERANCE, TOLERANCE_KPA / felt);
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
            double w = weight_of(cell->felt[i]) / cell->felt[i];
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
    return log(count / model->middle);
}

static int fit_logs(const struct fit_model *model, const struct fit_series *cell,
                    struct fit_work *work, log_axis *axis, int over_plate, size_t terms, double c[])
{
    size_t n = 0;
    for (size_t i = 0; i < cell->n; i++) {
        if (!is_usable(model, cell, i))
            continue;
        double count = (double)cell->counts[i], z = axis(model, count);
        double w = weight_of(cell->felt[i]), base = 1, power = w;
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
    for (int k = 0; k < model->shape.n_knots; k++) {
        double count = fmin(fmax(model->shape.knots[k], low), high);
        double z = axis_spline(model, count), departure = 0;
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
        double e = (value - cell->felt[i]) / cell->felt[i] * weight_of(cell->felt[i]);
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

/* Weighted mean of the logarithmic departure of the holds within reach of a count, by a triangle
 * on the root of the count; 0 pulls with the weight `hold_back`. */
static double departure_near(const struct fit_model *base, const double coefficients[],
                             const struct fit_series *median, double count, double reach)
{
    double sum = 0, weights = 0.05;
    for (size_t i = 0; i < median->n; i++) {
        if (!is_usable(base, median, i))
            continue;
        double c = (double)median->counts[i];
        double near = 1 - fabs(sqrt(c) - sqrt(count)) / reach;
        if (near <= 0)
            continue;
        double value = base->curve->value(&base->shape, coefficients, c);
        double off = log(median->felt[i] / value), e = off * weight_of(median->felt[i]);
        double w = near / (1 + e * e / 9); /* a wrong reference hardly counts */
        sum += w * off;
        weights += w;
    }
    return sum / weights;
}

/* Knots on the root of the count, up to the median cell's largest and a quarter more: the shape is
 * the better of power and saturating, bent to what the median cell says beyond it. */
static int find_shape(struct fit_model *model, const struct fit_series *median,
                      struct fit_work *work)
{
    struct fit_model base;
    double low, high, c[CURVE_COEFFICIENTS_MAX];
    if (fit_model_make(&base, curve_find("saturating"), model->shape.max_count, median, work))
        return -1;
    memcpy(c, base.plate, sizeof c);
    range_of(model, median, &low, &high);
    double top = fmin(1.25 * high, model->shape.max_count);
    if (!(top > 2.0 * SPLINE_KNOTS * SPLINE_KNOTS))
        return -1; /* knots need to lie apart */
    double reach = sqrt(top) / SPLINE_KNOTS;
    model->shape.n_knots = SPLINE_KNOTS;
    model->middle = sqrt(low * high);
    for (int k = 0; k < SPLINE_KNOTS; k++) {
        double root = reach * (k + 1), near = fmin(fmax(root * root, low), high);
        double count = floor(root * root);
        model->shape.knots[k] = count;
        model->plate[k] = base.curve->value(&base.shape, c, count) *
                          exp(departure_near(&base, c, median, near, reach));
    }
    return model->curve->fault(&model->shape, model->plate) ? -1 : 0;
}

int fit_model_make(struct fit_model *model, const struct curve *curve, double max_count,
                   const struct fit_series *median, struct fit_work *work)
{
    *model = (struct fit_model){.curve = curve, .shape = {.max_count = max_count}};
    if (!strcmp(curve->name, "spline"))
        return find_shape(model, median, work);
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
