/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a bench session says to a calibration: what is told comes back, what is wrong is left
 * out and named, and what cannot be done is refused in words. */
#include "calib/bench.h"
#include "calib/calibration.h"
#include "samples/dice.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 4711u
#define ROWS 5
#define COLS 7
#define CELLS (ROWS * COLS)
#define SCALE 0.034 /* the truth: kPa = SCALE / gain (count)^EXPONENT */
#define EXPONENT 1.17

static struct problem why;

/* A plate that is a power curve with gains, and nothing else. */
struct world {
    struct bench_session *session;
    struct dice dice;
    double gain[CELLS];
    int rows, cols;
    uint64_t now_us;
    int largest; /* what the converter stops at */
};

static void begin(struct world *world, int rows, int cols)
{
    *world = (struct world){.rows = rows, .cols = cols, .largest = 4095};
    dice_begin(&world->dice, SEED, "bench fit");
    for (int i = 0; i < rows * cols; i++)
        world->gain[i] = dice_lognormal(&world->dice, 0.1);
    world->session = bench_begin("FIT-1", rows, cols, 12, 10, 10, &why);
}

static int say(struct world *world, const char *json)
{
    return bench_annotation(world->session, world->now_us, json, strlen(json), &why);
}

static int count_of(struct world *world, int cell, double kpa)
{
    double count = pow(kpa * world->gain[cell] / SCALE, 1 / EXPONENT);
    count += dice_normal(&world->dice, 0.8) + 0.5;
    return (int)fmin(fmax(count, 0), world->largest);
}

/* n frames, 50 ms apart, of a pressure in all cells. */
static void frames(struct world *world, int n, double kpa)
{
    uint16_t counts[CELLS];
    for (int k = 0; k < n; k++) {
        for (int i = 0; i < world->rows * world->cols; i++)
            counts[i] = (uint16_t)(kpa > 0 ? count_of(world, i, kpa) : 0);
        bench_frame(world->session, world->now_us += 50000, counts);
    }
}

/* A hold told as `told`, while `truth` lies on the plate. */
static int hold(struct world *world, double told, double truth, const char *direction, int cycle)
{
    char json[160];
    snprintf(json, sizeof json,
             "{\"bench\":\"hold\",\"stage\":\"bladder\",\"kpa\":%g,\"direction\":\"%s\","
             "\"cycle\":%d}",
             told, direction, cycle);
    if (say(world, json))
        return -1;
    frames(world, 24, truth);
    return 0;
}

static const double steps_kpa[] = {8, 17, 36, 71, 140, 233};
#define STEPS 6

/* `wrong`: every so many holds' reference is told 1.5 times too high; 0 = none. */
static int bladder(struct world *world, int cycles, int wrong)
{
    int n = 0;
    for (int cycle = 1; cycle <= cycles; cycle++) {
        for (int k = 0; k < 2 * STEPS - 1; k++) {
            double kpa = steps_kpa[k < STEPS ? k : 2 * STEPS - 2 - k];
            n++;
            double told = wrong && n % wrong == wrong / 2 ? 1.5 * kpa : kpa;
            if (hold(world, told, kpa, k < STEPS ? "up" : "down", cycle))
                return -1;
        }
        if (say(world, "{\"bench\":\"end\"}"))
            return -1;
        world->now_us += 2000000;
    }
    return bench_end_recording(world->session, &why);
}

static struct bench_fit *fit(const struct world *world, const char *curve)
{
    struct bench_options options = {.date = "2026-03-01", .curve = curve, .threads = 1};
    return bench_fit(world->session, &options, &why);
}

static double read_cell(const struct bench_fit *fit, size_t cell, double count)
{
    const struct curve *curve = curve_find(fit->spec.curve);
    struct curve_shape shape = {.max_count = 4095, .n_knots = fit->spec.n_knots};
    double c[CURVE_COEFFICIENTS_MAX] = {0};
    memcpy(shape.knots, fit->spec.knots, sizeof shape.knots);
    for (int k = 0; k < curve_coefficients(curve, &shape); k++)
        c[k] = fit->spec.coefficients[k][cell];
    return curve->value(&shape, c, count);
}

