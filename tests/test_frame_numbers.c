/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Force, centre of pressure, area and peak of one frame. */
#include "analysis/frame_numbers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define NEAR(a, b, rel) assert_true(fabs((a) - (b)) <= (rel)*fmax(1, fabs(b)))

/* 19 columns: not a multiple of anything. */
static const struct grid grid = {13, 19, 5.08, 7.62};

static float *empty_frame(void)
{
    float *kpa = calloc(grid_cells(&grid), sizeof *kpa);

    assert_non_null(kpa);
    return kpa;
}

static float *cell(float *kpa, int row, int col)
{
    return kpa + row * grid.cols + col;
}

static void one_loaded_cell_gives_its_centre(void **state)
{
    (void)state;
    for (int row = 0; row < grid.rows; row++)
        for (int col = 0; col < grid.cols; col++) {
            float *kpa = empty_frame();
            struct frame_numbers n;

            *cell(kpa, row, col) = 612.5f;
            n = frame_numbers(&grid, kpa, 5, 20);
            NEAR(n.force_n, 612.5 * 5.08 * 7.62e-3, 1e-12);
            NEAR(n.cop_x_mm, (col + 0.5) * 5.08, 1e-12);
            NEAR(n.cop_y_mm, (row + 0.5) * 7.62, 1e-12);
            NEAR(n.area_cm2, 5.08 * 7.62e-2, 1e-12);
            assert_true(n.peak_kpa == 612.5);
            free(kpa);
        }
}

static void two_cells_pull_by_their_load(void **state)
{
    float *kpa = empty_frame();
    struct frame_numbers n;

    (void)state;
    *cell(kpa, 2, 3) = 100;
    *cell(kpa, 10, 17) = 300;
    n = frame_numbers(&grid, kpa, 5, 10);
    NEAR(n.cop_x_mm, (3.5 * 1 + 17.5 * 3) / 4 * 5.08, 1e-12);
    NEAR(n.cop_y_mm, (2.5 * 1 + 10.5 * 3) / 4 * 7.62, 1e-12);
    free(kpa);
}

static void below_threshold_is_no_contact(void **state)
{
    float *kpa = empty_frame();
    struct frame_numbers n;

    (void)state;
    *cell(kpa, 1, 1) = nextafterf(5, 0);
    *cell(kpa, 2, 2) = 5;
    *cell(kpa, 3, 3) = -900;
    *cell(kpa, 4, 4) = NAN;
    n = frame_numbers(&grid, kpa, 5, 0);
    NEAR(n.force_n, 5 * 5.08 * 7.62e-3, 1e-12);
    NEAR(n.cop_x_mm, 2.5 * 5.08, 1e-12);
    NEAR(n.area_cm2, 5.08 * 7.62e-2, 1e-12);
    /* A threshold that no float hits: 0.1 rounds up as a float, so 0.1f is at or above it. */
    *cell(kpa, 2, 2) = 0.1f;
    assert_true(frame_numbers(&grid, kpa, 0.1, 0).area_cm2 > 0);
    *cell(kpa, 2, 2) = nextafterf(0.1f, 0);
    *cell(kpa, 1, 1) = 0;
    assert_true(frame_numbers(&grid, kpa, 0.1, 0).area_cm2 == 0);
    /* At threshold 0 an unloaded cell is still no contact. */
    NEAR(frame_numbers(&grid, kpa, 0, 0).area_cm2, 5.08 * 7.62e-2, 1e-12);
    free(kpa);
}

static void cop_needs_force(void **state)
{
    float *kpa = empty_frame();
    struct frame_numbers n = frame_numbers(&grid, kpa, 0, 0);

    (void)state;
    assert_true(isnan(n.cop_x_mm) && isnan(n.cop_y_mm)); /* never 0/0 */
    assert_true(n.force_n == 0 && n.area_cm2 == 0 && n.peak_kpa == 0);
    *cell(kpa, 0, 0) = 500;
    n = frame_numbers(&grid, kpa, 0, 20);
    assert_true(n.force_n < 20 && isnan(n.cop_x_mm));
    *cell(kpa, 0, 1) = 600;
    n = frame_numbers(&grid, kpa, 0, 20);
    assert_true(n.force_n > 20 && !isnan(n.cop_x_mm));
    free(kpa);
}

/* Against sums in long double, at sizes around the block length. */
static void agrees_with_plain_sums(void **state)
{
    unsigned seed = 20260301;

    (void)state;
    print_message("seed %u\n", seed);
    for (int cols = 1; cols <= 35; cols++) {
        struct grid g = {7, cols, 8.47, 8.46};
        float *kpa = calloc(grid_cells(&g), sizeof *kpa);
        long double sum = 0, sx = 0, sy = 0;
        double peak = 0;
        int cells = 0;
        struct frame_numbers n;

        for (int row = 0; row < g.rows; row++)
            for (int col = 0; col < cols; col++) {
                float p = (float)(rand_r(&seed) % 4096) / 7 - 200;
                double d = (double)p;

                kpa[row * cols + col] = p;
                if (d < 12.34)
                    continue;
                sum += d, sx += d * (col + 0.5), sy += d * (row + 0.5);
                peak = fmax(peak, d);
                cells++;
            }
        n = frame_numbers(&g, kpa, 12.34, 0);
        if (sum > 0) {
            NEAR(n.force_n, (double)(sum * 8.47 * 8.46e-3), 1e-12);
            NEAR(n.cop_x_mm, (double)(sx / sum * 8.47), 1e-12);
            NEAR(n.cop_y_mm, (double)(sy / sum * 8.46), 1e-12);
        }
        NEAR(n.area_cm2, cells * 8.47 * 8.46e-2, 1e-12);
        assert_true(n.peak_kpa == peak);
        free(kpa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_loaded_cell_gives_its_centre),
        cmocka_unit_test(two_cells_pull_by_their_load),
        cmocka_unit_test(below_threshold_is_no_contact),
        cmocka_unit_test(cop_needs_force),
        cmocka_unit_test(agrees_with_plain_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
