/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every defect of the virtual plate has the size that was asked for, and none that was not. */
#include "samples/plate_model.h"
#include "calib/calibration.h"
#include "samples/virtual_calibration.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 7001u
#define ROWS 40
#define COLS 30
#define CELLS (ROWS * COLS)

static struct problem why;

static struct plate_setting ideal(void)
{
    struct plate_setting plate = {.rows = ROWS,
                                  .cols = COLS,
                                  .bits = 16,
                                  .pitch_x_mm = 5,
                                  .pitch_y_mm = 5,
                                  .rate_hz = 100,
                                  .full_scale_kpa = 500,
                                  .curve_exponent = 1};
    snprintf(plate.serial, sizeof plate.serial, "TEST-4711");
    return plate;
}

static struct plate_model *make(const struct plate_setting *plate, uint64_t seed)
{
    struct plate_model *model = plate_model_create(plate, seed, &why);
    assert_non_null(model);
    return model;
}

/* Counts of a uniform pressure at a time. */
static void scan(struct plate_model *model, double time_s, double kpa, uint16_t *counts)
{
    static float cells[CELLS];
    for (int i = 0; i < CELLS; i++)
        cells[i] = (float)kpa;
    plate_model_scan(model, (uint64_t)llround(time_s * 1e6), cells, counts);
}

static double kpa_of(uint16_t count)
{
    return count * 500.0 / 65535;
}

static void an_ideal_plate_tells_the_pressure(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    struct plate_model *model = make(&plate, SEED);
    uint16_t counts[CELLS];
    for (int k = 0; k <= 20; k++) {
        scan(model, k, 24.73 * k, counts);
        for (int i = 0; i < CELLS; i++)
            assert_true(fabs(kpa_of(counts[i]) - 24.73 * k) < 0.01);
    }
    scan(model, 30, 501, counts);
    assert_int_equal(counts[0], 65535); /* saturated */
    plate_model_free(model);
}

static void bits_round_and_saturate(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.bits = 9;
    struct plate_model *model = make(&plate, SEED);
    uint16_t counts[CELLS];
    scan(model, 0, 100.3 * 500 / 511, counts);
    assert_int_equal(counts[17], 100);
    scan(model, 1, 100.7 * 500 / 511, counts);
    assert_int_equal(counts[17], 101);
    scan(model, 2, 1e6, counts);
    assert_int_equal(counts[17], 511);
    plate_model_free(model);
}

struct spread {
    double mean, sd;
};

static struct spread spread_of(const double *values, int n)
{
    double sum = 0, square = 0;
    for (int i = 0; i < n; i++)
        sum += values[i], square += values[i] * values[i];
    double mean = sum / n;
    return (struct spread){mean, sqrt(square / n - mean * mean)};
}

static void gains_and_offsets_spread_as_stated_and_belong_to_the_plate(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.gain_spread = 0.043;
    plate.offset_counts = 70;
    plate.offset_spread_counts = 11;
    struct plate_model *one = make(&plate, 1), *two = make(&plate, 2);
    uint16_t bare[CELLS], loaded[CELLS], again[CELLS];
    double gain[CELLS], offset[CELLS];
    scan(one, 0, 0, bare);
    scan(one, 1, 200, loaded);
    scan(two, 1, 200, again);
    for (int i = 0; i < CELLS; i++) {
        offset[i] = bare[i];
        gain[i] = kpa_of((uint16_t)(loaded[i] - bare[i])) / 200;
        assert_int_equal(loaded[i], again[i]); /* another run, the same plate */
        assert_true(fabs(gain[i] - plate_model_gain(one, (size_t)i)) < 1e-3);
    }
    struct spread g = spread_of(gain, CELLS), o = spread_of(offset, CELLS);
    assert_true(fabs(g.mean - 1) < 0.006 && fabs(g.sd / 0.043 - 1) < 0.1);
    assert_true(fabs(o.mean - 70) < 1.5 && fabs(o.sd / 11 - 1) < 0.1);
    plate_model_free(one);
    plate_model_free(two);
    /* Another serial number is another plate. */
    plate.serial[0] = 'B';
    struct plate_model *other = make(&plate, 1);
    assert_true(fabs(plate_model_gain(other, 3) - gain[3]) > 1e-4);
    plate_model_free(other);
}