/* RMS over cells and pressures between those of the bench, per cent. */
static double error_percent(const struct world *world, const struct bench_fit *fit)
{
    double square = 0;
    int n = 0;
    for (int i = 0; i < world->rows * world->cols; i++) {
        for (double kpa = 20; kpa < 200; kpa *= 1.37, n++) {
            double count = pow(kpa * world->gain[i] / SCALE, 1 / EXPONENT);
            double off = read_cell(fit, (size_t)i, count) / kpa - 1;
            square += off * off;
        }
    }
    return 100 * sqrt(square / n);
}

static void assert_whole(struct bench_fit *fit)
{
    if (!fit)
        fail_msg("%s", why.text);
    size_t n;
    char *text = calibration_format(&fit->spec, &n, &why);
    if (!text)
        fail_msg("%s", why.text);
    free(text);
    text = bench_fit_text(fit);
    assert_non_null(text);
    assert_non_null(strstr(text, fit->spec.curve));
    free(text);
}

static void a_power_plate_comes_back(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    assert_int_equal(bladder(&world, 2, 0), 0);
    struct bench_fit *result = fit(&world, NULL);
    assert_whole(result);
    assert_true(error_percent(&world, result) < 0.5);
    assert_int_equal(result->health_count[CELL_HEALTHY], CELLS);
    assert_int_equal(result->distinct_kpa, STEPS);
    assert_int_equal(result->cycles, 2);
    assert_true(result->spec.n_candidates >= 3);
    bench_fit_free(result);
    result = fit(&world, "power");
    assert_whole(result);
    assert_string_equal(result->spec.curve, "power");
    for (size_t i = 0; i < CELLS; i++)
        assert_true(fabs(result->spec.coefficients[1][i] - EXPONENT) < 0.01);
    bench_fit_free(result);
    assert_null(fit(&world, "wiggle"));
    assert_int_equal(why.kind, PROBLEM_USAGE);
    bench_free(world.session);
}

/* One reference in eleven told half too high (more than 5 %), and a spike in a tail. */
static void wrong_references_are_named_and_left_out(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    assert_int_equal(bladder(&world, 2, 11), 0);
    struct bench_fit *result = fit(&world, NULL);
    assert_whole(result);
    int named = 0;
    for (size_t i = 0; i < result->n_notes; i++)
        named += strstr(result->notes[i], "not the pressure told") != NULL;
    assert_int_equal(named, 2);
    assert_true(error_percent(&world, result) < 1);
    assert_int_equal(result->health_count[CELL_HEALTHY], CELLS);
    bench_fit_free(result);
    bench_free(world.session);
}

static void a_spike_in_a_cell_harms_no_curve(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    for (int cycle = 1; cycle <= 2; cycle++) {
        for (int k = 0; k < STEPS; k++) {
            assert_int_equal(hold(&world, steps_kpa[k], steps_kpa[k], "up", cycle), 0);
            uint16_t spike[CELLS];
            for (int i = 0; i < CELLS; i++)
                spike[i] = (uint16_t)count_of(&world, i, steps_kpa[k]);
            spike[(cycle * STEPS + k) % CELLS] = 4095;
            bench_frame(world.session, world.now_us += 50000, spike);
        }
    }
    assert_int_equal(bench_end_recording(world.session, &why), 0);
    struct bench_fit *result = fit(&world, NULL);
    assert_whole(result);
    assert_true(error_percent(&world, result) < 3);
    bench_fit_free(result);
    bench_free(world.session);
}

static void few_pressures_are_refused_in_words(void **state)
{
    (void)state;
    for (int n = 0; n < 3; n++) {
        struct world world;
        begin(&world, ROWS, COLS);
        for (int k = 0; k < n; k++)
            assert_int_equal(hold(&world, steps_kpa[2 * k], steps_kpa[2 * k], "up", 1), 0);
        assert_int_equal(bench_end_recording(world.session, &why), 0);
        assert_null(fit(&world, NULL));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, "record stage 'bladder'"));
        bench_free(world.session);
    }
}

/* A plate that always says the same, whatever lies on it; and one that is full at the first
 * pressure: nothing to fit, and no crash. */
