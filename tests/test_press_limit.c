/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's own ceiling: the sum of counts at which it gives its alarm may come early and never
 * late. A truth of plates with spread gains, bent curves, offsets, noise and faulty cells is drawn,
 * a stud is laid on them at any place and pressed, and the plate's sum, gated as the firmware gates
 * it, is watched as the force rises. */
#include "driver/press_limit.h"
#include "driver/press_commands.h"
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

#include "tests/support/drawn.h"

#define FLOOR_COUNTS 4 /* what a tare's gate leaves out, of a plate with noise of 1 count */

static unsigned long long random_state;

static double uniform(double low, double high)
{
    random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
    return low + (high - low) * (double)(random_state >> 11) / 9007199254740992.0;
}

static int set_up(void **state)
{
    (void)state;
    random_state = drawn_seed();
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

static struct faulty *new_plate(double gain_spread, double exponent, double crosstalk, int dead)
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
                                        .crosstalk = crosstalk,
                                        .curve_exponent = exponent,
                                        .calibration_residual = 0.005,
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

#define PLACE_MM 2.0 /* an operator puts the stud so well */

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
                                .base_cm2 = 4,
                                .stud_known = 1,
                                .stud = at,
                                .place_mm = PLACE_MM};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is known: nothing but the rectangle; where the stud is to lie; and what is seen as it
 * presses.
 */
enum known { KNOWN_RECTANGLE, KNOWN_PLACE, KNOWN_LOAD };

/* The force at which the plate gives its alarm, as a share of the ceiling. The stud is not quite
 * where it was asked for, and rolls a little as it presses. */
static double alarm_share(struct faulty *p, double force_n, double lean, enum known known)
{
    struct point asked = {round(uniform(20, 80)), round(uniform(20, 100))};
    struct point at = {asked.x_mm + uniform(-PLACE_MM, PLACE_MM),
                       asked.y_mm + uniform(-PLACE_MM, PLACE_MM)};
    struct press_limit limit = around(asked, force_n);
    struct problem why = {0};
    uint32_t counts = 0;
    double roll = uniform(-0.15, 0.15), seen = 0.4;
    limit.stud_known = known >= KNOWN_PLACE;
    if (press_limit_counts(p->calibration, &p->grid, &limit, &counts, &why))
        fail_msg("%s", why.text);
    for (double share = 0.3; share < 2; share += 0.005) {
        double tilt = fmax(-0.5, fmin(0.5, lean + roll * (share - 1)));
        if (plate_sum(p, &limit, at, share * force_n, tilt) >= counts)
            return share;
        if (known < KNOWN_LOAD || share < seen)
            continue;
        for (size_t i = 0; i < p->cells; i++)
            p->counts[i] = p->counts[i] >= p->zero[i] + FLOOR_COUNTS
                               ? (uint16_t)(p->counts[i] - p->zero[i])
                               : 0;
        calibration_apply(p->calibration, p->counts, p->kpa);
        /* Beside a masked cell it stays as it was. */
        assert_true(press_limit_refine(p->calibration, &p->grid, &limit, p->kpa, &counts) ||
                    p->setting.random_dead);
        seen += 0.2;
    }
    return 2;
}

#define SHARES 60

struct aim {
    const char *name;
    double gain_spread, exponent, crosstalk;
    int dead;
    enum known known;
    double least, median; /* wanted */
};

/* Of many plates and places: never late, and not so early that the test would be worth nothing. */
static void check_alarms(const struct aim *aim)
{
    double shares[SHARES];
    for (int i = 0; i < SHARES;) {
        struct faulty *p = new_plate(aim->gain_spread, aim->exponent, aim->crosstalk, aim->dead);
        for (int k = 0; k < 4; k++)
            shares[i++] = alarm_share(p, uniform(20, 45), uniform(-0.45, 0.45), aim->known);
        free_plate(p);
    }
    qsort(shares, SHARES, sizeof *shares, by_value);
    print_message("%s: alarm at %.3f to %.3f of the ceiling, median %.3f\n", aim->name, shares[0],
                  shares[SHARES - 1], shares[SHARES / 2]);
    assert_true(shares[SHARES - 1] <= 1.0 + 1e-9);
    assert_true(shares[0] >= aim->least);
    assert_true(shares[SHARES / 2] >= aim->median);
}

