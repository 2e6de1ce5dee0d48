/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cells remember is taken off again: a plate's cells are simulated in steps of a millisecond
 * by the differential equations of creep and hysteresis, with noise and a temperature, and the
 * filter must find the pressure; and it is the same live and on recordings, in any time, from any
 * input. */
#include "calib/dynamics.h"
#include "calib/filter.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 9, COLS = 15, CELLS = 135 }; /* two blocks of 64 and a rest */

#define GAIN 0.01 /* kPa a count: 16 bits go to 655 kPa, and rounding is no matter */

static const struct calibration_dynamics terms = {.n_creep = 3,
                                                  .creep_tau_s = {0.8, 9.5, 130},
                                                  .creep_share = {0.04, 0.05, 0.08},
                                                  .hysteresis = 0.25,
                                                  .reference_c = 21.5,
                                                  .gain_percent_per_c = 0.35};

static struct calibration *line_with(const struct calibration_dynamics *dynamics, double gain)
{
    static double gains[CELLS], offsets[CELLS];
    for (size_t i = 0; i < CELLS; i++)
        gains[i] = gain;
    struct calibration_spec spec = {.id = "filter",
                                    .date = "2026-03-01",
                                    .serial = "S",
                                    .rows = ROWS,
                                    .cols = COLS,
                                    .bits = 16,
                                    .curve = "line",
                                    .coefficients = {gains, offsets},
                                    .residual_percent = NAN};
    if (dynamics) {
        spec.has_dynamics = 1;
        spec.dynamics = *dynamics;
    }
    struct problem why;
    size_t n;
    char *text = calibration_format(&spec, &n, &why);
    if (!text)
        fail_msg("%s", why.text);
    struct calibration *c = calibration_parse(text, n, "f.json", &why);
    free(text);
    assert_non_null(c);
    return c;
}

static struct calibration_filter *filter_of(const struct calibration *c)
{
    struct problem why;
    struct calibration_filter *filter = calibration_filter_make(c, &why);
    assert_non_null(filter);
    return filter;
}

/* --- A plate, simulated otherwise than the filter thinks ----------------------------------------
 */

struct plate_cell {
    double load[4], at[4]; /* kPa reached at seconds, 0 before and after */
    double m[CALIBRATION_CREEP_MAX];
    double y, peak, excess;
};

/* The true pressure: loads come and go within 0.15 s, with some sway in between. */
static double pressure_at(const struct plate_cell *cell, double t)
{
    double p = 0;
    for (int k = 0; k < 4; k++) {
        double next = k < 3 ? cell->at[k + 1] : cell->at[3] + 8;
        double on = 0.5 * (1 + tanh((t - cell->at[k]) / 0.05));
        double off = 0.5 * (1 + tanh((t - next) / 0.05));
        p += cell->load[k] * (on - off);
    }
    p *= 1 + 0.03 * sin(2.1 * t);
    return p > 0.05 ? p : 0;
}

/* d(excess)/dy of the two branches, as a differential equation. */
static void simulate_hysteresis(struct plate_cell *cell, double h, double y)
{
    double dy = y - cell->y, e = cell->excess, middle = 0.5 * (y + cell->y);
    if (y >= cell->peak || y <= 0) {
        cell->peak = y;
        e = 0;
    } else if (dy > 0) {
        e -= dy * e / (cell->peak - middle);
    } else if (dy < 0) {
        double envelope = h * middle * (1 - middle / cell->peak);
        e += dy * (h * (1 - 2 * middle / cell->peak) - 2 * (envelope - e) / middle);
    }
    cell->y = y;
    cell->excess = fmin(fmax(e, 0), y);
}

