/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/calibration.h"

#include "calib/calibration_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct calibration *calibration_new(int rows, int cols, int bits, const struct curve *curve,
                                    const struct curve_shape *shape)
{
    struct calibration *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->rows = rows;
    c->cols = cols;
    c->bits = bits;
    c->curve = curve;
    c->shape = *shape;
    c->residual_percent = NAN;
    size_t cells = calibration_cells(c);
    c->masked = calloc(cells, sizeof *c->masked);
    int whole = c->masked != NULL;
    for (int k = 0; k < curve_coefficients(curve, shape); k++) {
        c->coefficients[k] = calloc(cells, sizeof(float));
        whole &= c->coefficients[k] != NULL;
    }
    if (whole)
        return c;
    calibration_free(c);
    return NULL;
}

void calibration_free(struct calibration *c)
{
    if (!c)
        return;
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        free(c->coefficients[k]);
    free(c->masked);
    free(c->cell_residual);
    free(c->health);
    free(c);
}

struct calibration *calibration_nominal(int rows, int cols, int bits, double full_scale_kpa,
                                        struct problem *why)
{
    if (rows < 1 || rows > 256 || cols < 1 || cols > 256 || bits < 1 || bits > 16 ||
        !(full_scale_kpa > 0 && full_scale_kpa < 1e5)) {
        problem(why, PROBLEM_REFUSED,
                "no nominal calibration for %d x %d cells, %d bits, full scale %g kPa", rows, cols,
                bits, full_scale_kpa);
        return NULL;
    }
    struct curve_shape shape = {.max_count = (double)((1u << bits) - 1u)};
    struct calibration *c = calibration_new(rows, cols, bits, curve_find("line"), &shape);
    if (!c) {
        problem_no_memory(why, "a calibration");
        return NULL;
    }
    snprintf(c->id, sizeof c->id, "%s", CALIBRATION_NOMINAL);
    float gain = (float)(full_scale_kpa / c->shape.max_count);
    for (size_t i = 0; i < calibration_cells(c); i++)
        c->coefficients[0][i] = gain;
    return c;
}

static int is_nominal(const struct calibration *c)
{
    return !strcmp(c->id, CALIBRATION_NOMINAL);
}

int calibration_check(const struct calibration *c, const char *serial, int rows, int cols,
                      struct problem *why)
{
    if (!is_nominal(c) && strcmp(c->serial, serial))
        return problem(why, PROBLEM_REFUSED,
                       "calibration '%s' belongs to plate '%s', not to plate '%s'", c->id,
                       c->serial, serial);
    if (c->rows != rows || c->cols != cols)
        return problem(why, PROBLEM_REFUSED,
                       "calibration '%s' is for %d x %d cells, the plate '%s' has %d x %d", c->id,
                       c->rows, c->cols, serial, rows, cols);
    return 0;
}

void calibration_apply(const struct calibration *c, const uint16_t *counts, float *kpa)
{
    c->curve->apply(&c->shape, (const float *const *)c->coefficients, counts, kpa,
                    calibration_cells(c));
}

/* kPa of one cell as apply gives it. */
static double reading(const struct calibration *c, size_t cell, uint16_t count)
{
    const float *one[CURVE_COEFFICIENTS_MAX] = {0};
    for (int k = 0; k < curve_coefficients(c->curve, &c->shape); k++)
        one[k] = c->coefficients[k] + cell;
    float kpa;
    c->curve->apply(&c->shape, one, &count, &kpa, 1);
    return (double)kpa;
}

uint16_t calibration_counts(const struct calibration *c, size_t cell, double kpa)
{
    if (c->masked[cell] || !(kpa > 0))
        return 0;
    double one[CURVE_COEFFICIENTS_MAX] = {0};
    for (int k = 0; k < curve_coefficients(c->curve, &c->shape); k++)
        one[k] = (double)c->coefficients[k][cell];
    double most = c->shape.max_count, exact = c->curve->inverse(&c->shape, one, kpa);
    if (!(exact < most))
        return (uint16_t)most;
    /* A dead band makes readings next to 0 step: so the two neighbours are asked. */
    uint16_t below = (uint16_t)floor(exact > 0 ? exact : 0), above = (uint16_t)(below + 1);
    double under = kpa - reading(c, cell, below), over = reading(c, cell, above) - kpa;
    return fabs(under) <= fabs(over) ? below : above;
}

/* Root of the sum of squares of what is known; NaN when `first` is not. */
static double added_in_squares(double first, const double others[], size_t n)
{
    double squares = first * first;
    for (size_t i = 0; i < n; i++)
        squares += isnan(others[i]) ? 0 : others[i] * others[i];
    return sqrt(squares);
}

static double pressure_error_percent(const struct calibration *c)
{
    if (!c->has_budget)
        return c->residual_percent;
    const struct calibration_budget *b = &c->budget;
    double others[] = {b->repeatability.percent, b->hysteresis.percent, b->creep.percent,
                       b->crosstalk.percent};
    double accuracy = isnan(b->accuracy.percent) ? c->residual_percent : b->accuracy.percent;
    return added_in_squares(accuracy, others, sizeof others / sizeof others[0]);
}

void calibration_facts(const struct calibration *c, struct calibration_facts *facts)
{
    *facts = (struct calibration_facts){
        .id = c->id,
        .date = c->date,
        .serial = c->serial,
        .curve = c->curve->name,
        .operator_name = c->operator_name,
        .reference_device = c->reference_device,
        .rows = c->rows,
        .cols = c->cols,
        .bits = c->bits,
        .is_nominal = is_nominal(c),
        .residual_percent = c->residual_percent,
        .masked_cells = c->n_masked,
        .pressure_error_percent = pressure_error_percent(c),
        .force_error_percent = c->has_budget ? c->budget.force_percent : NAN,
    };
}

int calibration_is_masked(const struct calibration *c, size_t cell)
{
    return c->masked[cell];
}

const char *cell_health_name(enum cell_health health)
{
    static const char *const names[] = {"healthy", "dead", "stuck", "weak", "shorted"};
    return health >= CELL_HEALTHY && health < CELL_HEALTHS ? names[health] : "unknown";
}

enum cell_health calibration_cell_health(const struct calibration *c, size_t cell)
{
    if (c->health)
        return (enum cell_health)c->health[cell];
    return c->masked[cell] ? CELL_HEALTHS : CELL_HEALTHY;
}

double calibration_cell_residual(const struct calibration *c, size_t cell)
{
    return c->cell_residual ? (double)c->cell_residual[cell] : NAN;
}

const struct calibration_dynamics *calibration_dynamics(const struct calibration *c)
{
    const struct calibration_dynamics *d = &c->dynamics;
    int is_any = d->n_creep > 0 || d->hysteresis > 0 || fabs(d->gain_percent_per_c) > 0;
    return c->has_dynamics && is_any ? d : NULL;
}

const struct calibration_budget *calibration_budget(const struct calibration *c)
{
    return c->has_budget ? &c->budget : NULL;
}

const struct calibration_stud *calibration_studs(const struct calibration *c, size_t *n)
{
    *n = (size_t)c->n_studs;
    return c->n_studs ? c->studs : NULL;
}

const struct calibration_candidate *calibration_candidates(const struct calibration *c, size_t *n)
{
    *n = (size_t)c->n_candidates;
    return c->n_candidates ? c->candidates : NULL;
}
