/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean picture, maximum-pressure picture and pressure-time integral of many frames. */
#include "analysis/frame_numbers.h"
#include "analysis/pictures.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define ROWS 9
#define COLS 11
#define CELLS (ROWS * COLS)

static const struct grid grid = {ROWS, COLS, 5, 4.9};

/* A hill that wanders; most cells empty, some below the threshold, one negative, one NaN. */
static void paint(float *kpa, int frame)
{
    for (int i = 0; i < CELLS; i++) {
        double dx = i % COLS - 2 - frame * 0.05, dy = i / COLS - 4.0;
        double p = 237.7 * exp(-(dx * dx + dy * dy) / 3) - 1;

        kpa[i] = p > 0 ? (float)p : 0;
    }
    kpa[CELLS - 1] = -5;
    kpa[CELLS - 2] = NAN;
}

static void agrees_with_plain_sums(void **state)
{
    struct pictures pictures;
    float kpa[CELLS], mean[CELLS], pti[CELLS];
    double sum[CELLS] = {0}, maximum[CELLS] = {0};

    (void)state;
    assert_int_equal(pictures_begin(&pictures, &grid, NULL), 0);
    for (int frame = 0; frame < 100; frame++) {
        paint(kpa, frame);
        pictures_add(&pictures, kpa, 5);
        for (int i = 0; i < CELLS; i++)
            if (kpa[i] >= 5) {
                sum[i] += (double)kpa[i];
                maximum[i] = fmax(maximum[i], (double)kpa[i]);
            }
    }
    assert_int_equal(pictures.frames, 100);
    pictures_mean(&pictures, mean);
    pictures_pti(&pictures, 1.25, pti);
    for (int i = 0; i < CELLS; i++) {
        assert_true(pictures.sum[i] == sum[i]);
        assert_true((double)pictures.maximum[i] == maximum[i]);
        assert_true(mean[i] == (float)(sum[i] * 0.01));
        assert_true(fabs((double)pti[i] - sum[i] * 0.0125) <= 1e-6 * (sum[i] + 1));
    }
    pictures_free(&pictures);
}

static void mean_picture_sums_to_mean_force(void **state)
{
    struct pictures pictures;
    float kpa[CELLS], mean[CELLS];
    double force = 0, total = 0;

    (void)state;
    assert_int_equal(pictures_begin(&pictures, &grid, NULL), 0);
    for (int frame = 0; frame < 37; frame++) {
        paint(kpa, frame);
        pictures_add(&pictures, kpa, 5);
        force += frame_numbers(&grid, kpa, 5, 0).force_n / 37;
    }
    pictures_mean(&pictures, mean);
    for (int i = 0; i < CELLS; i++)
        total += (double)mean[i] * grid_newton_per_kpa(&grid);
    assert_true(fabs(total - force) < 1e-6 * force);
    pictures_free(&pictures);
}

static void no_frames_give_zeros(void **state)
{
    struct pictures pictures;
    float mean[CELLS], pti[CELLS];

    (void)state;
    assert_int_equal(pictures_begin(&pictures, &grid, NULL), 0);
    pictures_mean(&pictures, mean);
    pictures_pti(&pictures, 0, pti);
    for (int i = 0; i < CELLS; i++)
        assert_true(mean[i] == 0 && pti[i] == 0);
    pictures_free(&pictures);
}

static void memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1; n <= 2; n++) {
        struct pictures pictures;
        struct problem why = {0};

        failing_malloc_at(n);
        assert_int_equal(pictures_begin(&pictures, &grid, &why), -1);
        failing_malloc_off();
        assert_int_equal(why.kind, PROBLEM_FAILED);
        pictures_free(&pictures);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_plain_sums),
        cmocka_unit_test(mean_picture_sums_to_mean_force),
        cmocka_unit_test(no_frames_give_zeros),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