static void a_plate_that_does_not_answer_is_refused(void **state)
{
    (void)state;
    static const double always[] = {0, 5, 1e9};
    for (size_t a = 0; a < 3; a++) {
        struct world world;
        begin(&world, ROWS, COLS);
        for (int k = 0; k < STEPS; k++)
            assert_int_equal(hold(&world, steps_kpa[k], always[a], "up", 1), 0);
        assert_int_equal(bench_end_recording(world.session, &why), 0);
        assert_null(fit(&world, NULL));
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        bench_free(world.session);
    }
}

static void a_single_row_is_a_plate_too(void **state)
{
    (void)state;
    for (int flip = 0; flip < 2; flip++) {
        struct world world;
        begin(&world, flip ? 6 : 1, flip ? 1 : 6);
        assert_int_equal(bladder(&world, 1, 0), 0);
        struct bench_fit *result = fit(&world, NULL);
        assert_whole(result);
        assert_true(error_percent(&world, result) < 1);
        bench_fit_free(result);
        bench_free(world.session);
    }
}

static void a_hold_that_still_moves_is_named(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    assert_int_equal(bladder(&world, 1, 0), 0);
    assert_int_equal(hold(&world, 100, 20, "up", 2), 0);
    for (int k = 0; k < 60; k++)
        frames(&world, 1, 20 + 2 * k);
    assert_int_equal(bench_end_recording(world.session, &why), 0);
    struct bench_hold_facts facts;
    bench_hold(world.session, bench_hold_count(world.session) - 1, &facts);
    assert_false(facts.settled);
    struct bench_fit *result = fit(&world, NULL);
    assert_whole(result);
    int named = 0;
    for (size_t i = 0; i < result->n_notes; i++)
        named += strstr(result->notes[i], "did not settle") != NULL;
    assert_int_equal(named, 1);
    assert_true(error_percent(&world, result) < 0.7);
    bench_fit_free(result);
    bench_free(world.session);
}

static void a_note_that_is_not_as_told_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json, *word;
    } bad[] = {
        {"{\"bench\":\"hold\"}", "stage"},
        {"{\"bench\":\"hold\",\"stage\":\"bladder\"}", "kpa"},
        {"{\"bench\":\"hold\",\"stage\":\"bladder\",\"kpa\":-1}", "kpa"},
        {"{\"bench\":\"hold\",\"stage\":\"bladder\",\"kpa\":\"40\"}", "kpa"},
        {"{\"bench\":\"hold\",\"stage\":\"bladder\",\"kpa\":4,\"direction\":\"left\"}",
         "direction"},
        {"{\"bench\":\"hold\",\"stage\":\"mass\"}", "kg"},
        {"{\"bench\":\"hold\",\"stage\":\"stud\",\"kg\":2,\"tip_cm2\":1}", "stud"},
        {"{\"bench\":\"reference\"}", "device"},
        {"{\"bench\":7}", "bench"},
        {"{\"bench\":\"hold\"", "JSON"},
    };
    struct world world;
    begin(&world, ROWS, COLS);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        why = (struct problem){0};
        assert_int_equal(say(&world, bad[i].json), -1);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, bad[i].word));
    }
    assert_int_equal(say(&world, "{\"step\":\"end\"}"), 0);
    assert_int_equal(say(&world, "a word of somebody"), 0);
    assert_int_equal(bench_hold_count(world.session), 0);
    assert_null(bench_begin("", 4, 4, 12, 5, 5, &why));
    assert_null(bench_begin("S", 4, 257, 12, 5, 5, &why));
    assert_null(bench_begin("S", 4, 4, 12, NAN, 5, &why));
    bench_free(world.session);
}

/* The examples of calib/README.md are annotations; one with its first member spoilt is none. */
static void the_document_s_notes_are_taken(void **state)
{
    FILE *document = fopen("calib/README.md", "r");
    struct world world;
    char line[400];
    int taken = 0;

    (void)state;
    assert_non_null(document);
    begin(&world, ROWS, COLS);
    while (fgets(line, sizeof line, document)) {
        if (strncmp(line, "{\"bench\"", 8))
            continue;
        line[strcspn(line, "\n")] = '\0';
        if (say(&world, line))
            fail_msg("%s: %s", line, why.text);
        taken++;
        *strchr(strchr(line, ':'), 'e') = 'x'; /* "stagx", "rxference", "xnd" */
        assert_int_equal(say(&world, line), -1);
        assert_true(strstr(why.text, "'bench'") || strstr(why.text, "'device'") ||
                    strstr(why.text, "'stage'"));
        world.now_us += 1000000;
    }
    fclose(document);
    bench_free(world.session);
    assert_int_equal(taken, 8);
}

