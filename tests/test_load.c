/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load over time: a drawn load comes back as numbers; shift, mirror, scale and frame rate change
 * them as they should; the second reading of a stream is that of the frames in memory; bad input
 * gives no made-up number. */
#include "analysis/analyze_frames.h"
#include "analysis/load/load.h"
#include "analysis/load/part.h"
#include "analysis/load/polygon_load.h"
#include "analysis/load/symmetry.h"
#include "analysis/result_json.h"
#include "analysis/second_pass.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/near.h"
#include "tests/support/standing_feet.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = 96, COLS = 96, CELLS = ROWS * COLS };

static const struct grid plate = {ROWS, COLS, 5, 5};

static struct analyzer_options stand(double threshold_kpa)
{
    return (struct analyzer_options){
        .threshold_kpa = threshold_kpa, .min_force_n = 20, .protocol = "stand"};
}

static struct result *analyze(const struct frames_in_memory *frames,
                              const struct analyzer_options *options)
{
    struct problem why = {0};
    struct result *result = analyze_frames(frames, options, &why);

    if (!result)
        fail_msg("%s", why.text);
    return result;
}

/* n frames of one picture, each with its own factor. */
static float *scale_frames(const float *kpa, const double *factor, size_t n)
{
    float *frames = malloc(n * CELLS * sizeof *frames);

    for (size_t f = 0; f < n; f++)
        for (size_t i = 0; i < CELLS; i++)
            frames[f * CELLS + i] = (float)(factor[f] * (double)kpa[i]);
    return frames;
}

static void draw_person(struct standing *s, unsigned seed)
{
    struct standing_range range = standing_usual(2);
    struct dice dice;

    dice_begin(&dice, seed, "load");
    range.angle_deg = 8;
    range.length_low_mm = range.length_high_mm = 250;
    range.gap_low_mm = range.gap_high_mm = 60;
    standing_draw(s, &plate, &range, &dice);
    standing_paint(s, 0, NULL);
}

/* Up in a straight line, held, and down again: each number in closed form. */
enum { UP = 20, HELD = 60, N = UP + HELD + UP + 1 };

static double ramp_at(size_t i)
{
    return i < UP ? (double)i / UP : i <= UP + HELD ? 1 : (double)(N - 1 - i) / UP;
}

struct stander {
    struct standing standing;
    struct result *result;
    float *kpa;
};

static void stand_up(struct stander *person, unsigned seed, double threshold_kpa, double scale)
{
    struct analyzer_options options = stand(threshold_kpa);
    double factor[N];

    draw_person(&person->standing, seed);
    for (size_t i = 0; i < N; i++)
        factor[i] = scale * ramp_at(i);
    person->kpa = scale_frames(person->standing.kpa, factor, N);
    person->result =
        analyze(&(struct frames_in_memory){plate, 100, person->kpa, NULL, N}, &options);
    assert_int_equal(person->result->n_feet, 2);
}

static void leave(struct stander *person)
{
    result_free(person->result);
    standing_free(&person->standing);
    free(person->kpa);
}

static void a_ramp_in_closed_form(void **state)
{
    struct stander person = {0};

    (void)state;
    print_message("seed 5\n");
    stand_up(&person, 5, 0, 1);
    const struct load_summary *plate_load = &person.result->load->plate;
    double force = person.result->max_force_n, peak = person.result->peak_pressure_kpa;
    /* Trapezoid of the ramp: its area. Sum of frames: the same, both ends being 0. */
    double seconds = (UP + HELD) * 0.01;

    assert_near(plate_load->fti_n_s, force * seconds, 1e-6 * force);
    assert_near(plate_load->pti_peak_kpa_s, peak * seconds, 1e-6 * peak);
    assert_near(plate_load->contact_s, (N - 2) * 0.01, 1e-9);
    assert_near(plate_load->loading_rate_n_s, force / (UP * 0.01), 1e-4 * force);
    assert_near(plate_load->force_max_n, force, 1e-9);
    assert_near(plate_load->area_ever_cm2, plate_load->area_max_cm2, 1e-9);
    assert_near(plate_load->region_peak_kpa, 10 * force / plate_load->area_max_cm2, 1e-9 * peak);
    assert_near(plate_load->pti_region_kpa_s, 10 * plate_load->fti_n_s / plate_load->area_max_cm2,
                1e-9 * peak);
    for (int f = 0; f < 2; f++) {
        const struct load_numbers *load = person.result->feet[f].load;
        double share =
            person.standing.newton[f] / (person.standing.newton[0] + person.standing.newton[1]);

        assert_near(load->foot.force_max_n, share * force, 0.01 * force);
        assert_near(load->foot.fti_n_s, load->foot.force_max_n * seconds, 1e-6 * force);
        assert_near(load->foot.loading_rate_n_s, load->foot.force_max_n / (UP * 0.01),
                    1e-4 * force);
        assert_near(load->foot.force_mean_n, person.result->feet[f].force_n, 1e-4 * force);
        assert_near(load->foot.peak_kpa, person.result->feet[f].peak_kpa, 1e-9);
    }
    leave(&person);
}

