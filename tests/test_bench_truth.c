/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The truth test of calibration: twenty virtual plates, each with its own gains, curvature,
 * hysteresis, creep, crosstalk, temperature and faulty cells, of physics that differ from the
 * models being fitted (samples/bench_plate.h). Each goes through the whole bench; what the fit
 * gives is then judged by loads that the bench has never seen: two soft blobs, like feet, of 300 to
 * 1200 N, put on a bare tared plate at another temperature, read by the live filter.
 *
 * Targets, median over the plates: per-cell error 3 % of reading or 2 kPa, total force 1.5 %,
 * centre of pressure 1 mm, every planted faulty cell found; and of all healthy cells together at
 * most one in a thousand condemned. */
#include "calib/filter.h"
#include "samples/dice.h"
#include "tests/support/bench_runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLATES 20
#define SEED 20261122u
#define ROWS 24
#define COLS 24
#define CELLS (ROWS * COLS)
#define PITCH_MM 10.0
#define LOADS 10

static struct problem why;

static double between(struct dice *dice, double low, double high)
{
    return low + (high - low) * dice_uniform(dice);
}

static void set_list(struct bench_script_list *list, const double *values, int n)
{
    list->n = n;
    memcpy(list->value, values, (size_t)n * sizeof *values);
}

/* --- Twenty plates ------------------------------------------------------------------------------
 */

static void draw_plate(struct dice *dice, int number, struct bench_plate_setting *plate)
{
    bench_plate_defaults(plate);
    plate->rows = ROWS;
    plate->cols = COLS;
    plate->pitch_x_mm = plate->pitch_y_mm = PITCH_MM;
    plate->rate_hz = 10;
    snprintf(plate->serial, sizeof plate->serial, "TRUTH-%02d", number);
    plate->full_scale_kpa = between(dice, 450, 700);
    plate->gain_spread = between(dice, 0.04, 0.12);
    plate->curvature_spread = between(dice, 0.03, 0.12);
    plate->small_share = between(dice, 0.05, 0.3);
    plate->bulk_exponent = between(dice, 0.95, 1.15);
    plate->divider = between(dice, 0.1, 0.5);
    plate->hysteresis_percent = between(dice, 2, 9);
    plate->creep_percent_per_decade = between(dice, 0.5, 2.5);
    plate->row_sag_percent = between(dice, 0.2, 1.5);
    plate->cover_share = between(dice, 0, 0.008);
    plate->repeat_percent = between(dice, 0.2, 0.8);
    plate->gain_percent_per_c = between(dice, -0.4, 0.4);
    for (int fault = BENCH_FAULT_NONE + 1; fault < BENCH_FAULT_ROWS; fault++)
        plate->random_fault[fault] = (int)between(dice, 0, 3.99);
    plate->random_fault[BENCH_FAULT_ROWS] = number % 7 == 3;
}

static void draw_script(struct dice *dice, int number, struct bench_script *script)
{
    static const double kpa[] = {5, 10, 20, 35, 60, 100, 160, 240, 340};
    static const double kg[] = {20, 50}, warm[] = {20, 60, 160};
    *script = (struct bench_script){.accuracy_percent = 0.5,
                                    .room_c = 22,
                                    .before_s = 2,
                                    .rise_s = 0.5,
                                    .hold_s = 3,
                                    .empty_s = 3,
                                    .cycles = 2,
                                    .creep_kpa = 100,
                                    .creep_s = 90,
                                    .mass_width_mm = 70,
                                    .mass_height_mm = 90,
                                    .mass_places = 4,
                                    .warm_c = 32,
                                    .stud_places = 0};
    snprintf(script->reference_device, sizeof script->reference_device, "virtual gauge");
    for (int stage = BENCH_EMPTY; stage <= BENCH_WARM; stage++)
        script->has[stage] = 1;
    set_list(&script->bladder_kpa, kpa, 9);
    set_list(&script->mass_kg, kg, 2);
    set_list(&script->warm_kpa, warm, 3);
    draw_plate(dice, number, &script->plate);
}

/* --- Loads that the bench has never seen ---------------------------------------------------------
 */

struct load {
    float kpa[CELLS];
    double force_n;
};

