/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/bench_plate.h"
#include "samples/dice.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAYS 4
#define CREEP_T0_S 0.01
#define CREEP_DECADES 5
#define RECOVERY                                                                                   \
    10               /* the sheet's own spring helps: as fast as superposition has it after 100 s  \
                      */
#define BARE_KPA 0.2 /* under it a cell is bare: it lies anew when it is loaded again */
#define FORGOTTEN_KPA 1e-3 /* of creep: nothing is remembered under it */
#define FULL_G 50.0        /* conductance of a cell shorted row to column */
#define TOUCHED_KPA 1.0
#define LOOSE_SPREAD 0.4 /* sd of the logarithm of a loose contact's gain */
#define NOISE_TABLE 8192 /* rows read stretches of it from random places */

static const double play_width[PLAYS] = {0.1, 0.2, 0.35, 0.5}; /* the wedges' a */

struct cell {
    double gain, small_kpa, bulk_kpa, offset;
    double play[PLAYS], creep, memory; /* kPa */
    double contact;                    /* factor of this loading */
    enum bench_fault fault;
    int is_loaded;
    uint16_t stuck_at;
};

struct bench_plate {
    struct bench_plate_setting setting;
    size_t n;
    double play_weight, play_norm, conductance_norm;
    struct cell *cells;
    double *pressure, *conductance, *voltage; /* n, n, cols */
    float *noise;                             /* NOISE_TABLE + cols */
    uint8_t *row_short;                       /* rows: shorted with the next one */
    struct dice noise_dice, contact_dice;
    uint64_t last_us;
};

const char *bench_fault_name(enum bench_fault fault)
{
    static const char *const names[BENCH_FAULTS] = {"none",  "dead", "stuck", "weak",
                                                    "loose", "pair", "full",  "rows"};
    return fault < BENCH_FAULTS ? names[fault] : "unknown";
}

void bench_plate_defaults(struct bench_plate_setting *setting)
{
    *setting = (struct bench_plate_setting){.rows = 48,
                                            .cols = 48,
                                            .bits = 12,
                                            .pitch_x_mm = 5,
                                            .pitch_y_mm = 5,
                                            .rate_hz = 20,
                                            .full_scale_kpa = 600,
                                            .noise_counts = 1.2,
                                            .offset_counts = 20,
                                            .offset_spread_counts = 4,
                                            .gain_spread = 0.08,
                                            .curvature_spread = 0.08,
                                            .small_share = 0.2,
                                            .small_kpa = 70,
                                            .bulk_kpa = 900,
                                            .bulk_exponent = 1.05,
                                            .divider = 0.3,
                                            .hysteresis_percent = 4,
                                            .creep_percent_per_decade = 1.5,
                                            .row_sag_percent = 1,
                                            .cover_share = 0.005,
                                            .repeat_percent = 0.5,
                                            .reference_c = 22,
                                            .gain_percent_per_c = 0.2,
                                            .zero_counts_per_c = 0.1};
    snprintf(setting->serial, sizeof setting->serial, "BENCH-1");
}

/* --- Contact --------------------------------------------------------------------------------- */

static double contact(const struct bench_plate_setting *s, double small_kpa, double bulk_kpa,
                      double kpa)
{
    double q = pow(kpa / bulk_kpa, s->bulk_exponent);
    return s->small_share * kpa / (kpa + small_kpa) + (1 - s->small_share) * q / (1 + q);
}

/* With plays of equal weight b: rising reads (1 - sum b) + sum b (1 - a) = 1 - b sum a, falling
 * below half of the peak reads 1 (of the pressure). h = 1 / (1 - b sum a) - 1. */
static void derive(struct bench_plate *plate)
{
    const struct bench_plate_setting *s = &plate->setting;
    double h = s->hysteresis_percent / 100, sum = 0;
    for (int i = 0; i < PLAYS; i++)
        sum += play_width[i];
    plate->play_weight = h / (1 + h) / sum;
    plate->play_norm = 1 - plate->play_weight * sum;
    plate->conductance_norm = contact(s, s->small_kpa, s->bulk_kpa, s->full_scale_kpa);
}

/* --- Made ------------------------------------------------------------------------------------ */