static void parts_sum_to_the_foot_and_feet_to_the_plate(void **state)
{
    struct stander person = {0};

    (void)state;
    print_message("seed 6\n");
    stand_up(&person, 6, 5, 1.3);
    const struct frame_series *frames = &person.result->frames;

    for (size_t i = 0; i < frames->n; i++) {
        double sum = 0;
        for (int f = 0; f < 2; f++)
            sum += person.result->feet[f].load->series.force_n[i];
        assert_near(sum, frames->force_n[i], 1e-9 * person.result->max_force_n);
    }
    for (int f = 0; f < 2; f++) {
        const struct load_numbers *load = person.result->feet[f].load;
        double force = 0, area = 0, peak = 0;

        for (int i = 0; i < REGION_COUNT; i++) {
            force += load->regions[i].fti_n_s;
            area += load->regions[i].area_mean_cm2;
            peak = fmax(peak, load->regions[i].peak_kpa);
        }
        assert_near(force, load->foot.fti_n_s, 1e-9 * force);
        assert_near(area, load->foot.area_mean_cm2, 1e-9 * area);
        assert_true(peak == load->foot.peak_kpa);
        assert_true(load->fore_percent > 10 && load->fore_percent < 90);
        /* A higher threshold takes contact away, a lower one adds. */
        assert_true(load->sensitivity.area_cm2[0] >= load->sensitivity.area_cm2[1]);
        assert_true(load->sensitivity.area_cm2[1] > load->sensitivity.area_cm2[2]);
        assert_near(load->sensitivity.area_cm2[1], load->foot.area_mean_cm2, 0.01 * area);
    }
    leave(&person);
}

/* Pressure k times: forces, peaks and integrals k times; areas and shares as they were. */
static void scale_scales_pressure_alone(void **state)
{
    struct stander one = {0}, two = {0};

    (void)state;
    print_message("seed 7\n");
    stand_up(&one, 7, 0, 1);
    stand_up(&two, 7, 0, 2);
    for (int f = 0; f < 2; f++) {
        const struct load_summary *a = &one.result->feet[f].load->foot;
        const struct load_summary *b = &two.result->feet[f].load->foot;

        assert_near(b->force_max_n, 2 * a->force_max_n, 1e-9 * b->force_max_n);
        assert_near(b->pti_peak_kpa_s, 2 * a->pti_peak_kpa_s, 1e-6 * b->pti_peak_kpa_s);
        assert_near(b->region_peak_kpa, 2 * a->region_peak_kpa, 1e-9 * b->region_peak_kpa);
        assert_near(b->area_ever_cm2, a->area_ever_cm2, 1e-9);
        assert_near(two.result->feet[f].load->fore_percent, one.result->feet[f].load->fore_percent,
                    1e-4);
    }
    leave(&one);
    leave(&two);
}

/* Each frame twice at twice the rate: the same time in contact, the same integrals but for the two
 * half steps at the ends. */
static void frame_rate_changes_nothing(void **state)
{
    struct stander person = {0};
    struct analyzer_options options = stand(0);
    double factor[2 * N - 1];

    (void)state;
    print_message("seed 8\n");
    stand_up(&person, 8, 0, 1);
    for (size_t i = 0; i < 2 * N - 1; i++)
        factor[i] = (ramp_at(i / 2) + ramp_at((i + 1) / 2)) / 2;
    float *twice = scale_frames(person.standing.kpa, factor, 2 * N - 1);
    struct result *fine =
        analyze(&(struct frames_in_memory){plate, 200, twice, NULL, 2 * N - 1}, &options);
    const struct load_summary *a = &person.result->load->plate, *b = &fine->load->plate;

    assert_near(b->fti_n_s, a->fti_n_s, 1e-6 * a->fti_n_s);
    assert_near(b->pti_peak_kpa_s, a->pti_peak_kpa_s, 1e-6 * a->pti_peak_kpa_s);
    assert_near(b->loading_rate_n_s, a->loading_rate_n_s, 1e-4 * a->loading_rate_n_s);
    assert_near(b->contact_s, a->contact_s, 0.011);
    result_free(fine);
    free(twice);
    leave(&person);
}