/* A mass weighs what it weighs, and a stud's factor is what was left out of its footprint. */
static void masses_and_studs_are_weighed(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    assert_int_equal(bladder(&world, 1, 0), 0);
    uint16_t counts[CELLS] = {0};
    double kpa = 61, force_n = 6 * kpa * 0.1;
    char json[200];
    for (int stud = 0; stud < 2; stud++) {
        snprintf(json, sizeof json,
                 stud ? "{\"bench\":\"hold\",\"stage\":\"stud\",\"stud\":\"round\",\"tip_cm2\":1,"
                        "\"kg\":%.9g}"
                      : "{\"bench\":\"hold\",\"stage\":\"mass\",\"kg\":%.9g,\"x_mm\":35,"
                        "\"y_mm\":20,\"width_mm\":30,\"height_mm\":20}",
                 (stud ? 1.07 : 1) * force_n / 9.80665);
        assert_int_equal(say(&world, json), 0);
        for (int k = 0; k < 40; k++) {
            for (int row = 1; row < 3; row++) {
                for (int col = 2; col < 5; col++)
                    counts[row * COLS + col] = (uint16_t)count_of(&world, row * COLS + col, kpa);
            }
            bench_frame(world.session, world.now_us += 50000, counts);
        }
    }
    assert_int_equal(bench_end_recording(world.session, &why), 0);
    struct bench_fit *result = fit(&world, NULL);
    assert_whole(result);
    assert_true(result->spec.budget.force_percent < 0.5);
    assert_true(result->cop_error_mm < 0.2);
    assert_true(result->spec.budget.crosstalk.percent < 0.1);
    assert_int_equal(result->spec.n_studs, 1);
    assert_true(fabs(result->spec.studs[0].factor - 1.07) < 0.006);
    bench_fit_free(result);
    bench_free(world.session);
}

/* Every hold presses otherwise than told: the second cycle 4 % more than the first, the way down
 * 5 % more than the way up. */
static void press_unevenly(struct world *world)
{
    for (int cycle = 1; cycle <= 2; cycle++) {
        for (int k = 0; k < 2 * STEPS - 1; k++) {
            double kpa = steps_kpa[k < STEPS ? k : 2 * STEPS - 2 - k];
            double truth = kpa * (cycle > 1 ? 1.04 : 1) * (k < STEPS ? 1 : 1.05);
            assert_int_equal(hold(world, kpa, truth, k < STEPS ? "up" : "down", cycle), 0);
        }
        assert_int_equal(say(world, "{\"bench\":\"end\"}"), 0);
        world->now_us += 2000000;
    }
    assert_int_equal(bench_end_recording(world->session, &why), 0);
}

/* A load that reads 4 % more for each factor 10 of time. */
static void press_and_creep(struct world *world)
{
    assert_int_equal(say(world, "{\"bench\":\"hold\",\"stage\":\"creep\",\"kpa\":50}"), 0);
    for (int k = 1; k <= 2400; k++)
        frames(world, 1, 50 * (1 + 0.04 * log10(0.05 * k)));
    assert_int_equal(bench_end_recording(world->session, &why), 0);
}

static struct bench_fit *fit_plain(const struct world *world)
{
    struct bench_options options = {
        .date = "2026-03-01", .curve = "power", .no_dynamics = 1, .threads = 1};
    struct bench_fit *result = bench_fit(world->session, &options, &why);
    assert_whole(result);
    return result;
}

static int is_near(double value, double wanted, double within)
{
    return fabs(value - wanted) <= within;
}