static void the_alarm_is_never_late_and_hardly_early(void **state)
{
    static const struct aim aims[] = {
        {"gains 3 %, place known", 0.03, 1, 0, 0, KNOWN_PLACE, 0.92, 0.95},
        {"gains 3 %, load seen", 0.03, 1, 0, 0, KNOWN_LOAD, 0.93, 0.95},
        {"gains 15 %, place known", 0.15, 1, 0, 0, KNOWN_PLACE, 0.8, 0.85},
        {"gains 15 %, load seen", 0.15, 1, 0, 0, KNOWN_LOAD, 0.9, 0.94},
    };
    (void)state;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++)
        check_alarms(&aims[i]);
}

static void nor_with_bent_curves(void **state)
{
    static const struct aim aims[] = {
        {"exponent 1.4, place known", 0.05, 1.4, 0, 0, KNOWN_PLACE, 0.7, 0.8},
        {"exponent 0.7, place known", 0.05, 0.7, 0, 0, KNOWN_PLACE, 0.7, 0.8},
        {"exponent 1.4, load seen", 0.05, 1.4, 0, 0, KNOWN_LOAD, 0.93, 0.95},
        {"exponent 0.7, load seen", 0.05, 0.7, 0, 0, KNOWN_LOAD, 0.93, 0.95},
    };
    (void)state;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++)
        check_alarms(&aims[i]);
}

/* Faulty cells bear their share unseen. */
static void nor_over_dead_cells(void **state)
{
    static const struct aim aims[] = {
        {"14 dead cells, place known", 0.05, 1, 0, 14, KNOWN_PLACE, 0.6, 0.9},
        {"14 dead cells, load seen", 0.05, 1, 0, 14, KNOWN_LOAD, 0.6, 0.9},
    };
    (void)state;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++)
        check_alarms(&aims[i]);
}

/* What a cell gets from its neighbours is read as more force than there is: earlier, never late. */
static void nor_with_crosstalk(void **state)
{
    static const struct aim aims[] = {
        {"crosstalk 1 %, place known", 0.03, 1, 0.01, 0, KNOWN_PLACE, 0.88, 0.9},
        {"crosstalk 1 %, load seen", 0.05, 1.4, 0.01, 0, KNOWN_LOAD, 0.85, 0.88},
    };
    (void)state;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++)
        check_alarms(&aims[i]);
}

/* A load of which nothing is known may lie on any of the cells. */
static void nor_where_nothing_is_known(void **state)
{
    static const struct aim aims[] = {
        {"gains 3 %, rectangle", 0.03, 1, 0, 0, KNOWN_RECTANGLE, 0.85, 0.87},
        {"exponent 1.4, rectangle", 0.05, 1.4, 0, 0, KNOWN_RECTANGLE, 0.55, 0.55},
    };
    (void)state;
    for (size_t i = 0; i < sizeof aims / sizeof *aims; i++)
        check_alarms(&aims[i]);
}

static void press_evenly(struct faulty *p, double force_n)
{
    for (size_t i = 0; i < p->cells; i++)
        p->kpa[i] = 0;
    for (int row = 10; row < 14; row++)
        for (int col = 8; col < 12; col++)
            p->kpa[row * p->grid.cols + col] = (float)(10 * force_n / 4);
}

/* A cell at the end of its range, or damaged, hides force: the rest would be grown too far. */
static void what_is_not_seen_whole_is_not_refined(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1, 0, 0);
    struct press_limit limit = around((struct point){50, 60}, 25);
    uint32_t counts;
    size_t cell = 11u * (size_t)p->grid.cols + 9;
    press_evenly(p, 15);
    assert_int_equal(press_limit_refine(p->calibration, &p->grid, &limit, p->kpa, &counts), 1);
    p->kpa[cell] = NAN;
    assert_int_equal(press_limit_refine(p->calibration, &p->grid, &limit, p->kpa, &counts), 0);
    p->kpa[cell] = 1e6F; /* beyond any count */
    assert_int_equal(press_limit_refine(p->calibration, &p->grid, &limit, p->kpa, &counts), 0);
    free_plate(p);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1, 0.01, 0);
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
    struct faulty *p = new_plate(0.05, 1, 0.01, 4800);
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
    struct faulty *p = new_plate(0.05, 1, 0.01, 0);
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

/* What the plate is asked next, or 0. */
static uint32_t asked_sum(struct press_commands *commands, uint64_t host_us)
{
    struct session_wish wish = {0};
    if (!press_commands_next(commands, host_us, &wish))
        return 0;
    assert_int_equal(wish.command_type, WIRE_CMD_SET_LIMIT);
    return wish.command.as.limit.sum_counts;
}