/* Two blobs with soft rims and a heel and a ball each, scaled to the force. */
static void draw_load(struct dice *dice, double force_n, struct load *load)
{
    double shift = between(dice, -15, 15), turn = between(dice, -0.3, 0.3), sum = 0;
    double share = between(dice, 0.6, 1.4);
    for (int i = 0; i < CELLS; i++) {
        double x = (i % COLS + 0.5) * PITCH_MM, y = (i / COLS + 0.5) * PITCH_MM, p = 0;
        for (int foot = 0; foot < 2; foot++) {
            double cx = foot ? 175 : 65, heavy = foot ? share : 1;
            double dx = x - cx - turn * (y - 120), dy = y - 120 - shift;
            double heel = hypot(dx / 26, (dy + 55) / 30), ball = hypot(dx / 36, (dy - 45) / 34);
            p += heavy * (1.3 * exp(-pow(heel, 4)) + exp(-pow(ball, 4)));
        }
        load->kpa[i] = p < 0.02 ? 0 : (float)p;
        sum += (double)load->kpa[i] * PITCH_MM * PITCH_MM / 1000;
    }
    for (int i = 0; i < CELLS; i++)
        load->kpa[i] *= (float)(force_n / sum);
    load->force_n = force_n;
}

/* What a calibrated plate gets wrong. */
struct score {
    double cell_percent;                  /* RMS of error / max(reading, 2 / 3 % kPa) */
    double cell_kpa;                      /* RMS */
    double force_percent, cop_mm;         /* on cells that are not masked */
    double force_all_percent, cop_all_mm; /* against all that lies on the plate */
    double square, square_kpa, force, force_all, cop, cop_all;
    size_t n_cells;
    int n_loads, planted, found, healthy, condemned;
};

struct sums {
    double force, x, y;
};

static void add_to(struct sums *sums, double kpa, int cell)
{
    double force = kpa * PITCH_MM * PITCH_MM / 1000;
    sums->force += force;
    sums->x += force * (cell % COLS + 0.5) * PITCH_MM;
    sums->y += force * (cell / COLS + 0.5) * PITCH_MM;
}

/* Between two centres of pressure. */
static double distance(const struct sums *a, const struct sums *b)
{
    return hypot(a->x / a->force - b->x / b->force, a->y / a->force - b->y / b->force);
}

static void judge_load(const struct load *load, const float *kpa, const struct bench_fit *fit,
                       struct score *score)
{
    struct sums read = {0, 0, 0}, true_sums = {0, 0, 0}, all_sums = {0, 0, 0};
    for (int i = 0; i < CELLS; i++) {
        double truth = (double)load->kpa[i], said = (double)kpa[i];
        add_to(&all_sums, truth, i);
        if (fit->spec.masked[i])
            continue;
        /* Force and centre over contact cells: what others show is noise or what an earlier load
         * left. */
        if (said >= 1)
            add_to(&read, said, i);
        add_to(&true_sums, truth, i);
        if (truth <= 0)
            continue;
        double off = said - truth, scaled = off / fmax(truth, 2 / 0.03);
        score->square += scaled * scaled;
        score->square_kpa += off * off;
        score->n_cells++;
    }
    double cop = distance(&read, &true_sums), cop_all = distance(&read, &all_sums);
    double force = read.force / true_sums.force - 1, all = read.force / load->force_n - 1;
    score->force += force * force;
    score->force_all += all * all;
    score->cop += cop * cop;
    score->cop_all += cop_all * cop_all;
    score->n_loads++;
}

/* On a bare tared plate: 0.5 s to rise, read at 3 s, then 4 s bare. */
static void judge_loads(const struct bench_script *script, const struct bench_fit *fit,
                        struct dice *dice, struct score *score)
{
    size_t n;
    char *text = calibration_format(&fit->spec, &n, &why);
    if (!text)
        fail_msg("%s", why.text);
    struct calibration *calibration = calibration_parse(text, n, "fit", &why);
    assert_non_null(calibration);
    struct calibration_filter *filter = calibration_filter_make(calibration, &why);
    struct bench_plate *plate = bench_plate_create(&script->plate, 77, &why);
    assert_non_null(filter);
    assert_non_null(plate);
    double celsius = between(dice, 18, 28);
    static float none[CELLS], part[CELLS], kpa[CELLS];
    static uint16_t counts[CELLS], zeros[CELLS];
    uint64_t now_us = 0;
    for (int k = 0; k < 8; k++)
        bench_plate_scan(plate, now_us += 100000, celsius, none, zeros);
    for (int k = 0; k < LOADS; k++) {
        struct load load;
        draw_load(dice, 300 + 100 * k, &load);
        for (int frame = 1; frame <= 70; frame++) {
            double share = frame > 30 ? 0 : fmin(frame / 5.0, 1);
            for (int i = 0; i < CELLS; i++)
                part[i] = (float)share * load.kpa[i];
            bench_plate_scan(plate, now_us += 100000, celsius, part, counts);
            for (int i = 0; i < CELLS; i++)
                counts[i] =
                    counts[i] > zeros[i] + 5 ? (uint16_t)(counts[i] - zeros[i]) : (uint16_t)0;
            calibration_filter_apply(filter, now_us, celsius, counts, kpa);
            if (frame == 30)
                judge_load(&load, kpa, fit, score);
        }
    }
    bench_plate_free(plate);
    calibration_filter_free(filter);
    calibration_free(calibration);
    free(text);
}