static void moved(const float *from, float *to, int rows, int cols)
{
    memset(to, 0, CELLS * sizeof *to);
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++)
            if (row + rows >= 0 && row + rows < ROWS && col + cols >= 0 && col + cols < COLS)
                to[(row + rows) * COLS + col + cols] = from[row * COLS + col];
}

static void mirrored(const float *from, float *to)
{
    for (int row = 0; row < ROWS; row++)
        for (int col = 0; col < COLS; col++)
            to[row * COLS + COLS - 1 - col] = from[row * COLS + col];
}

static struct result *held(const float *kpa, size_t n, double threshold_kpa)
{
    struct analyzer_options options = stand(threshold_kpa);
    double *factor = malloc(n * sizeof *factor);

    for (size_t i = 0; i < n; i++)
        factor[i] = 1;
    float *frames = scale_frames(kpa, factor, n);
    struct result *result =
        analyze(&(struct frames_in_memory){plate, 100, frames, NULL, n}, &options);
    free(frames);
    free(factor);
    return result;
}

static void a_place_on_the_plate_is_only_a_place(void **state)
{
    struct standing s = {0};
    float *other = malloc(CELLS * sizeof *other);

    (void)state;
    print_message("seed 9\n");
    draw_person(&s, 9);
    moved(s.kpa, other, 2, -3);
    struct result *here = held(s.kpa, 12, 5), *there = held(other, 12, 5);
    mirrored(s.kpa, other);
    struct result *mirror = held(other, 12, 5);

    assert_true(here->n_feet == 2 && there->n_feet == 2 && mirror->n_feet == 2);
    for (int f = 0; f < 2; f++) {
        const struct load_numbers *a = here->feet[f].load, *b = there->feet[f].load;
        const struct load_numbers *m = mirror->feet[1 - f].load;

        assert_near(b->foot.force_mean_n, a->foot.force_mean_n, 1e-9 * a->foot.force_mean_n);
        assert_near(b->series.cop_x_mm[5], a->series.cop_x_mm[5] - 15, 1e-6);
        assert_near(b->series.cop_y_mm[5], a->series.cop_y_mm[5] + 10, 1e-6);
        assert_near(b->fore_percent, a->fore_percent, 1);
        assert_near(m->foot.force_mean_n, a->foot.force_mean_n, 1e-9 * a->foot.force_mean_n);
        assert_near(m->series.cop_x_mm[5], COLS * 5 - a->series.cop_x_mm[5], 1e-6);
        assert_near(m->medial_percent, a->medial_percent, 1.5);
    }
    double left = symmetry_index(here->feet[0].load->foot.force_mean_n,
                                 here->feet[1].load->foot.force_mean_n, 0)
                      .index_percent;
    double right = symmetry_index(mirror->feet[0].load->foot.force_mean_n,
                                  mirror->feet[1].load->foot.force_mean_n, 0)
                       .index_percent;
    assert_near(left, -right, 1e-6);
    result_free(here);
    result_free(there);
    result_free(mirror);
    standing_free(&s);
    free(other);
}

static void symmetry_knows_the_plates_error(void **state)
{
    (void)state;
    struct symmetry s = symmetry_index(420, 380, 0);

    assert_near(s.index_percent, 5, 1e-12);
    assert_true(isnan(s.error_percent) && !s.is_beyond_error);
    s = symmetry_index(380, 420, 2);
    assert_near(s.index_percent, -5, 1e-12);
    assert_near(s.error_percent, 1.96 * 2 * 2 * sqrt(2) * 0.475 * 0.525, 1e-12);
    assert_true(s.is_beyond_error);
    assert_false(symmetry_index(380, 420, 4).is_beyond_error);
    assert_true(symmetry_index(1, 0, 3).is_beyond_error);
    assert_true(isnan(symmetry_index(0, 0, 3).index_percent));
    assert_true(isnan(symmetry_index(NAN, 3, 3).index_percent));
    assert_true(isnan(symmetry_index(INFINITY, 3, 3).index_percent));
}