/* One millisecond: creep by the rule of the middle point. Gives the reading. */
static double simulate_ms(struct plate_cell *cell, double t, double gain)
{
    double before = pressure_at(cell, t - 1e-3), now = pressure_at(cell, t);
    double middle = 0.5 * (before + now), y = now;
    for (int k = 0; k < terms.n_creep; k++) {
        double x = 1e-3 / terms.creep_tau_s[k];
        double half = cell->m[k] + 0.5 * x * (before - cell->m[k]);
        cell->m[k] += x * (middle - half);
        y += terms.creep_share[k] * cell->m[k];
    }
    simulate_hysteresis(cell, terms.hysteresis, y);
    return (y + cell->excess) * gain;
}

static double temperature_at(double t)
{
    return 24 + 3 * sin(0.02 * t);
}

static double gain_at(double t)
{
    return 1 + terms.gain_percent_per_c / 100 * (temperature_at(t) - terms.reference_c);
}

static void draw(struct plate_cell *cells, gsl_rng *rng)
{
    for (size_t i = 0; i < CELLS; i++) {
        double at = gsl_ran_flat(rng, 0.5, 4);
        cells[i] = (struct plate_cell){0};
        for (int k = 0; k < 4; k++) {
            cells[i].at[k] = at;
            cells[i].load[k] = i % 7 == 3 ? 0 : gsl_ran_flat(rng, 5, 300);
            at += gsl_ran_flat(rng, 2, 9);
        }
    }
}

/* RMS of estimate less truth over loaded cells and frames. */
struct error {
    double squares, worst;
    size_t n;
};

static void add_error(struct error *error, double off)
{
    error->squares += off * off;
    error->worst = fmax(error->worst, fabs(off));
    error->n++;
}

static double rms(const struct error *error)
{
    return sqrt(error->squares / (double)error->n);
}

static void the_pressure_is_found_under_what_the_cells_remember(void **state)
{
    (void)state;
    static struct plate_cell cells[CELLS];
    const unsigned long seed = 20260301;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    draw(cells, rng);
    struct calibration *c = line_with(&terms, GAIN);
    struct calibration_filter *filter = filter_of(c);
    struct error raw = {0}, filtered = {0};
    int next_ms = 0;
    for (int ms = 0; ms < 45000; ms++) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        double t = ms * 1e-3;
        for (size_t i = 0; i < CELLS; i++) {
            double r = simulate_ms(&cells[i], t, gain_at(t));
            r += r > 0 ? gsl_ran_gaussian(rng, 0.2) : 0;
            counts[i] = (uint16_t)lrint(fmin(fmax(r / GAIN, 0), 65535));
        }
        if (ms < next_ms)
            continue;
        next_ms += 6 + (int)gsl_rng_uniform_int(rng, 9) + (ms % 7919 > 7900 ? 180 : 0);
        calibration_filter_apply(filter, 1000u * (uint64_t)ms + 77, temperature_at(t), counts, kpa);
        for (size_t i = 0; i < CELLS; i++) {
            double truth = pressure_at(&cells[i], t);
            if (truth < 5)
                continue;
            add_error(&raw, (counts[i] * GAIN - truth) / truth);
            add_error(&filtered, ((double)kpa[i] - truth) / truth);
        }
    }
    print_message("seed %lu: of reading %.2f %% RMS raw, %.3f %% filtered, worst %.2f %%\n", seed,
                  100 * rms(&raw), 100 * rms(&filtered), 100 * filtered.worst);
    assert_true(rms(&raw) > 0.1);
    assert_true(rms(&filtered) < 0.012);
    calibration_filter_free(filter);
    calibration_free(c);
    gsl_rng_free(rng);
}

/* --- The model itself ---------------------------------------------------------------------------
 */

/* A walk of pressures that is hard to follow: jumps, rests, small and large turns, gaps. */
static double wander(gsl_rng *rng, double p, double *pace, double *dt_s)
{
    if (gsl_rng_uniform(rng) < 0.03)
        *pace = gsl_ran_flat(rng, -12, 12);
    *dt_s = gsl_rng_uniform(rng) < 0.003 ? 40 : gsl_ran_flat(rng, 0, 0.03);
    p += *pace;
    return gsl_rng_uniform(rng) < 0.002 || p < 0 ? 0 : fmin(p, 500);
}