static void judge_health(const struct bench_script *script, const struct bench_fit *fit,
                         struct score *score)
{
    struct bench_plate *plate = bench_plate_create(&script->plate, 1, &why);
    assert_non_null(plate);
    for (size_t i = 0; i < CELLS; i++) {
        int is_faulty = bench_plate_fault(plate, i) != BENCH_FAULT_NONE;
        score->planted += is_faulty;
        score->found += is_faulty && fit->spec.masked[i];
        score->healthy += !is_faulty;
        score->condemned += !is_faulty && fit->spec.masked[i];
        if (is_faulty != fit->spec.masked[i])
            printf("    cell %zu: planted %s, found %s\n", i,
                   bench_fault_name(bench_plate_fault(plate, i)),
                   cell_health_name((enum cell_health)fit->spec.health[i]));
    }
    bench_plate_free(plate);
}

static void run_plate(struct dice *dice, int number, struct score *score)
{
    struct bench_script *script = calloc(1, sizeof *script);
    assert_non_null(script);
    draw_script(dice, number, script);
    struct bench_session *session = bench_run(script, SEED, NULL, NULL, &why);
    if (!session)
        fail_msg("%s", why.text);
    struct bench_options options = {.date = "2026-03-01", .operator_name = "test", .threads = 1};
    struct bench_fit *fit = bench_fit(session, &options, &why);
    if (!fit)
        fail_msg("%s", why.text);
    judge_health(script, fit, score);
    judge_loads(script, fit, dice, score);
    score->cell_percent = 100 * sqrt(score->square / (double)score->n_cells);
    score->cell_kpa = sqrt(score->square_kpa / (double)score->n_cells);
    score->force_percent = 100 * sqrt(score->force / score->n_loads);
    score->force_all_percent = 100 * sqrt(score->force_all / score->n_loads);
    score->cop_mm = sqrt(score->cop / score->n_loads);
    score->cop_all_mm = sqrt(score->cop_all / score->n_loads);
    printf("%s  %-10s %5.2f %% %5.2f kPa  force %5.2f %%  COP %4.2f mm  (with what lies on masked "
           "cells %5.2f %%, %4.2f mm)  faulty %d of %d, condemned %d\n",
           script->plate.serial, fit->spec.curve, score->cell_percent, score->cell_kpa,
           score->force_percent, score->cop_mm, score->force_all_percent, score->cop_all_mm,
           score->found, score->planted, score->condemned);
    bench_fit_free(fit);
    bench_free(session);
    free(script);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[PLATES])
{
    qsort(values, PLATES, sizeof *values, rising);
    return (values[PLATES / 2 - 1] + values[PLATES / 2]) / 2;
}

static void twenty_plates_reach_the_targets(void **state)
{
    (void)state;
    static struct score scores[PLATES];
    double cell[PLATES], force[PLATES], cop[PLATES], force_all[PLATES], cop_all[PLATES];
    int planted = 0, found = 0, healthy = 0, condemned = 0;
    struct dice dice;
    dice_begin(&dice, SEED, "plates of the truth test");
    printf("seed %u\n", SEED);
    for (int k = 0; k < PLATES; k++) {
        run_plate(&dice, k, &scores[k]);
        cell[k] = scores[k].cell_percent;
        force[k] = scores[k].force_percent;
        cop[k] = scores[k].cop_mm;
        force_all[k] = scores[k].force_all_percent;
        cop_all[k] = scores[k].cop_all_mm;
        planted += scores[k].planted;
        found += scores[k].found;
        healthy += scores[k].healthy;
        condemned += scores[k].condemned;
    }
    double cell_percent = median(cell), force_percent = median(force), cop_mm = median(cop);
    printf("median of %d plates      reached   target\n", PLATES);
    printf("per-cell error, RMS     %6.2f %%   3 %% of reading or 2 kPa\n", cell_percent);
    printf("total force, RMS        %6.2f %%   1.5 %%\n", force_percent);
    printf("centre of pressure      %6.2f mm  1 mm\n", cop_mm);
    double cop_all_mm = median(cop_all);
    printf("with the load that masked cells do not read: force %.2f %%, centre %.2f mm\n",
           median(force_all), cop_all_mm);
    printf("faulty cells found      %d of %d\n", found, planted);
    printf("healthy ones condemned  %d of %d\n", condemned, healthy);
    assert_true(cell_percent <= 3);
    assert_true(force_percent <= 1.5);
    assert_true(cop_mm <= 1 && cop_all_mm <= 1);
    assert_int_equal(found, planted);
    assert_true(condemned * 1000 <= healthy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_plates_reach_the_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
