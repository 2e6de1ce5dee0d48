/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/plate_model.h"
#include "calib/vector_clones.h"
#include "calib/vector_power.h"
#include "samples/dice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECADES 4
#define NOISE_TABLE 16384 /* a power of two; rows read stretches of it from random places */
#define FORGOTTEN_KPA 1e-12f
#define LEAST_SHARE 1e-14f /* of full scale: far below any count */
#define BARE_KPA 0.5f      /* under it a cell forgets its peak */

static const double creep_tau_s[DECADES] = {0.3, 3, 30, 300};

struct plate_model {
    struct plate_setting setting;
    size_t n;
    float *gain, *offset, *peak, *creep[DECADES];
    float *level, *bare_row; /* a row each */
    uint16_t *alive;         /* 0xFFFF; 0 for a dead cell */
    float *noise;            /* NOISE_TABLE + cols */
    struct dice dice;
    uint64_t last_us;
};

/* All arrays in one block: one thing to fail, one to free. */
static int allocate(struct plate_model *model)
{
    size_t n = model->n, cols = (size_t)model->setting.cols, noise = NOISE_TABLE + cols;
    float *block = calloc(n * (3 + DECADES) + 2 * cols + noise, sizeof *block);
    model->alive = malloc(n * sizeof *model->alive);
    model->gain = block;
    if (!block || !model->alive)
        return -1;
    memset(model->alive, 0xFF, n * sizeof *model->alive);
    model->offset = block + n;
    model->peak = block + 2 * n;
    for (size_t d = 0; d < DECADES; d++)
        model->creep[d] = block + (3 + d) * n;
    model->level = block + (3 + DECADES) * n;
    model->bare_row = model->level + cols;
    model->noise = model->bare_row + cols;
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
        model->alive[(size_t)(dice_uniform(&dice) * (double)model->n)] = 0;
    for (int i = 0; i < plate->n_dead; i++)
        model->alive[plate->dead[i].row * plate->cols + plate->dead[i].col] = 0;
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
    free(model->alive);
    free(model);
}

double plate_model_gain(const struct plate_model *model, size_t cell)
{
    return model->gain[cell];
}

int plate_model_is_dead(const struct plate_model *model, size_t cell)
{
    return !model->alive[cell];
}

/* A state on its way to p; numbers too small for any count would go on halving, and slow all
 * reckoning down. */
static inline float followed(float state, float p, float keep)
{
    float next = p + (state - p) * keep;
    return next > FORGOTTEN_KPA ? next : 0;
}

/* One pass over the cells, which becomes vector code as all loops here do: a virtual session is
 * tens of thousands of scans. */
VECTOR_CLONES
static void creep(struct plate_model *model, double step_s, float *restrict kpa)
{
    float share = (float)(model->setting.creep_percent_per_decade / 100), keep[DECADES];
    float *restrict s0 = model->creep[0], *restrict s1 = model->creep[1];
    float *restrict s2 = model->creep[2], *restrict s3 = model->creep[3];
    for (int d = 0; d < DECADES; d++)
        keep[d] = (float)exp(-step_s / creep_tau_s[d]);
    for (size_t i = 0; i < model->n; i++) {
        s0[i] = followed(s0[i], kpa[i], keep[0]);
        s1[i] = followed(s1[i], kpa[i], keep[1]);
        s2[i] = followed(s2[i], kpa[i], keep[2]);
        s3[i] = followed(s3[i], kpa[i], keep[3]);
        kpa[i] += share * (s0[i] + s1[i] + s2[i] + s3[i]);
    }
}

VECTOR_CLONES
static void hysteresis(struct plate_model *model, float *restrict kpa)
{
    float height = (float)(4 * model->setting.hysteresis_percent / 100);
    float *restrict peaks = model->peak;
    for (size_t i = 0; i < model->n; i++) {
        float p = kpa[i], peak = peaks[i];
        int is_loaded = p >= BARE_KPA;
        float held = (float)is_loaded, free = (float)(1 - is_loaded);
        peak = held * (p > peak ? p : peak);
        peaks[i] = peak;
        kpa[i] = p + held * height * p * (peak - p) / (peak + free);
    }
}

/* Each of the four neighbours in row and column gives a share; rows beyond the plate are bare. */
static inline void crosstalk(const struct plate_model *model, int row, const float *kpa,
                             float *restrict sum)
{
    int cols = model->setting.cols, last = cols - 1;
    float share = (float)model->setting.crosstalk;
    const float *here = kpa + row * cols;
    const float *back = row > 0 ? here - cols : model->bare_row;
    const float *front = row + 1 < model->setting.rows ? here + cols : model->bare_row;
    for (int col = 1; col < last; col++)
        sum[col] = here[col] + share * (here[col - 1] + here[col + 1] + back[col] + front[col]);
    if (last == 0)
        sum[0] = here[0] + share * (back[0] + front[0]);
    if (last > 0) {
        sum[0] = here[0] + share * (here[1] + back[0] + front[0]);
        sum[last] = here[last] + share * (here[last - 1] + back[last] + front[last]);
    }
}

/* x^exponent of shares of full scale; 0 stays 0 by a factor, not by a branch: vector code. */
static inline void bend(float *share, int n, float exponent)
{
    for (int i = 0; i < n; i++) {
        int some = share[i] > LEAST_SHARE;
        float x = (float)some * share[i] + (float)(1 - some);
        share[i] = (float)some * vector_power(x, exponent);
    }
}

/* Pressure of a row to (unrounded) counts without offset. */
static inline void curve(const struct plate_model *model, int row, float *restrict kpa)
{
    const struct plate_setting *plate = &model->setting;
    const float *gain = model->gain + row * plate->cols;
    float largest = (float)((1 << plate->bits) - 1), scale = (float)(1 / plate->full_scale_kpa);
    float exponent = (float)(1 / plate->curve_exponent);
    for (int col = 0; col < plate->cols; col++)
        kpa[col] *= gain[col] * scale;
    if (exponent != 1)
        bend(kpa, plate->cols, exponent);
    for (int col = 0; col < plate->cols; col++)
        kpa[col] *= largest;
}

static inline void convert(struct plate_model *model, int row, const float *restrict level,
                           uint16_t *restrict counts)
{
    int cols = model->setting.cols;
    const float *offset = model->offset + row * cols;
    const uint16_t *alive = model->alive + row * cols;
    float largest = (float)((1 << model->setting.bits) - 1);
    size_t at = gsl_rng_get(&model->dice.rng) % NOISE_TABLE;
    const float *noise = model->noise + at;
    for (int col = 0; col < cols; col++) {
        float value = level[col] + offset[col] + noise[col] + 0.5f;
        value = value < 0 ? 0 : value;
        value = value > largest ? largest : value;
        counts[col] = (uint16_t)((uint16_t)(int)value & alive[col]);
    }
}

VECTOR_CLONES
static void scan_rows(struct plate_model *model, const float *kpa, uint16_t *counts)
{
    for (int row = 0; row < model->setting.rows; row++) {
        crosstalk(model, row, kpa, model->level);
        curve(model, row, model->level);
        convert(model, row, model->level, counts + row * model->setting.cols);
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
    scan_rows(model, kpa, counts);
}
