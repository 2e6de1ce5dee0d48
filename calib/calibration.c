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

void calibration_facts(const struct calibration *c, struct calibration_facts *facts)
{
    *facts = (struct calibration_facts){
        .id = c->id,
        .date = c->date,
        .serial = c->serial,
        .curve = c->curve->name,
        .operator_name = c->operator_name,
        .rows = c->rows,
        .cols = c->cols,
        .bits = c->bits,
        .is_nominal = is_nominal(c),
        .residual_percent = c->residual_percent,
        .masked_cells = c->n_masked,
    };
}

int calibration_is_masked(const struct calibration *c, size_t cell)
{
    return c->masked[cell];
}