static void acknowledge(struct press_commands *commands)
{
    struct wire_ack ack = {.request = commands->limit.request, .command = WIRE_CMD_SET_LIMIT};
    struct wire_message message = {.type = WIRE_ACK};
    uint8_t payload[64];
    message.payload = payload;
    message.payload_len = (uint16_t)wire_put_ack(payload, sizeof payload, &ack);
    assert_int_equal(press_commands_hear(commands, &message), 1);
}

/* As it presses the plate is told a better sum, once a step; the next load begins anew. */
static void the_plate_is_told_as_it_presses(void **state)
{
    (void)state;
    struct faulty *p = new_plate(0.05, 1.4, 0, 0);
    struct wire_hello hello = {
        .rows = 24, .cols = 20, .features = WIRE_HAS_LIMIT, .pitch_x_um = 5000, .pitch_y_um = 5000};
    struct tool tool = {.footprint_cm2 = 4, .tip_cm2 = 1, .factor = 1};
    struct press_action action = {.row0 = 9,
                                  .col0 = 7,
                                  .rows = 6,
                                  .cols = 6,
                                  .force_n = 25,
                                  .stud_known = 1,
                                  .stud = {50, 60},
                                  .expiry_ms = 120000};
    struct press_commands commands = press_commands_for(&hello, p->calibration, &tool);
    struct problem why = {0};
    press_evenly(p, 15);
    press_commands_refine(&commands, p->kpa); /* no limit was asked for */
    assert_int_equal(asked_sum(&commands, 1000000), 0);
    assert_int_equal(press_commands_limit(&commands, &action, &why), PRESS_LIMIT_ASKED);
    press_commands_refine(&commands, p->kpa); /* not acknowledged: the first one is asked for */
    uint32_t first = asked_sum(&commands, 1000000);
    assert_true(first > 0);
    acknowledge(&commands);
    press_evenly(p, 8);
    press_commands_refine(&commands, p->kpa); /* too early */
    assert_int_equal(asked_sum(&commands, 2000000), 0);
    press_evenly(p, 12);
    press_commands_refine(&commands, p->kpa);
    uint32_t better = asked_sum(&commands, 2000000);
    assert_true(better > 1.005 * first || (better > 0 && better < 0.995 * first));
    press_commands_refine(&commands, p->kpa); /* nothing new to say */
    assert_int_equal(asked_sum(&commands, 2000000), 0);
    press_evenly(p, 22);
    press_commands_refine(&commands, p->kpa);
    asked_sum(&commands, 2000000); /* may be as good as the same */
    press_evenly(p, 13);           /* half lifted, and pressed down on one edge */
    press_commands_refine(&commands, p->kpa);
    assert_int_equal(asked_sum(&commands, 2000000), 0);
    press_evenly(p, 19);
    for (int row = 10; row < 14; row++)
        for (int col = 8; col < 12; col++)
            p->kpa[row * p->grid.cols + col] *= col < 10 ? 1.6F : 0.4F;
    press_commands_refine(&commands, p->kpa);
    uint32_t turned = asked_sum(&commands, 2000000);
    assert_true(turned > 0 && turned != better);
    press_evenly(p, 1);
    press_commands_refine(&commands, p->kpa);
    assert_int_equal(asked_sum(&commands, 2000000), first);
    press_commands_clear(&commands);
    assert_int_equal(asked_sum(&commands, 2000000), 0); /* cleared */
    press_evenly(p, 20);
    press_commands_refine(&commands, p->kpa);
    assert_int_equal(asked_sum(&commands, 2000000), 0);
    free_plate(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_alarm_is_never_late_and_hardly_early),
        cmocka_unit_test(nor_where_nothing_is_known),
        cmocka_unit_test(nor_with_bent_curves),
        cmocka_unit_test(nor_with_crosstalk),
        cmocka_unit_test(nor_over_dead_cells),
        cmocka_unit_test(the_plate_is_told_as_it_presses),
        cmocka_unit_test(what_is_not_seen_whole_is_not_refined),
        cmocka_unit_test(what_cannot_be_watched_is_refused),
        cmocka_unit_test(a_blind_place_is_refused),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests_name("a press's ceiling on the plate", tests, set_up, NULL);
}