/* A stand whose force creeps 3 % a decade, between an empty plate and one that reads 0.4 kPa. */
static void drift_and_creep_come_back(void **state)
{
    enum { RATE = 20, BEFORE = 30, STOOD = 30 * RATE, AFTER = 30, ALL = BEFORE + STOOD + AFTER };
    struct analyzer_options options = stand(5);
    struct analyzer *analyzer = analyzer_begin(&plate, RATE, &options, NULL);
    struct standing s = {0};
    float *kpa = malloc(CELLS * sizeof *kpa);
    struct second_pass *pass = NULL;
    struct result *result = NULL;

    (void)state;
    print_message("seed 10\n");
    draw_person(&s, 10);
    for (int reading = 0; reading < 2; reading++) {
        for (int i = 0; i < ALL; i++) {
            double t = (double)(i - BEFORE) / RATE;
            double on = i >= BEFORE && i < BEFORE + STOOD;
            double k = on > 0 ? 1 + 0.03 * log10(fmax(t, 0.05) / 10) : 0;

            for (int c = 0; c < CELLS; c++)
                kpa[c] = i < BEFORE + STOOD ? (float)(k * (double)s.kpa[c]) : 0.4F;
            if (reading)
                assert_int_equal(second_pass_frame(pass, (uint64_t)i * 50000, kpa, NULL), 0);
            else
                assert_int_equal(analyzer_frame(analyzer, (uint64_t)i * 50000, kpa, NULL), 0);
        }
        if (reading)
            assert_int_equal(second_pass_finish(pass, NULL), 0);
        else {
            result = analyzer_finish(analyzer, NULL, NULL);
            pass = second_pass_begin(result, NULL);
            assert_non_null(pass);
        }
    }
    const struct load_drift *drift = &result->load->drift;
    /* 0.2 s at the load are left out: four frames, and the one at just that time may be either. */
    assert_in_range(drift->before.frames, BEFORE - 5, BEFORE - 3);
    assert_in_range(drift->after.frames, AFTER - 5, AFTER - 3);
    assert_near(drift->before.force_n, 0, 1e-12);
    assert_near(drift->after.force_n, 0.4 * CELLS * 25e-3 * 1, 1e-4);
    assert_near(drift->kpa, 0.4, 1e-6);
    assert_near(drift->creep_percent_per_decade, 3, 0.05);
    assert_true(drift->creep_error_percent < 0.05);
    result_free(result);
    standing_free(&s);
    free(kpa);
}

static void bad_cells_and_odd_lengths(void **state)
{
    struct standing s = {0};

    (void)state;
    draw_person(&s, 11);
    struct result *good = held(s.kpa, 10, 5);
    s.kpa[0] = NAN;
    s.kpa[1] = INFINITY;
    s.kpa[2] = -3;
    s.kpa[CELLS - 1] = -INFINITY;
    struct result *bad = held(s.kpa, 10, 5), *single = held(s.kpa, 1, 5), *none = held(s.kpa, 0, 5);

    assert_near(bad->load->plate.fti_n_s, good->load->plate.fti_n_s, 1e-9);
    assert_near(bad->feet[0].load->foot.pti_peak_kpa_s, good->feet[0].load->foot.pti_peak_kpa_s,
                1e-9);
    assert_true(single->load->plate.fti_n_s == 0);
    assert_true(isnan(single->load->plate.loading_rate_n_s));
    assert_near(single->load->plate.contact_s, 0.01, 1e-12);
    assert_true(isnan(none->load->plate.peak_s) && none->load->plate.force_max_n == 0);
    assert_true(isnan(none->load->drift.creep_percent_per_decade));
    result_free(good);
    result_free(bad);
    result_free(single);
    result_free(none);
    standing_free(&s);
}

