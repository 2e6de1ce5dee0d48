/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/virtual_calibration.h"
#include "calib/calibration.h"
#include "samples/dice.h"
#include "samples/plate_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A virtual bench works on no day in particular; the same plate gives the same file. */
#define BENCH_DATE "2026-01-01"

/* kPa = full scale / gain (count / largest)^exponent, for each cell, a little off. */
static void fill(const struct plate_setting *plate, const struct plate_model *model, double *scale,
                 double *second, uint8_t *masked)
{
    double largest = (1 << plate->bits) - 1;
    struct dice dice;
    dice_begin(&dice, dice_seed_of(plate->serial), "calibration residual");
    size_t n = (size_t)plate->rows * (size_t)plate->cols;
    for (size_t i = 0; i < n; i++) {
        double off = 1 + dice_normal(&dice, plate->calibration_residual);
        double gain = plate_model_gain(model, i);
        scale[i] = off * plate->full_scale_kpa / gain / pow(largest, plate->curve_exponent);
        second[i] = plate->curve_exponent == 1 ? 0 : plate->curve_exponent;
        masked[i] = (uint8_t)plate_model_is_dead(model, i);
    }
}

char *virtual_calibration(const struct plate_setting *plate, size_t *n, struct problem *why)
{
    size_t cells = (size_t)plate->rows * (size_t)plate->cols;
    char id[64], *text = NULL;
    snprintf(id, sizeof id, "%s-bench", plate->serial);
    struct plate_model *model = plate_model_create(plate, 0, why);
    double *numbers = calloc(2 * cells, sizeof *numbers);
    uint8_t *masked = calloc(cells, 1);
    if (!model)
        goto out;
    if (!numbers || !masked) {
        problem_no_memory(why, "a calibration");
        goto out;
    }
    fill(plate, model, numbers, numbers + cells, masked);
    struct calibration_spec spec = {.id = id,
                                    .date = BENCH_DATE,
                                    .operator_name = "virtual bench",
                                    .serial = plate->serial,
                                    .rows = plate->rows,
                                    .cols = plate->cols,
                                    .bits = plate->bits,
                                    .curve = plate->curve_exponent == 1 ? "line" : "power",
                                    .coefficients = {numbers, numbers + cells, NULL},
                                    .masked = masked,
                                    .residual_percent = 100 * plate->calibration_residual};
    text = calibration_format(&spec, n, why);
out:
    plate_model_free(model);
    free(numbers);
    free(masked);
    return text;
}