/* Each line of the budget is what was planted for it. */
static void the_budget_says_what_is_left(void **state)
{
    (void)state;
    struct world world;
    begin(&world, ROWS, COLS);
    press_unevenly(&world);
    press_and_creep(&world);
    struct bench_fit *bare = fit_plain(&world);
    const struct calibration_budget *b = &bare->spec.budget;
    printf("accuracy %.2f %%, repeatability %.2f %%, hysteresis %.2f %%, creep %.2f %%, %.2f %% a "
           "decade\n",
           b->accuracy.percent, b->repeatability.percent, b->hysteresis.percent, b->creep.percent,
           b->creep_percent_per_decade);
    assert_true(is_near(b->repeatability.percent, 4 / sqrt(2), 0.3));
    assert_true(is_near(b->hysteresis.percent, 5.1, 0.4));
    /* of rested cells, which the curve stands on: those of the first way up */
    assert_true(b->accuracy.percent < 3);
    /* moments evenly over the logarithm of 1 to 120 s */
    assert_true(is_near(b->creep.percent, 4 * log10(120) / sqrt(12), 0.5));
    assert_true(is_near(b->creep_percent_per_decade, 4, 0.2));
    /* The reference's own error comes on top: 3 % of reading, and of half of the largest pressure.
     */
    assert_int_equal(
        say(&world, "{\"bench\":\"reference\",\"device\":\"g\",\"accuracy_percent\":3}"), 0);
    struct bench_fit *owned = fit_plain(&world);
    double percent = owned->spec.budget.accuracy.percent, kpa = owned->spec.budget.accuracy.kpa;
    assert_true(is_near(percent, hypot(b->accuracy.percent, 3), 1e-9));
    assert_true(is_near(kpa, hypot(b->accuracy.kpa, 0.03 * 233 / 2), 1e-9));
    bench_fit_free(bare);
    bench_fit_free(owned);
    bench_free(world.session);
}

static int has_note(const struct bench_fit *fit, const char *words)
{
    for (size_t i = 0; i < fit->n_notes; i++) {
        if (strstr(fit->notes[i], words))
            return 1;
    }
    return 0;
}

/* 61 kPa on 3 x 3 cells, in the plate's first or last corner, and `share` of it in the cells beside
 * them. */
static void lay_on_corner(struct world *world, const char *json, int is_last, double share)
{
    uint16_t counts[CELLS] = {0};
    assert_int_equal(say(world, json), 0);
    for (int k = 0; k < 40; k++) {
        for (int i = 0; i < CELLS; i++) {
            int row = is_last ? ROWS - 1 - i / COLS : i / COLS;
            int col = is_last ? COLS - 1 - i % COLS : i % COLS;
            int under = row < 3 && col < 3, near = row < 4 && col < 4 && row + col < 6;
            double kpa = under ? 61 : near ? share * 61 : 0;
            counts[i] = kpa > 0 ? (uint16_t)count_of(world, i, kpa) : 0;
        }
        bench_frame(world->session, world->now_us += 50000, counts);
    }
}

/* What a mass reads beside its footprint is crosstalk. What stands on a dead cell tells neither the
 * error of the force nor a stud's factor, and it is said. */
static void crosstalk_is_told_and_what_stands_on_a_dead_cell_is_not(void **state)
{
    (void)state;
    struct world world;
    size_t dead = (ROWS - 2) * COLS + COLS - 2;
    char json[200];
    begin(&world, ROWS, COLS);
    world.gain[dead] = 1e-9;
    assert_int_equal(bladder(&world, 1, 0), 0);
    snprintf(json, sizeof json,
             "{\"bench\":\"hold\",\"stage\":\"mass\",\"kg\":%.9g,\"x_mm\":15,\"y_mm\":15,"
             "\"width_mm\":30,\"height_mm\":30}",
             9 * 61 * 0.1 / 9.80665);
    lay_on_corner(&world, json, 0, 0.05);
    lay_on_corner(&world, "{\"bench\":\"hold\",\"stage\":\"mass\",\"kg\":30}", 1, 0);
    lay_on_corner(&world,
                  "{\"bench\":\"hold\",\"stage\":\"stud\",\"stud\":\"round\",\"tip_cm2\":1,"
                  "\"kg\":5}",
                  1, 0);
    assert_int_equal(bench_end_recording(world.session, &why), 0);
    struct bench_fit *result = fit_plain(&world);
    const struct calibration_budget *b = &result->spec.budget;
    assert_int_equal(result->spec.health[dead], CELL_DEAD);
    assert_true(is_near(b->crosstalk.percent, 5, 0.4) && is_near(b->crosstalk.kpa, 3.05, 0.25));
    assert_true(is_near(b->force_percent, 6 * 5 / 9.0, 0.5)); /* that is read, too */
    assert_true(has_note(result, "1 of 2 masses lay on masked cells"));
    assert_int_equal(result->spec.n_studs, 0);
    bench_fit_free(result);
    /* Nor does one that was told of a hundredth of its mass: the rest is a calibration all the
     * same. */
    lay_on_corner(&world,
                  "{\"bench\":\"hold\",\"stage\":\"stud\",\"stud\":\"round\",\"tip_cm2\":1,"
                  "\"kg\":0.05}",
                  0, 0);
    assert_int_equal(bench_end_recording(world.session, &why), 0);
    result = fit_plain(&world);
    assert_int_equal(result->spec.n_studs, 0);
    assert_true(has_note(result, "the factor of 1 stud(s) is left out"));
    bench_fit_free(result);
    bench_free(world.session);
}