static void backwards_undoes_forwards(void **state)
{
    (void)state;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (unsigned long seed = 1; seed <= 6; seed++) {
        struct cell_memory there = {0}, back = {0};
        double p = 0, pace = 3, dt_s = 0, most = 0;
        struct calibration_dynamics d = terms;
        d.hysteresis = 0.15 * (double)(seed % 7);
        d.n_creep = (int)seed % 4;
        gsl_rng_set(rng, seed);
        for (int i = 0; i < 20000; i++) {
            double celsius = 20 + 8 * sin(i * 1e-3);
            p = wander(rng, p, &pace, &dt_s);
            double r = dynamics_forward(&d, &there, dt_s, celsius, p);
            most = fmax(most, fabs(dynamics_inverse(&d, &back, dt_s, celsius, r) - p));
        }
        print_message("seed %lu: worst %.1e kPa\n", seed, most);
        assert_true(most < 1e-8);
    }
    gsl_rng_free(rng);
}

static void a_step_creeps_by_its_shares_and_a_loop_opens_by_a_quarter(void **state)
{
    (void)state;
    struct calibration_dynamics d = terms;
    struct cell_memory memory = {0};
    d.hysteresis = 0;
    d.reference_c = NAN; /* the temperature does not count then */
    double first = dynamics_forward(&d, &memory, 0, 60, 100);
    assert_true(fabs(first - 100) < 1e-9);
    double t = 3.7, later = dynamics_forward(&d, &memory, t, 60, 100), want = 100;
    for (int k = 0; k < d.n_creep; k++)
        want += 100 * d.creep_share[k] * (1 - exp(-t / d.creep_tau_s[k]));
    assert_true(fabs(later - want) < 1e-9);
    d = (struct calibration_dynamics){.hysteresis = 0.2, .reference_c = NAN};
    memory = (struct cell_memory){0};
    dynamics_forward(&d, &memory, 1, NAN, 400);
    double half = dynamics_forward(&d, &memory, 1, NAN, 200);
    assert_true(fabs(half - (200 + 0.2 / 4 * 400)) < 1e-9);
    assert_true(fabs(dynamics_forward(&d, &memory, 1, NAN, 400) - 400) < 1e-9);
    assert_true(fabs(dynamics_forward(&d, &memory, 1, NAN, 0)) < 1e-12);
    assert_true(fabs(dynamics_forward(&d, &memory, 1, NAN, 200) - 200) < 1e-12);
}

/* --- The filter ---------------------------------------------------------------------------------
 */

static void draw_frame(gsl_rng *rng, int frame, uint16_t *counts)
{
    for (size_t i = 0; i < CELLS; i++) {
        int is_bare = i < 64 ? frame % 100 < 40 : i % 5 == 0; /* the first block comes and goes */
        double level = 12000 + 9000 * sin(0.03 * frame + (double)i) + gsl_ran_gaussian(rng, 60);
        counts[i] = (uint16_t)(is_bare ? 0 : level);
    }
}