static void noise_is_white_and_of_the_stated_size(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.noise_counts = 6.3;
    plate.offset_counts = 100;
    struct plate_model *model = make(&plate, SEED);
    enum { FRAMES = 400 };
    static double values[FRAMES * CELLS];
    uint16_t counts[CELLS];
    double pairs = 0, frames = 0;
    for (int k = 0; k < FRAMES; k++) {
        scan(model, 0.01 * k, 0, counts);
        for (int i = 0; i < CELLS; i++)
            values[k * CELLS + i] = counts[i] - 100.0;
    }
    for (int i = 0; i < (FRAMES - 1) * CELLS - 1; i++) {
        pairs += values[i] * values[i + 1];
        frames += values[i] * values[i + CELLS];
    }
    struct spread n = spread_of(values, FRAMES * CELLS);
    double square = n.sd * n.sd * (FRAMES - 1) * CELLS;
    assert_true(fabs(n.mean) < 0.15);
    assert_true(fabs(n.sd / 6.3 - 1) < 0.02);
    assert_true(fabs(pairs / square) < 0.02);  /* neighbours in a row */
    assert_true(fabs(frames / square) < 0.02); /* one cell from frame to frame */
    plate_model_free(model);
}

static void creep_grows_by_its_share_per_decade(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.creep_percent_per_decade = 2.5;
    struct plate_model *model = make(&plate, SEED);
    uint16_t counts[CELLS];
    double at[4] = {0}; /* readings 0.1, 1, 10, 100 s after a step */
    scan(model, 0, 0, counts);
    for (int k = 1; k <= 10010; k++) {
        scan(model, 0.01 * k, 300, counts);
        int after = k - 1;
        for (int d = 0; d < 4; d++)
            if (after == (int[]){10, 100, 1000, 10000}[d])
                at[d] = kpa_of(counts[5]);
    }
    for (int d = 1; d < 4; d++)
        assert_true(fabs((at[d] - at[d - 1]) / 300 - 0.025) < 0.006);
    plate_model_free(model);
}

static void hysteresis_is_highest_at_half_of_the_peak(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.hysteresis_percent = 4.2;
    struct plate_model *model = make(&plate, SEED);
    uint16_t counts[CELLS];
    double widest = 0, where = 0;
    for (int k = 0; k <= 200; k++) { /* up: exact */
        scan(model, k * 0.01, k, counts);
        assert_true(fabs(kpa_of(counts[9]) - k) < 0.01);
    }
    for (int k = 199; k >= 0; k--) { /* down: too high */
        scan(model, 4 - k * 0.01, k, counts);
        double more = kpa_of(counts[9]) - k;
        assert_true(more > -0.01);
        if (more > widest)
            widest = more, where = k;
    }
    assert_true(fabs(widest / 200 - 0.042) < 0.001);
    assert_true(fabs(where - 100) <= 1);
    scan(model, 5, 60, counts); /* bare in between: forgotten */
    assert_true(fabs(kpa_of(counts[9]) - 60) < 0.01);
    plate_model_free(model);
}