/* GSL's own memory does not go through failing_malloc: this stands before its function. */
static long robust_left = -1; /* workspaces that can still be had; -1 = all */
static long robust_asked;

gsl_multifit_robust_workspace *gsl_multifit_robust_alloc(const gsl_multifit_robust_type *type,
                                                         size_t n, size_t p)
{
    gsl_multifit_robust_workspace *(*alloc)(const gsl_multifit_robust_type *, size_t, size_t);
    void *symbol = dlsym(RTLD_NEXT, "gsl_multifit_robust_alloc");
    memcpy(&alloc, &symbol, sizeof alloc);
    robust_asked++;
    if (robust_left == 0)
        return NULL;
    robust_left -= robust_left > 0;
    return alloc(type, n, p);
}

static int whole_bench(void)
{
    struct world world;
    begin(&world, 2, 2);
    struct bench_fit *result = NULL;
    uint16_t zeros[CELLS] = {20, 21, 19, 20};
    if (world.session && !bench_zeros(world.session, zeros, zeros, &why) &&
        !bladder(&world, 1, 0) &&
        !say(&world, "{\"bench\":\"hold\",\"stage\":\"creep\",\"kpa\":50}")) {
        frames(&world, 60, 50);
        if (!bench_end_recording(world.session, &why))
            result = fit(&world, "power");
    }
    int done = result != NULL;
    bench_fit_free(result);
    bench_free(world.session);
    return done;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    long n = 1;
    for (;; n++) {
        why = (struct problem){0};
        failing_malloc_at(n);
        int done = whole_bench();
        if (!failing_malloc_off()) {
            assert_true(done);
            break;
        }
        assert_false(done);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    printf("%ld allocations\n", n - 1);
    assert_true(n > 20);
}

/* Short memory inside GSL is no fault of the cells: nothing is condemned for it. */
static void memory_may_fail_inside_gsl(void **state)
{
    (void)state;
    robust_asked = 0;
    assert_true(whole_bench());
    long all = robust_asked;
    assert_true(all > 2);
    for (long left = 0; left < all; left++) {
        why = (struct problem){0};
        robust_left = left;
        int done = whole_bench();
        robust_left = -1;
        assert_false(done);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    printf("%ld workspaces\n", all);
}

int main(void)
{
    printf("seed %u\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_plate_comes_back),
        cmocka_unit_test(wrong_references_are_named_and_left_out),
        cmocka_unit_test(a_spike_in_a_cell_harms_no_curve),
        cmocka_unit_test(few_pressures_are_refused_in_words),
        cmocka_unit_test(a_plate_that_does_not_answer_is_refused),
        cmocka_unit_test(a_single_row_is_a_plate_too),
        cmocka_unit_test(a_hold_that_still_moves_is_named),
        cmocka_unit_test(a_note_that_is_not_as_told_is_refused),
        cmocka_unit_test(the_document_s_notes_are_taken),
        cmocka_unit_test(masses_and_studs_are_weighed),
        cmocka_unit_test(the_budget_says_what_is_left),
        cmocka_unit_test(crosstalk_is_told_and_what_stands_on_a_dead_cell_is_not),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(memory_may_fail_inside_gsl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