static void draw_cells(struct bench_plate *plate, uint64_t own)
{
    const struct bench_plate_setting *s = &plate->setting;
    struct dice gain, curve, offset;
    dice_begin(&gain, own, "gain");
    dice_begin(&curve, own, "curvature");
    dice_begin(&offset, own, "offset");
    for (size_t i = 0; i < plate->n; i++) {
        struct cell *cell = &plate->cells[i];
        cell->gain = fmax(0.2, 1 + dice_normal(&gain, s->gain_spread));
        cell->small_kpa = s->small_kpa * dice_lognormal(&curve, s->curvature_spread);
        cell->bulk_kpa = s->bulk_kpa * dice_lognormal(&curve, s->curvature_spread);
        cell->offset = fmax(0, s->offset_counts + dice_normal(&offset, s->offset_spread_counts));
        cell->contact = 1;
    }
}

static int is_healthy_pair(const struct bench_plate *plate, size_t at)
{
    return (int)(at % (size_t)plate->setting.cols) + 1 < plate->setting.cols &&
           !plate->cells[at].fault && !plate->cells[at + 1].fault;
}

/* Makes a cell faulty; 0 when it cannot be so there. */
static int plant(struct bench_plate *plate, size_t at, enum bench_fault fault, struct dice *dice)
{
    const struct bench_plate_setting *s = &plate->setting;
    size_t cols = (size_t)s->cols, row = at / cols;
    struct cell *cell = &plate->cells[at];
    if (fault == BENCH_FAULT_ROWS) {
        if ((int)row + 1 >= s->rows || plate->row_short[row] || plate->row_short[row + 1] ||
            (row && plate->row_short[row - 1]))
            return 0;
        plate->row_short[row] = 1;
        for (size_t i = row * cols; i < (row + 2) * cols; i++)
            if (!plate->cells[i].fault)
                plate->cells[i].fault = BENCH_FAULT_ROWS;
        return 1;
    }
    if (cell->fault || (fault == BENCH_FAULT_PAIR && !is_healthy_pair(plate, at)))
        return 0;
    cell->fault = fault;
    if (fault == BENCH_FAULT_PAIR)
        cell[1].fault = BENCH_FAULT_PAIR;
    if (fault == BENCH_FAULT_WEAK)
        cell->gain *= 0.1 + 0.23 * dice_uniform(dice);
    if (fault == BENCH_FAULT_STUCK) /* anywhere above the zeros */
        cell->stuck_at = (uint16_t)((0.1 + 0.9 * dice_uniform(dice)) * ((1 << s->bits) - 1));
    return 1;
}

/* Whole rows first: they do not find a place otherwise. A place that is taken is drawn again. */
static void draw_faults(struct bench_plate *plate, uint64_t own)
{
    const struct bench_plate_setting *s = &plate->setting;
    struct dice dice;
    dice_begin(&dice, own, "faults");
    for (int i = 0; i < s->n_named; i++)
        plant(plate, (size_t)(s->named[i].row * s->cols + s->named[i].col), s->named[i].fault,
              &dice);
    for (int fault = BENCH_FAULTS - 1; fault > BENCH_FAULT_NONE; fault--)
        for (int i = 0, tries = 0; i < s->random_fault[fault] && tries < 10000; tries++)
            i += plant(plate, (size_t)(dice_uniform(&dice) * (double)plate->n),
                       (enum bench_fault)fault, &dice);
}

static int allocate(struct bench_plate *plate)
{
    size_t cols = (size_t)plate->setting.cols;
    plate->cells = calloc(plate->n, sizeof *plate->cells);
    plate->pressure = calloc(2 * plate->n + cols, sizeof *plate->pressure);
    plate->noise = calloc(NOISE_TABLE + cols, sizeof *plate->noise);
    plate->row_short = calloc((size_t)plate->setting.rows, 1);
    if (!plate->cells || !plate->pressure || !plate->noise || !plate->row_short)
        return -1;
    plate->conductance = plate->pressure + plate->n;
    plate->voltage = plate->conductance + plate->n;
    return 0;
}

struct bench_plate *bench_plate_create(const struct bench_plate_setting *setting, uint64_t seed,
                                       struct problem *why)
{
    struct bench_plate *plate = calloc(1, sizeof *plate);
    if (plate) {
        plate->setting = *setting;
        plate->n = (size_t)setting->rows * (size_t)setting->cols;
    }
    if (!plate || allocate(plate)) {
        problem_no_memory(why, "a plate on the bench");
        bench_plate_free(plate);
        return NULL;
    }
    uint64_t own = dice_seed_of(setting->serial);
    derive(plate);
    draw_cells(plate, own);
    draw_faults(plate, own);
    dice_begin(&plate->noise_dice, seed, "bench noise");
    dice_begin(&plate->contact_dice, seed, "bench contact");
    for (size_t i = 0; i < NOISE_TABLE + (size_t)setting->cols; i++)
        plate->noise[i] = (float)dice_normal(&plate->noise_dice, setting->noise_counts);
    return plate;
}