static void crosstalk_reaches_the_four_neighbours(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.crosstalk = 0.031;
    struct plate_model *model = make(&plate, SEED);
    static float cells[CELLS];
    uint16_t counts[CELLS];
    cells[12 * COLS + 7] = 250;
    cells[0] = 100; /* a corner has two neighbours */
    plate_model_scan(model, 0, cells, counts);
    double wanted = 0.031 * 250;
    assert_true(fabs(kpa_of(counts[12 * COLS + 7]) - 250) < 0.01);
    assert_true(fabs(kpa_of(counts[12 * COLS + 6]) - wanted) < 0.01);
    assert_true(fabs(kpa_of(counts[12 * COLS + 8]) - wanted) < 0.01);
    assert_true(fabs(kpa_of(counts[11 * COLS + 7]) - wanted) < 0.01);
    assert_true(fabs(kpa_of(counts[13 * COLS + 7]) - wanted) < 0.01);
    assert_int_equal(counts[11 * COLS + 6], 0); /* none over a corner */
    assert_int_equal(counts[COLS - 1], 0);      /* none around the plate's rim */
    assert_true(fabs(kpa_of(counts[1]) - 3.1) < 0.01 && fabs(kpa_of(counts[COLS]) - 3.1) < 0.01);
    plate_model_free(model);
}

static void dead_cells_say_nothing(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    plate.offset_counts = 40;
    plate.dead[0] = (struct dead_cell){3, 29};
    plate.n_dead = 1;
    plate.random_dead = 25;
    struct plate_model *model = make(&plate, SEED);
    uint16_t counts[CELLS];
    scan(model, 0, 200, counts);
    int dead = 0;
    for (int i = 0; i < CELLS; i++) {
        dead += counts[i] == 0;
        assert_int_equal(counts[i] == 0, plate_model_is_dead(model, (size_t)i));
    }
    assert_int_equal(counts[3 * COLS + 29], 0);
    assert_in_range(dead, 22, 26); /* a cell may be drawn twice */
    plate_model_free(model);
}

/* Counts through the plate's own calibration give the pressure back, within the residual. */
static void the_bench_calibration_undoes_gain_and_curve(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct plate_setting plate = ideal();
        plate.gain_spread = 0.07;
        plate.curve_exponent = (double[]){1, 1.4, 0.8}[k];
        plate.calibration_residual = 0.004;
        plate.random_dead = 3;
        size_t n;
        char *text = virtual_calibration(&plate, &n, &why);
        assert_non_null(text);
        struct calibration *calibration = calibration_parse(text, n, "bench", &why);
        if (!calibration)
            fail_msg("%s", why.text);
        assert_int_equal(calibration_check(calibration, "TEST-4711", ROWS, COLS, &why), 0);
        struct plate_model *model = make(&plate, SEED);
        uint16_t counts[CELLS];
        float kpa[CELLS];
        double error[CELLS];
        scan(model, 0, 180, counts);
        calibration_apply(calibration, counts, kpa);
        int m = 0;
        for (int i = 0; i < CELLS; i++) {
            assert_int_equal(calibration_is_masked(calibration, (size_t)i),
                             plate_model_is_dead(model, (size_t)i));
            if (!plate_model_is_dead(model, (size_t)i))
                error[m++] = kpa[i] / 180 - 1;
        }
        struct spread e = spread_of(error, m);
        assert_true(fabs(e.mean) < 0.001 && fabs(e.sd / 0.004 - 1) < 0.15);
        plate_model_free(model);
        calibration_free(calibration);
        free(text);
    }
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct plate_setting plate = ideal();
    for (long n = 1;; n++) {
        size_t size;
        failing_malloc_at(n);
        char *text = virtual_calibration(&plate, &size, &why);
        int failed = failing_malloc_off();
        assert_true(failed ? !text : text != NULL);
        free(text);
        if (!failed)
            break;
    }
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ideal_plate_tells_the_pressure),
        cmocka_unit_test(bits_round_and_saturate),
        cmocka_unit_test(gains_and_offsets_spread_as_stated_and_belong_to_the_plate),
        cmocka_unit_test(noise_is_white_and_of_the_stated_size),
        cmocka_unit_test(creep_grows_by_its_share_per_decade),
        cmocka_unit_test(hysteresis_is_highest_at_half_of_the_peak),
        cmocka_unit_test(crosstalk_reaches_the_four_neighbours),
        cmocka_unit_test(dead_cells_say_nothing),
        cmocka_unit_test(the_bench_calibration_undoes_gain_and_curve),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