/* Frames that come late or twice: the same numbers as in order. */
static void late_frames_find_their_place(void **state)
{
    struct stander person = {0};
    struct analyzer_options options = stand(0);

    (void)state;
    print_message("seed 12\n");
    stand_up(&person, 12, 0, 1);
    size_t order[N + 1];
    for (size_t i = 0; i < N; i++)
        order[i] = i;
    order[30] = 33, order[33] = 30, order[N] = 50; /* 50 once more */
    float *mixed = malloc((N + 1) * CELLS * sizeof *mixed);
    uint64_t time_us[N + 1];
    for (size_t i = 0; i <= N; i++) {
        memcpy(mixed + i * CELLS, person.kpa + order[i] * CELLS, CELLS * sizeof *mixed);
        time_us[i] = 7000000 + order[i] * 10000;
    }
    struct result *late =
        analyze(&(struct frames_in_memory){plate, 100, mixed, time_us, N + 1}, &options);
    const struct load_numbers *a = person.result->feet[0].load, *b = late->feet[0].load;

    assert_int_equal(late->frames.n, N);
    assert_memory_equal(a->series.force_n, b->series.force_n, N * sizeof(double));
    assert_true(a->foot.fti_n_s == b->foot.fti_n_s);
    assert_true(a->foot.loading_rate_n_s == b->foot.loading_rate_n_s);
    result_free(late);
    free(mixed);
    leave(&person);
}

static void json_holds_no_made_up_number(void **state)
{
    struct stander person = {0};
    struct problem why = {0};

    (void)state;
    stand_up(&person, 13, 5, 1);
    person.result->facts.force_error_percent = 1.5;
    json_t *root = result_json(person.result, 1, &why);
    json_t *force =
        json_object_get(json_object_get(json_object_get(root, "symmetry"), "foot"), "force");

    assert_non_null(root);
    assert_true(json_is_boolean(json_object_get(force, "is_beyond_plate_error")));
    json_t *peak =
        json_object_get(json_object_get(json_object_get(root, "symmetry"), "foot"), "peak");
    assert_true(json_is_null(json_object_get(peak, "is_beyond_plate_error")));
    assert_true(json_is_string(json_object_get(peak, "is_beyond_plate_error_reason")));
    assert_true(json_is_null(json_object_get(json_object_get(root, "drift"), "force_n")));
    json_t *foot = json_array_get(json_object_get(root, "feet"), 0);
    assert_int_equal(json_array_size(json_object_get(json_object_get(foot, "frames"), "force_n")),
                     N);
    json_decref(root);
    leave(&person);
}