void bench_plate_free(struct bench_plate *plate)
{
    if (!plate)
        return;
    free(plate->cells);
    free(plate->pressure);
    free(plate->noise);
    free(plate->row_short);
    free(plate);
}

enum bench_fault bench_plate_fault(const struct bench_plate *plate, size_t cell)
{
    return plate->cells[cell].fault;
}

enum cell_health bench_plate_health(const struct bench_plate *plate, size_t cell)
{
    static const enum cell_health health[BENCH_FAULTS] = {
        [BENCH_FAULT_NONE] = CELL_HEALTHY, [BENCH_FAULT_DEAD] = CELL_DEAD,
        [BENCH_FAULT_STUCK] = CELL_STUCK,  [BENCH_FAULT_WEAK] = CELL_WEAK,
        [BENCH_FAULT_LOOSE] = CELL_WEAK,   [BENCH_FAULT_PAIR] = CELL_SHORTED,
        [BENCH_FAULT_FULL] = CELL_SHORTED, [BENCH_FAULT_ROWS] = CELL_SHORTED};
    return health[plate->cells[cell].fault];
}

/* --- From pressure to conductance ------------------------------------------------------------ */

/* What a cell gives away at the rim stays with it. */
static void cover(const struct bench_plate *plate, const float *kpa, double *out)
{
    int rows = plate->setting.rows, cols = plate->setting.cols;
    double share = plate->setting.cover_share;
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++) {
            int i = row * cols + col;
            double here = kpa[i], sum = 0;
            sum += col > 0 ? kpa[i - 1] - here : 0;
            sum += col + 1 < cols ? kpa[i + 1] - here : 0;
            sum += row > 0 ? kpa[i - cols] - here : 0;
            sum += row + 1 < rows ? kpa[i + cols] - here : 0;
            out[i] = here + share * sum;
        }
}

static double hysteresis(const struct bench_plate *plate, struct cell *cell, double kpa)
{
    double sum = 0;
    for (int i = 0; i < PLAYS; i++) {
        double low = kpa * (1 - play_width[i]);
        cell->play[i] = fmin(kpa, fmax(low, cell->play[i]));
        sum += cell->play[i];
    }
    return ((1 - PLAYS * plate->play_weight) * kpa + plate->play_weight * sum) / plate->play_norm;
}

/* dz/dt = -r sinh z has the solution tanh(z/2) = tanh(z0/2) exp(-r t); here z = (D k p - x) / s
 * and r = 2 / (t0 10^D). */
static double creep(const struct bench_plate *plate, struct cell *cell, double kpa, double step_s)
{
    double k = plate->setting.creep_percent_per_decade / 100;
    if (k <= 0)
        return 0;
    cell->memory = fmax(cell->memory, kpa);
    if (cell->memory < FORGOTTEN_KPA || (kpa < BARE_KPA && cell->creep < FORGOTTEN_KPA)) {
        cell->memory = cell->creep = 0;
        return 0;
    }
    double scale = k * cell->memory / M_LN10, target = CREEP_DECADES * k * kpa;
    double rate = 2 / (CREEP_T0_S * pow(10, CREEP_DECADES));
    double z = (target - cell->creep) / scale;
    rate *= z < 0 ? RECOVERY : 1;
    z = 2 * atanh(tanh(z / 2) * exp(-rate * step_s));
    cell->creep = target - z * scale;
    return cell->creep;
}

/* A cell that is loaded after it was bare lies a little differently. */
static void settle_contact(struct bench_plate *plate, struct cell *cell, double kpa)
{
    int is_loaded = kpa >= BARE_KPA;
    if (is_loaded && !cell->is_loaded) {
        double spread =
            cell->fault == BENCH_FAULT_LOOSE ? LOOSE_SPREAD : plate->setting.repeat_percent / 100;
        cell->contact = dice_lognormal(&plate->contact_dice, spread);
    }
    cell->is_loaded = is_loaded;
}

