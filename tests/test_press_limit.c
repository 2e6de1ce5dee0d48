/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's own ceiling: the sum of counts at which it gives its alarm may come early and never
 * late. A truth of plates with spread gains, bent curves, offsets, noise and faulty cells is drawn,
 * a stud is laid on them at any place and pressed, and the plate's sum, gated as the firmware gates
 * it, is watched as the force rises. */
#include "driver/press_limit.h"
#include "samples/plate_model.h"
#include "samples/virtual_calibration.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define FLOOR_COUNTS 4 /* what a tare's gate leaves out, of a plate with noise of 1 count */

static unsigned long long random_state;

static double uniform(double low, double high)
{
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return low + (high - low) * (double)(random_state >> 11) / 9007199254740992.0;
}

static int set_up(void **state)
{
    const char *text = getenv("TEST_SEED");
    random_state = text ? strtoull(text, NULL, 10) : 20261122ull;
    (void)state;
    print_message("seed %llu (TEST_SEED)\n", random_state);
    return 0;
}

/* A plate with its faults, and the calibration that a bench would have made of it. */
struct faulty {
    struct plate_setting setting;
    struct plate_model *model;
    struct calibration *calibration;
    struct grid grid;
    size_t cells;
    uint16_t *zero, *counts;
    float *kpa;
    uint64_t time_us;
};

static struct faulty *new_plate(double gain_spread, double exponent, double residual, int dead)
{
    struct faulty *p = calloc(1, sizeof *p);
    struct problem why = {0};
    size_t n;
    p->setting = (struct plate_setting){.rows = 24,
                                        .cols = 20,
                                        .bits = 12,
                                        .pitch_x_mm = 5,
                                        .pitch_y_mm = 5,
                                        .rate_hz = 100,
                                        .full_scale_kpa = 600,
                                        .noise_counts = 1,
                                        .offset_counts = 40,
                                        .offset_spread_counts = 8,
                                        .gain_spread = gain_spread,
                                        .crosstalk = 0.01,
                                        .curve_exponent = exponent,
                                        .calibration_residual = residual,
                                        .random_dead = dead};
    snprintf(p->setting.serial, sizeof p->setting.serial, "L-%06.0f", uniform(0, 999999));
    p->model = plate_model_create(&p->setting, (uint64_t)uniform(1, 1e9), &why);
    char *text = virtual_calibration(&p->setting, &n, &why);
    p->calibration = text ? calibration_parse(text, n, "virtual", &why) : NULL;
    free(text);
    if (!p->model || !p->calibration)
        fail_msg("%s", why.text);
    p->grid = (struct grid){24, 20, 5, 5};
    p->cells = grid_cells(&p->grid);
    p->zero = calloc(p->cells, sizeof *p->zero);
    p->counts = calloc(p->cells, sizeof *p->counts);
    p->kpa = calloc(p->cells, sizeof *p->kpa);
    plate_model_scan(p->model, p->time_us += 10000, p->kpa, p->zero);
    return p;
}

static void free_plate(struct faulty *p)
{
    plate_model_free(p->model);
    calibration_free(p->calibration);
    free(p->zero);
    free(p->counts);
    free(p->kpa);
    free(p);
}

/* Share of a cell under the base, a square of `side` mm about `at`. */
static double under(const struct grid *grid, int row, int col, struct point at, double side)
{
    double x = fmin((col + 1) * grid->pitch_x_mm, at.x_mm + side / 2) -
               fmax(col * grid->pitch_x_mm, at.x_mm - side / 2);
    double y = fmin((row + 1) * grid->pitch_y_mm, at.y_mm + side / 2) -
               fmax(row * grid->pitch_y_mm, at.y_mm - side / 2);
    return fmax(0, x) * fmax(0, y) / (grid->pitch_x_mm * grid->pitch_y_mm);
}

/* What the plate sums up in the rectangle with a stud of 4 cm2 under this force, by its own tare
 * and gate; `lean` tilts the load towards one side of the base, 0 .. 0.5. */
static double plate_sum(struct faulty *p, const struct press_limit *limit, struct point at,
                        double force_n, double lean)
{
    double sum = 0, mean_kpa = 10 * force_n / 4;
    for (int row = 0; row < p->grid.rows; row++)
        for (int col = 0; col < p->grid.cols; col++) {
            double tilt = 1 + lean * ((col + 0.5) * p->grid.pitch_x_mm - at.x_mm) / 10;
            p->kpa[row * p->grid.cols + col] =
                (float)(mean_kpa * tilt * under(&p->grid, row, col, at, 20));
        }
    plate_model_scan(p->model, p->time_us += 10000, p->kpa, p->counts);
    for (int row = limit->row0; row < limit->row0 + limit->rows; row++)
        for (int col = limit->col0; col < limit->col0 + limit->cols; col++) {
            int cell = row * p->grid.cols + col, count = p->counts[cell] - p->zero[cell];
            sum += count >= FLOOR_COUNTS ? count : 0;
        }
    return sum;
}