static void memory_that_fails_is_told(void **state)
{
    struct standing s = {0};
    struct analyzer_options options = stand(5);
    double factor[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    long n = 1;

    (void)state;
    draw_person(&s, 14);
    float *kpa = scale_frames(s.kpa, factor, 8);
    struct frames_in_memory frames = {plate, 100, kpa, NULL, 8};
    struct result *result = analyze(&frames, &options);
    /* Each of the first ones, then some of the many alike of the zones. */
    for (;; n += n < 40 ? 1 : 7) {
        struct problem why = {0};

        for (int f = 0; f < result->n_feet; f++) {
            load_numbers_free(result->feet[f].load);
            result->feet[f].load = NULL;
        }
        load_whole_free(result->load);
        result->load = NULL;
        failing_malloc_at(n);
        struct second_pass *pass = second_pass_begin(result, &why);
        int failed = !pass;
        for (uint64_t i = 0; pass && i < 8 && !failed; i++)
            failed = second_pass_frame(pass, i * 10000, kpa, &why);
        if (failed)
            second_pass_free(pass);
        else
            failed = second_pass_finish(pass, &why);
        int was = failing_malloc_off();
        assert_true(failed == (was > 0));
        assert_true(!failed || why.text[0]);
        if (!was)
            break;
    }
    print_message("%ld allocations failed in turn\n", n - 1);
    assert_true(n > 40);
    result_free(result);
    standing_free(&s);
    free(kpa);
}

/* The zones' and regions' way through a frame is that of one part alone, to the bit: any shares,
 * any place of the blocks, bad luck with the threshold. */
static void a_frame_made_once_is_the_frame(void **state)
{
    enum { SMALL = 8 * 13 + 5 };
    static float kpa[SMALL];
    static double share[SMALL], whole[SMALL];
    struct part part, foot;
    struct part_contact contact = {0};
    struct problem why = {0};
    struct dice dice;

    (void)state;
    print_message("seed 21\n");
    dice_begin(&dice, 21, "parts");
    assert_int_equal(part_contact_make(&contact, SMALL, &why), 0);
    for (int round = 0; round < 200; round++) {
        for (int i = 0; i < SMALL; i++) {
            whole[i] = dice_uniform(&dice) < 0.7;
            share[i] = whole[i] * fmax(0, 2 * dice_uniform(&dice) - 1);
            kpa[i] = (float)(fmax(0, 50 * dice_uniform(&dice) - 20) * (round > 0));
        }
        assert_int_equal(part_make(&foot, whole, SMALL, &why), 0);
        assert_int_equal(part_make(&part, share, SMALL, &why), 0);
        part_contact_set(&contact, &foot, kpa, contact_above(5));
        struct part_row a = part_sum(&part, kpa, contact_above(5));
        struct part_row b = part_contact_sum(&part, &contact);
        double force = 0, cells = 0, peak = 0;

        for (int i = 0; i < SMALL; i++)
            if (kpa[i] >= 5 && share[i] > 0) {
                force += share[i] * (double)kpa[i];
                cells += share[i];
                peak = fmax(peak, (double)kpa[i]);
            }
        assert_true(a.kpa == b.kpa && a.cells == b.cells && a.peak_kpa == b.peak_kpa);
        assert_true(b.peak_kpa == peak);
        assert_near(b.kpa, force, 1e-12 * (1 + force));
        assert_near(b.cells, cells, 1e-12 * (1 + cells));
        part_free(&part);
        part_free(&foot);
    }
    part_contact_free(&contact);
}

/* --mass: shares of body weight are of the stated mass, and nothing else changes. */
static void a_stated_mass_is_the_hundred_percent(void **state)
{
    struct standing s = {0};
    struct analyzer_options options = stand(5);
    double factor[4] = {1, 1, 1, 1};

    (void)state;
    draw_person(&s, 15);
    float *kpa = scale_frames(s.kpa, factor, 4);
    struct frames_in_memory frames = {plate, 100, kpa, NULL, 4};
    struct result *unstated = analyze(&frames, &options);

    options.body_mass_kg = 63.7;
    struct result *stated = analyze(&frames, &options);
    const struct load_summary *foot = &stated->feet[0].load->foot;

    assert_true(stated->load->mass_is_stated && !unstated->load->mass_is_stated);
    assert_near(stated->load->body_weight_n, 63.7 * 9.80665, 1e-9);
    assert_near(foot->weight_percent, 100 * foot->force_mean_n / (63.7 * 9.80665), 1e-9);
    assert_near(unstated->load->plate.weight_percent, 100, 1e-3);
    assert_true(foot->force_mean_n == unstated->feet[0].load->foot.force_mean_n);
    result_free(unstated);
    result_free(stated);
    standing_free(&s);
    free(kpa);
}

/* Plates of 1 cell up to a block and one more, some of them saturated: an answer, and the load of
 * the plate as it was drawn. */
static void tiny_plates_have_a_load(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 7}, {7, 1}, {2, 4}, {3, 3}, {1, 256}, {256, 1}};
    struct analyzer_options options = stand(5);

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const struct grid grid = {sizes[k][0], sizes[k][1], 40, 40};
        size_t cells = grid_cells(&grid);
        float *kpa = malloc(5 * cells * sizeof *kpa);

        for (size_t i = 0; i < 5 * cells; i++)
            kpa[i] = 3.4e38f; /* a converter at its end, and beyond */
        for (size_t i = 0; i < 4 * cells; i++)
            kpa[i] = 100;
        for (size_t n = 4; n <= 5; n++) {
            struct result *result =
                analyze(&(struct frames_in_memory){grid, 100, kpa, NULL, n}, &options);

            if (n == 4)
                assert_near(result->load->plate.force_max_n, 160 * (double)cells, 1e-6);
            assert_true(isfinite(result->load->plate.force_max_n));
            result_free(result);
        }
        free(kpa);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ramp_in_closed_form),
        cmocka_unit_test(parts_sum_to_the_foot_and_feet_to_the_plate),
        cmocka_unit_test(scale_scales_pressure_alone),
        cmocka_unit_test(frame_rate_changes_nothing),
        cmocka_unit_test(a_place_on_the_plate_is_only_a_place),
        cmocka_unit_test(symmetry_knows_the_plates_error),
        cmocka_unit_test(drift_and_creep_come_back),
        cmocka_unit_test(bad_cells_and_odd_lengths),
        cmocka_unit_test(late_frames_find_their_place),
        cmocka_unit_test(json_holds_no_made_up_number),
        cmocka_unit_test(memory_that_fails_is_told),
        cmocka_unit_test(a_frame_made_once_is_the_frame),
        cmocka_unit_test(a_stated_mass_is_the_hundred_percent),
        cmocka_unit_test(tiny_plates_have_a_load),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
