/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/plate_model.h"
#include "samples/dice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECADES 4
#define NOISE_TABLE 16384 /* a power of two; rows read stretches of it from random places */
#define FORGOTTEN_KPA 1e-12f
#define BARE_KPA 0.5f /* under it a cell forgets its peak */

static const double creep_tau_s[DECADES] = {0.3, 3, 30, 300};

struct plate_model {
    struct plate_setting setting;
    size_t n;
    float *gain, *offset, *peak, *creep[DECADES], *neighbours;
    uint8_t *dead;
    float *noise; /* NOISE_TABLE + cols */
    struct dice dice;
    uint64_t last_us;
};

/* All arrays in one block: one thing to fail, one to free. */
static int allocate(struct plate_model *model)
{
    size_t n = model->n, noise = NOISE_TABLE + (size_t)model->setting.cols;
    float *block = calloc(n * (4 + DECADES) + noise, sizeof *block);
    model->dead = calloc(n, 1);
    model->gain = block;
    if (!block || !model->dead)
        return -1;
    model->offset = block + n;
    model->peak = block + 2 * n;
    model->neighbours = block + 3 * n;
    for (size_t d = 0; d < DECADES; d++)
        model->creep[d] = block + (4 + d) * n;
    model->noise = block + (4 + DECADES) * n;
    return 0;
}

/* What belongs to this very plate, whoever stands on it. */
static void draw_plate(struct plate_model *model)
{
    const struct plate_setting *plate = &model->setting;
    struct dice dice;
    uint64_t own = dice_seed_of(plate->serial);
    dice_begin(&dice, own, "gain");
    for (size_t i = 0; i < model->n; i++)
        model->gain[i] = (float)fmax(0.2, 1 + dice_normal(&dice, plate->gain_spread));
    dice_begin(&dice, own, "offset");
    for (size_t i = 0; i < model->n; i++) {
        double spread = dice_normal(&dice, plate->offset_spread_counts);
        model->offset[i] = (float)fmax(0, plate->offset_counts + spread);
    }
    dice_begin(&dice, own, "dead");
    for (int i = 0; i < plate->random_dead; i++)
        model->dead[(size_t)(dice_uniform(&dice) * (double)model->n)] = 1;
    for (int i = 0; i < plate->n_dead; i++)
        model->dead[plate->dead[i].row * plate->cols + plate->dead[i].col] = 1;
}

struct plate_model *plate_model_create(const struct plate_setting *plate, uint64_t seed,
                                       struct problem *why)
{
    struct plate_model *model = calloc(1, sizeof *model);
    if (!model) {
        problem_no_memory(why, "a plate");
        return NULL;
    }
    model->setting = *plate;
    model->n = (size_t)plate->rows * (size_t)plate->cols;
    if (allocate(model)) {
        problem_no_memory(why, "a plate's cells");
        plate_model_free(model);
        return NULL;
    }
    draw_plate(model);
    dice_begin(&model->dice, seed, "noise");
    size_t n_noise = NOISE_TABLE + (size_t)plate->cols;
    for (size_t i = 0; i < n_noise; i++)
        model->noise[i] = (float)dice_normal(&model->dice, plate->noise_counts);
    return model;
}

void plate_model_free(struct plate_model *model)
{
    if (!model)
        return;
    free(model->gain);
    free(model->dead);
    free(model);
}

double plate_model_gain(const struct plate_model *model, size_t cell)
{
    return model->gain[cell];
}

int plate_model_is_dead(const struct plate_model *model, size_t cell)
{
    return model->dead[cell];
}

static void creep(struct plate_model *model, double step_s, float *kpa)
{
    float share = (float)(model->setting.creep_percent_per_decade / 100);
    for (int d = 0; d < DECADES; d++) {
        float keep = (float)exp(-step_s / creep_tau_s[d]);
        float *state = model->creep[d];
        for (size_t i = 0; i < model->n; i++)
            state[i] = kpa[i] + (state[i] - kpa[i]) * keep;
        /* Numbers too small for any count would go on halving, and slow all reckoning down. */
        for (size_t i = 0; i < model->n; i++)
            state[i] = state[i] > FORGOTTEN_KPA ? state[i] : 0;
    }
    for (size_t i = 0; i < model->n; i++)
        kpa[i] += share * (model->creep[0][i] + model->creep[1][i] + model->creep[2][i] +
                           model->creep[3][i]);
}

static void hysteresis(struct plate_model *model, float *kpa)
{
    float height = (float)(4 * model->setting.hysteresis_percent / 100);
    for (size_t i = 0; i < model->n; i++) {
        float p = kpa[i], peak = p > model->peak[i] ? p : model->peak[i];
        peak = p < BARE_KPA ? 0 : peak;
        model->peak[i] = peak;
        if (peak > p)
            kpa[i] = p + height * p * (peak - p) / peak;
    }
}

static void crosstalk(struct plate_model *model, float *kpa)
{
    int rows = model->setting.rows, cols = model->setting.cols;
    float share = (float)model->setting.crosstalk, *sum = model->neighbours;
    for (int row = 0; row < rows; row++) {
        const float *here = kpa + row * cols;
        const float *back = row > 0 ? here - cols : NULL;
        const float *front = row + 1 < rows ? here + cols : NULL;
        for (int col = 0; col < cols; col++)
            sum[row * cols + col] = (col > 0 ? here[col - 1] : 0) +
                                    (col + 1 < cols ? here[col + 1] : 0) + (back ? back[col] : 0) +
                                    (front ? front[col] : 0);
    }
    for (size_t i = 0; i < model->n; i++)
        kpa[i] += share * sum[i];
}

/* Pressure to (unrounded) counts without offset. */
static void curve(const struct plate_model *model, float *kpa)
{
    const struct plate_setting *plate = &model->setting;
    float largest = (float)((1 << plate->bits) - 1), scale = (float)(1 / plate->full_scale_kpa);
    float exponent = (float)(1 / plate->curve_exponent);
    for (size_t i = 0; i < model->n; i++)
        kpa[i] *= model->gain[i] * scale;
    if (exponent != 1) {
        for (size_t i = 0; i < model->n; i++)
            kpa[i] = kpa[i] > 0 ? powf(kpa[i], exponent) : 0;
    }
    for (size_t i = 0; i < model->n; i++)
        kpa[i] *= largest;
}

static void convert(struct plate_model *model, const float *level, uint16_t *counts)
{
    int cols = model->setting.cols;
    float largest = (float)((1 << model->setting.bits) - 1);
    for (int row = 0; row < model->setting.rows; row++) {
        size_t at = gsl_rng_get(&model->dice.rng) % NOISE_TABLE;
        const float *noise = model->noise + at;
        for (int col = 0; col < cols; col++) {
            int i = row * cols + col;
            float value = level[i] + model->offset[i] + noise[col] + 0.5f;
            value = value < 0 ? 0 : value;
            value = value > largest ? largest : value;
            counts[i] = model->dead[i] ? 0 : (uint16_t)value;
        }
    }
}

void plate_model_scan(struct plate_model *model, uint64_t time_us, float *kpa, uint16_t *counts)
{
    double step_s = time_us > model->last_us ? (double)(time_us - model->last_us) * 1e-6 : 0;
    model->last_us = time_us;
    if (model->setting.creep_percent_per_decade > 0)
        creep(model, step_s, kpa);
    if (model->setting.hysteresis_percent > 0)
        hysteresis(model, kpa);
    if (model->setting.crosstalk > 0)
        crosstalk(model, kpa);
    curve(model, kpa);
    convert(model, kpa, counts);
}