static void the_vector_code_follows_the_model(void **state)
{
    (void)state;
    static struct cell_memory cells[CELLS];
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 4);
    struct calibration *c = line_with(&terms, GAIN);
    struct calibration_filter *filter = filter_of(c);
    uint64_t time_us = 5000000;
    struct error error = {0};
    memset(cells, 0, sizeof cells);
    for (int frame = 0; frame < 3000; frame++) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        uint64_t step_us = frame == 0 ? 0 : 3000 + gsl_rng_uniform_int(rng, 20000);
        step_us += frame % 700 == 699 ? 25000000 : 0;
        time_us += step_us;
        draw_frame(rng, frame, counts);
        calibration_filter_apply(filter, time_us, frame < 900 ? NAN : 27.5, counts, kpa);
        for (size_t i = 0; i < CELLS; i++) {
            double want = dynamics_inverse(&terms, &cells[i], (double)step_us * 1e-6,
                                           frame < 900 ? NAN : 27.5, counts[i] * GAIN);
            add_error(&error, ((double)kpa[i] - want) / (1 + want));
        }
    }
    /* A turn that is one by a hair in double and none in float changes the branch: at most h times
     * the least turn, 0.5 %. */
    print_message("difference %.1e of the reading RMS, %.1e worst\n", rms(&error), error.worst);
    assert_true(rms(&error) < 2e-4);
    assert_true(error.worst < 5e-3);
    calibration_filter_free(filter);
    calibration_free(c);
    gsl_rng_free(rng);
}

static void without_terms_it_is_the_curve(void **state)
{
    (void)state;
    struct calibration_dynamics none = {.reference_c = 20};
    for (int k = 0; k < 2; k++) {
        struct calibration *c = line_with(k ? &none : NULL, GAIN);
        struct calibration_filter *filter = filter_of(c);
        uint16_t counts[CELLS];
        float kpa[CELLS], want[CELLS];
        for (int frame = 0; frame < 50; frame++) {
            for (size_t i = 0; i < CELLS; i++)
                counts[i] = (uint16_t)(frame * 977 + (int)i * 31);
            calibration_apply(c, counts, want);
            calibration_filter_apply(filter, 10000u * (uint64_t)frame, 40, counts, kpa);
            assert_memory_equal(kpa, want, sizeof kpa);
        }
        calibration_filter_free(filter);
        calibration_free(c);
    }
}

static void a_held_load_reads_the_same_all_along(void **state)
{
    (void)state;
    struct calibration *c = line_with(&terms, GAIN);
    struct calibration_filter *filter = filter_of(c);
    struct cell_memory memory = {0};
    double last = 0;
    uint64_t time_us = 0;
    for (int frame = 0; frame < 4000; frame++) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        uint64_t step_us = (uint64_t)(frame == 0      ? 0
                                      : frame == 2000 ? 60000000
                                                      : 10000 + 3000 * (frame % 5));
        time_us += step_us;
        last = dynamics_forward(&terms, &memory, (double)step_us * 1e-6, 26, 88.8);
        for (size_t i = 0; i < CELLS; i++)
            counts[i] = (uint16_t)lrint(last / GAIN);
        calibration_filter_apply(filter, time_us, 26, counts, kpa);
        assert_true(fabs((double)kpa[frame % CELLS] - 88.8) < 0.02);
    }
    print_message("the curve reads %.1f kPa at the end\n", last);
    assert_true(last > 98);
    calibration_filter_free(filter);
    calibration_free(c);
}

static void live_equals_recorded_and_reset_equals_new(void **state)
{
    (void)state;
    enum { FRAMES = 400 };
    static float first[FRAMES][CELLS];
    struct calibration *c = line_with(&terms, GAIN);
    struct calibration_filter *filter = filter_of(c), *late = filter_of(c);
    for (int pass = 0; pass < 3; pass++) {
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937); /* the same frames each time */
        struct calibration_filter *use = pass == 2 ? late : filter;
        for (int frame = 0; frame < FRAMES; frame++) {
            uint16_t counts[CELLS];
            float kpa[CELLS];
            uint64_t time_us = 1000000u * (uint64_t)pass + 10000u * (uint64_t)frame;
            draw_frame(rng, frame, counts);
            calibration_filter_apply(use, time_us, 23, counts, kpa);
            if (pass == 2) /* a frame that is shown twice changes nothing */
                calibration_filter_apply(use, time_us, 23, counts, kpa);
            for (size_t i = 0; i < CELLS; i++) {
                if (pass == 0)
                    first[frame][i] = kpa[i];
                else
                    assert_true(fabsf(kpa[i] - first[frame][i]) <= (pass == 2 ? 2e-3F : 0.0F));
            }
        }
        gsl_rng_free(rng);
        calibration_filter_reset(filter);
    }
    calibration_filter_free(filter);
    calibration_filter_free(late);
    calibration_free(c);
}