/* The stud's cells and one more on each side, as the engine asks. */
static struct press_limit around(struct point at, double force_n)
{
    int row0 = (int)floor((at.y_mm - 10) / 5) - 1, row1 = (int)ceil((at.y_mm + 10) / 5);
    int col0 = (int)floor((at.x_mm - 10) / 5) - 1, col1 = (int)ceil((at.x_mm + 10) / 5);
    return (struct press_limit){.row0 = row0,
                                .col0 = col0,
                                .rows = row1 - row0 + 1,
                                .cols = col1 - col0 + 1,
                                .force_n = force_n,
                                .base_cm2 = 4};
}

/* The force at which the plate gives its alarm, as a share of the ceiling. */
static double alarm_share(struct faulty *p, double force_n, double lean)
{
    struct point at = {uniform(20, 80), uniform(20, 100)};
    struct press_limit limit = around(at, force_n);
    struct problem why = {0};
    uint32_t counts = 0;
    if (press_limit_counts(p->calibration, &p->grid, &limit, &counts, &why))
        fail_msg("%s", why.text);
    for (double share = 0.3; share < 2; share += 0.005)
        if (plate_sum(p, &limit, at, share * force_n, lean) >= counts)
            return share;
    return 2;
}

/* Of many plates and places: never late, and not so early that the test would be worth nothing. */
static void check_alarms(double gain_spread, double exponent, int dead, double least_share)
{
    double least = 2, most = 0;
    for (int i = 0; i < 12; i++) {
        struct faulty *p = new_plate(gain_spread, exponent, 0.005, dead);
        for (int k = 0; k < 4; k++) {
            double share = alarm_share(p, uniform(20, 45), uniform(-0.45, 0.45));
            least = fmin(least, share);
            most = fmax(most, share);
        }
        free_plate(p);
    }
    print_message("gains %g, exponent %g, %d dead: alarm at %.3f to %.3f of the ceiling\n",
                  gain_spread, exponent, dead, least, most);
    assert_true(most <= 1.0 + 1e-9);
    assert_true(least >= least_share);
}

static void the_alarm_is_never_late_and_hardly_early(void **state)
{
    (void)state;
    check_alarms(0.03, 1, 0, 0.85);
}

static void nor_with_gains_spread_wide(void **state)
{
    (void)state;
    check_alarms(0.15, 1, 0, 0.6);
}

static void nor_with_bent_curves(void **state)
{
    (void)state;
    check_alarms(0.05, 1.4, 0, 0.55);
    check_alarms(0.05, 0.7, 0, 0.55);
}

/* Faulty cells bear their share unseen. */
static void nor_over_dead_cells(void **state)
{
    (void)state;
    check_alarms(0.05, 1, 14, 0.3);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1, 0, 0);
    struct problem why = {0};
    uint32_t counts;
    static const struct press_limit bad[] = {
        {.row0 = -1, .rows = 6, .cols = 6, .force_n = 25, .base_cm2 = 4},
        {.row0 = 20, .rows = 6, .cols = 6, .force_n = 25, .base_cm2 = 4},
        {.col0 = 15, .rows = 6, .cols = 6, .force_n = 25, .base_cm2 = 4},
        {.rows = 0, .cols = 6, .force_n = 25, .base_cm2 = 4},
        {.rows = 6, .cols = 6, .force_n = 0, .base_cm2 = 4},
        {.rows = 6, .cols = 6, .force_n = NAN, .base_cm2 = 4},
        {.rows = 6, .cols = 6, .force_n = 25, .base_cm2 = 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(press_limit_counts(p->calibration, &p->grid, &bad[i], &counts, &why), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
    }
    free_plate(p);
}

/* All cells under the stud are masked: no sum of counts could tell. */
static void a_blind_place_is_refused(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1, 0, 450);
    struct press_limit limit = around((struct point){50, 60}, 25);
    struct problem why = {0};
    uint32_t counts;
    assert_int_equal(press_limit_counts(p->calibration, &p->grid, &limit, &counts, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "faulty"));
    free_plate(p);
}

static void short_memory_is_told(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1, 0, 0);
    struct press_limit limit = around((struct point){50, 60}, 25);
    struct problem why = {0};
    uint32_t counts;
    failing_malloc_at(1);
    int bad = press_limit_counts(p->calibration, &p->grid, &limit, &counts, &why);
    assert_int_equal(failing_malloc_off(), 1);
    assert_int_equal(bad, -1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    free_plate(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_alarm_is_never_late_and_hardly_early),
        cmocka_unit_test(nor_with_gains_spread_wide),
        cmocka_unit_test(nor_with_bent_curves),
        cmocka_unit_test(nor_over_dead_cells),
        cmocka_unit_test(what_cannot_be_watched_is_refused),
        cmocka_unit_test(a_blind_place_is_refused),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests_name("a press's ceiling on the plate", tests, set_up, NULL);
}