static double conductance(struct bench_plate *plate, struct cell *cell, double kpa, double step_s,
                          double gain)
{
    settle_contact(plate, cell, kpa);
    double felt = hysteresis(plate, cell, kpa);
    felt += creep(plate, cell, felt, step_s);
    if (cell->fault == BENCH_FAULT_FULL && kpa > TOUCHED_KPA)
        return FULL_G;
    if (felt <= 0)
        return 0;
    return gain * cell->gain * cell->contact *
           contact(&plate->setting, cell->small_kpa, cell->bulk_kpa, felt) /
           plate->conductance_norm;
}

/* --- Shorts, the row's line, the converter --------------------------------------------------- */

static void join(double *a, double *b)
{
    *a = *b = *a + *b;
}

static void shorts(struct bench_plate *plate)
{
    int rows = plate->setting.rows, cols = plate->setting.cols;
    double *g = plate->conductance;
    for (int row = 0; row < rows; row++) {
        for (int i = row * cols; i + 1 < (row + 1) * cols; i++)
            if (plate->cells[i].fault == BENCH_FAULT_PAIR &&
                plate->cells[i + 1].fault == BENCH_FAULT_PAIR) {
                join(&g[i], &g[i + 1]);
                i++;
            }
        for (int col = 0; plate->row_short[row] && col < cols; col++)
            join(&g[row * cols + col], &g[(row + 1) * cols + col]);
    }
}

/* V[j] = V[j-1] - r (sum of G V from j on), by two rounds from V = 1; a full row of n cells loses
 * r n (n + 1) / 2 at its end. */
static void line_voltage(const struct bench_plate *plate, const double *g, double *volt)
{
    int n = plate->setting.cols;
    double r = plate->setting.row_sag_percent / 100 * 2 / (n * (n + 1.0));
    for (int j = 0; j < n; j++)
        volt[j] = 1;
    for (int round = 0; round < 2; round++) {
        double rest = 0, last = 1;
        for (int j = 0; j < n; j++)
            rest += fmin(g[j], 2) * volt[j];
        for (int j = 0; j < n; j++) {
            double current = fmin(g[j], 2) * volt[j];
            last = fmax(0, last - r * rest);
            volt[j] = last;
            rest -= current;
        }
    }
}

static uint16_t convert(const struct bench_plate *plate, const struct cell *cell, double level,
                        double zero)
{
    double largest = (1 << plate->setting.bits) - 1;
    if (cell->fault == BENCH_FAULT_STUCK)
        return cell->stuck_at;
    if (cell->fault == BENCH_FAULT_DEAD)
        level = 0;
    double value = 0.9 * largest * level + cell->offset + zero + 0.5;
    return (uint16_t)fmin(largest, fmax(0, value));
}

static void read_row(struct bench_plate *plate, int row, double zero, uint16_t *counts)
{
    int cols = plate->setting.cols;
    double d = plate->setting.divider, *g = plate->conductance + row * cols;
    const float *noise = plate->noise + gsl_rng_get(&plate->noise_dice.rng) % NOISE_TABLE;
    line_voltage(plate, g, plate->voltage);
    for (int col = 0; col < cols; col++) {
        double level = plate->voltage[col] * g[col] * (1 + d) / (1 + d * g[col]);
        counts[row * cols + col] =
            convert(plate, &plate->cells[row * cols + col], level, zero + (double)noise[col]);
    }
}

void bench_plate_scan(struct bench_plate *plate, uint64_t time_us, double temperature_c,
                      const float *kpa, uint16_t *counts)
{
    const struct bench_plate_setting *s = &plate->setting;
    double step_s = time_us > plate->last_us ? (double)(time_us - plate->last_us) * 1e-6 : 0;
    double warmer = isnan(temperature_c) ? 0 : temperature_c - s->reference_c;
    double gain = (1 + s->gain_percent_per_c / 100 * warmer) * (1 + s->gain_drift_percent / 100);
    plate->last_us = time_us;
    cover(plate, kpa, plate->pressure);
    for (size_t i = 0; i < plate->n; i++)
        plate->conductance[i] =
            conductance(plate, &plate->cells[i], plate->pressure[i], step_s, gain);
    shorts(plate);
    for (int row = 0; row < s->rows; row++)
        read_row(plate, row, s->zero_counts_per_c * warmer, counts);
}