static void twice_the_gain_is_twice_the_pressure_and_places_do_not_matter(void **state)
{
    (void)state;
    struct calibration *one = line_with(&terms, GAIN), *two = line_with(&terms, 2 * GAIN);
    struct calibration_filter *a = filter_of(one), *b = filter_of(two);
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int frame = 0; frame < 300; frame++) {
        uint16_t counts[CELLS], mirrored[CELLS];
        float kpa[CELLS], other[CELLS];
        draw_frame(rng, frame, counts);
        for (size_t i = 0; i < CELLS; i++)
            mirrored[CELLS - 1 - i] = counts[i];
        calibration_filter_apply(a, 10000u * (uint64_t)frame, NAN, counts, kpa);
        calibration_filter_apply(b, 10000u * (uint64_t)frame, NAN, mirrored, other);
        for (size_t i = 0; i < CELLS; i++)
            assert_true(fabsf(other[CELLS - 1 - i] - 2 * kpa[i]) <= 1e-3F + 1e-4F * kpa[i]);
    }
    gsl_rng_free(rng);
    calibration_filter_free(a);
    calibration_filter_free(b);
    calibration_free(one);
    calibration_free(two);
}

static void hostile_input_stays_within_its_bounds(void **state)
{
    (void)state;
    static const double degrees[] = {NAN, INFINITY, -INFINITY, 1e300, -41, 125, -40, 22};
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (unsigned long seed = 1; seed <= 8; seed++) {
        gsl_rng_set(rng, seed);
        struct calibration_dynamics d = {.n_creep = 4,
                                         .creep_tau_s = {0.01, 1e6, 1, 0.01},
                                         .creep_share = {1, 1, 0, 0},
                                         .hysteresis = seed % 2 ? 0.9 : 0,
                                         .reference_c = 20,
                                         .gain_percent_per_c = seed % 3 ? 10 : -10};
        struct calibration *c = line_with(&d, GAIN);
        struct calibration_filter *filter = filter_of(c);
        uint64_t time_us = 0;
        for (int frame = 0; frame < 2000; frame++) {
            uint16_t counts[CELLS];
            float kpa[CELLS];
            time_us +=
                frame % 97 == 0 ? (uint64_t)gsl_rng_get(rng) << 32 : gsl_rng_get(rng) % 30000;
            for (size_t i = 0; i < CELLS; i++)
                counts[i] = (uint16_t)(gsl_rng_get(rng) >> (frame / 100 % 17));
            calibration_filter_apply(filter, time_us, degrees[gsl_rng_get(rng) % 8], counts, kpa);
            for (size_t i = 0; i < CELLS; i++)
                assert_true(kpa[i] >= 0 && (double)kpa[i] <= 2.0001 * GAIN * counts[i] + 1e-9);
        }
        calibration_filter_free(filter);
        calibration_free(c);
    }
    gsl_rng_free(rng);
}

static void late_frames_do_not_turn_time_back(void **state)
{
    (void)state;
    struct calibration *c = line_with(&terms, GAIN);
    struct calibration_filter *ordered = filter_of(c), *late = filter_of(c);
    uint16_t counts[CELLS];
    float a[CELLS], b[CELLS];
    for (size_t i = 0; i < CELLS; i++)
        counts[i] = 9000;
    for (uint64_t frame = 0; frame < 500; frame++) {
        calibration_filter_apply(ordered, 10000 * frame, NAN, counts, a);
        calibration_filter_apply(late, 10000 * (frame ^ (frame % 16 == 4)), NAN, counts, b);
        if (frame % 16 > 6)
            assert_true(fabsf(a[50] - b[50]) < 1e-3F * a[50]);
    }
    calibration_filter_apply(late, 0, NAN, counts, b); /* within 10 s: late */
    assert_true(fabsf(a[50] - b[50]) < 1e-3F * a[50]);
    /* a second that comes with frames of 4 s ago between its own is a second, not minutes */
    for (uint64_t frame = 500; frame < 600; frame++) {
        calibration_filter_apply(ordered, 10000 * frame, NAN, counts, a);
        calibration_filter_apply(late, 10000 * frame, NAN, counts, b);
        assert_true(fabsf(a[50] - b[50]) < 1e-3F * a[50]);
        calibration_filter_apply(late, 10000 * frame - 4000000, NAN, counts, b);
    }
    calibration_filter_free(ordered);
    calibration_filter_free(late);
    calibration_free(c);
}

/* A thermometer that has come off says -300 or 1000 degrees: then the last that was known holds. */
static void a_temperature_out_of_this_world_is_not_known(void **state)
{
    (void)state;
    static const double odd[] = {NAN, -40.5, 125.5, -300, 1000, INFINITY};
    struct calibration *c = line_with(&terms, GAIN);
    uint16_t counts[CELLS];
    float want[CELLS], said[CELLS];
    for (size_t i = 0; i < CELLS; i++)
        counts[i] = (uint16_t)(7000 + 10 * i);
    for (int known = 0; known < 2; known++) {
        for (size_t k = 0; k < sizeof odd / sizeof odd[0]; k++) {
            struct calibration_filter *a = filter_of(c), *b = filter_of(c);
            calibration_filter_apply(a, 0, known ? 35 : NAN, counts, want);
            calibration_filter_apply(b, 0, known ? 35 : NAN, counts, said);
            calibration_filter_apply(a, 10000, known ? 35 : NAN, counts, want);
            calibration_filter_apply(b, 10000, odd[k], counts, said);
            assert_memory_equal(want, said, sizeof want);
            calibration_filter_free(a);
            calibration_filter_free(b);
        }
    }
    calibration_free(c);
}

static void what_the_terms_may_be(void **state)
{
    (void)state;
    struct calibration_dynamics d = terms;
    assert_null(dynamics_fault(&d));
    d.creep_share[1] = -0.01;
    assert_non_null(dynamics_fault(&d));
    d = terms;
    d.creep_tau_s[2] = NAN;
    assert_non_null(dynamics_fault(&d));
    d = terms;
    d.hysteresis = NAN;
    assert_non_null(dynamics_fault(&d));
    d = terms;
    d.gain_percent_per_c = -10.5;
    assert_non_null(dynamics_fault(&d));
    d = terms;
    d.n_creep = 5;
    assert_non_null(dynamics_fault(&d));
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    struct calibration *c = line_with(&terms, GAIN);
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        struct calibration_filter *filter = calibration_filter_make(c, &why);
        if (!failing_malloc_off()) {
            assert_non_null(filter);
            calibration_filter_free(filter);
            break;
        }
        assert_null(filter);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    calibration_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pressure_is_found_under_what_the_cells_remember),
        cmocka_unit_test(backwards_undoes_forwards),
        cmocka_unit_test(a_step_creeps_by_its_shares_and_a_loop_opens_by_a_quarter),
        cmocka_unit_test(the_vector_code_follows_the_model),
        cmocka_unit_test(without_terms_it_is_the_curve),
        cmocka_unit_test(a_held_load_reads_the_same_all_along),
        cmocka_unit_test(live_equals_recorded_and_reset_equals_new),
        cmocka_unit_test(twice_the_gain_is_twice_the_pressure_and_places_do_not_matter),
        cmocka_unit_test(hostile_input_stays_within_its_bounds),
        cmocka_unit_test(late_frames_do_not_turn_time_back),
        cmocka_unit_test(a_temperature_out_of_this_world_is_not_known),
        cmocka_unit_test(what_the_terms_may_be),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
