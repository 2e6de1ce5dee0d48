/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press finder: a truth is drawn (threshold, reaction, ramp, place), frames and button edges
 * are made from it with noise, and the truth is demanded back. */
#include "analysis/press/press_finder.h"
#include "analysis/press/tool.h"
#include "tests/support/failing_malloc.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/drawn.h"
#include "tests/support/near.h"

#define ROWS 96
#define COLS 96

static float frame[ROWS * COLS];

/* --- A press as it is made ----------------------------------------------------------------------
 */

struct made {
    double start_s, threshold_kpa, ramp_kpa_s, wobble, reaction_s, ceiling_kpa;
    double answer_s;  /* of the button; NAN = none */
    double release_s; /* from here the foot is lifted within 0.25 s */
    struct point stud;
    double tip_cm2, footprint_cm2, factor;
    double zero_kpa; /* what the plate reads under the stud all the time, at the tip */
};

static struct made usual_press(void)
{
    return (struct made){.start_s = 0.7,
                         .threshold_kpa = 143.7,
                         .ramp_kpa_s = 41.3,
                         .reaction_s = 0.25,
                         .ceiling_kpa = 250,
                         .answer_s = NAN,
                         .stud = {201.3, 233.9},
                         .tip_cm2 = 1.1,
                         .footprint_cm2 = 4.2,
                         .factor = 1.07};
}

static double ramp_at(const struct made *made, double t)
{
    double w = 2 * M_PI * 0.9;

    return made->ramp_kpa_s * (t + made->wobble * sin(w * t) / w);
}

/* Button and release follow from threshold, reaction and ceiling. */
static void let_answer(struct made *made)
{
    double crossing = 0, top = 0;

    while (ramp_at(made, crossing) < made->threshold_kpa)
        crossing += 1e-4;
    while (ramp_at(made, top) < made->ceiling_kpa)
        top += 1e-4;
    made->answer_s = NAN;
    made->release_s = made->start_s + top;
    if (made->threshold_kpa >= made->ceiling_kpa)
        return;
    made->answer_s = made->start_s + crossing + made->reaction_s;
    made->release_s = fmin(made->release_s, made->answer_s + 0.12);
}

static double tip_at(const struct made *made, double time_s)
{
    double t = time_s - made->start_s, zero = made->zero_kpa;

    if (t < 0)
        return zero;
    if (time_s <= made->release_s)
        return zero + ramp_at(made, t);
    double lifted = (time_s - made->release_s) / 0.25;
    return zero + (lifted >= 1 ? 0 : ramp_at(made, made->release_s - made->start_s) * (1 - lifted));
}

static double overlap(double a0, double a1, double b0, double b1)
{
    return fmax(0, fmin(a1, b1) - fmax(a0, b0));
}

/* Share of a cell's area under the stud's square. */
static double share_of(const struct grid *grid, const struct made *made, int row, int col)
{
    double half_mm = 5 * sqrt(made->footprint_cm2);
    double x0 = col * grid->pitch_x_mm, y0 = row * grid->pitch_y_mm;
    double x =
        overlap(x0, x0 + grid->pitch_x_mm, made->stud.x_mm - half_mm, made->stud.x_mm + half_mm);
    double y =
        overlap(y0, y0 + grid->pitch_y_mm, made->stud.y_mm - half_mm, made->stud.y_mm + half_mm);

    return x * y / (grid->pitch_x_mm * grid->pitch_y_mm);
}

/* The stud's force over its square, cells with their exact share; the plate's noise near it. */
static void paint(const struct grid *grid, const struct made *made, double tip_kpa,
                  double noise_kpa)
{
    double force_n = tip_kpa * made->tip_cm2 / 10 / made->factor;
    double kpa = 10 * force_n / made->footprint_cm2;
    int row = (int)(made->stud.y_mm / grid->pitch_y_mm);
    int col = (int)(made->stud.x_mm / grid->pitch_x_mm);

    memset(frame, 0, sizeof frame);
    for (int r = row - 8; r <= row + 8; r++)
        for (int c = col - 8; c <= col + 8; c++) {
            double cell = kpa * share_of(grid, made, r, c);
            double noise = noise_kpa > 0 ? gsl_ran_gaussian(drawn_rng, noise_kpa) : 0;
            /* The gate: a tared cell below the noise floor reads 0. */
            if (cell + noise > 3 * noise_kpa && r >= 0 && r < ROWS && c >= 0 && c < COLS)
                frame[r * COLS + c] = (float)(cell + noise);
        }
}

/* --- The finder fed with it ---------------------------------------------------------------------
 */

struct fed {
    struct grid grid;
    double rate_hz;
    struct press_finder *finder;
    struct result result;
    struct problem why;
    uint64_t base_us; /* device time of second 0: not 0 on a real plate */
};

static struct fed begin(double rate_hz)
{
    struct fed fed = {.grid = {ROWS, COLS, 5, 5}, .rate_hz = rate_hz, .base_us = 71234567};

    fed.result.grid = fed.grid;
    fed.finder = press_finder_begin(&fed.grid, 5, &fed.why);
    assert_non_null(fed.finder);
    return fed;
}

static uint64_t us(const struct fed *fed, double time_s)
{
    return (uint64_t)((double)fed->base_us + round(time_s * 1e6));
}

static void say(struct fed *fed, double time_s, json_t *annotation)
{
    assert_non_null(annotation);
    assert_int_equal(press_finder_annotation(fed->finder, us(fed, time_s), annotation, &fed->why),
                     0);
    json_decref(annotation);
}

static json_t *annotation_of(const struct made *made, int number, int pass, const char *side,
                             int is_catch)
{
    return json_pack("{s:s, s:{s:i, s:i, s:s, s:b, s:f, s:{s:s, s:f, s:f, s:f}, s:{s:f, s:f}, "
                     "s:{s:f, s:f, s:f}}}",
                     "step", "press", "press", "number", number, "pass", pass, "side", side,
                     "catch", is_catch, "ceiling_kpa", made->ceiling_kpa, "tool", "name", "stud",
                     "tip_cm2", made->tip_cm2, "footprint_cm2", made->footprint_cm2,
                     "footprint_factor", made->factor, "stud", "x_mm", made->stud.x_mm, "y_mm",
                     made->stud.y_mm, "heel_cup", "x_mm", 240.0, "y_mm", 115.0, "angle_deg", 0.0);
}

static void press_button(struct fed *fed, double time_s, double held_s)
{
    press_finder_button(fed->finder, us(fed, time_s), 1, &fed->why);
    press_finder_button(fed->finder, us(fed, time_s + held_s), 0, &fed->why);
}

/* Frames from one time to another, without those of the hole. */
static void play(struct fed *fed, const struct made *made, double from_s, double to_s,
                 double noise_kpa, double hole_from_s, double hole_to_s)
{
    for (long i = (long)ceil(from_s * fed->rate_hz); (double)i / fed->rate_hz < to_s; i++) {
        double t = (double)i / fed->rate_hz;
        if (t > hole_from_s && t < hole_to_s)
            continue;
        paint(&fed->grid, made, tip_at(made, t), noise_kpa);
        assert_int_equal(press_finder_frame(fed->finder, us(fed, t), frame, &fed->why), 0);
    }
}

static void finish(struct fed *fed)
{
    if (press_finder_finish(fed->finder, &fed->result, &fed->why))
        fail_msg("%s", fed->why.text);
}

static void clear(struct fed *fed)
{
    free(fed->result.presses);
    free(fed->result.press_zones);
    free(fed->result.notes);
    free(fed->result.exclusions);
    free(fed->result.left_out);
    free(fed->result.screening.lines);
    free(fed->result.stops);
    free(fed->result.feet);
    for (int i = 0; i < fed->result.n_warnings; i++)
        free(fed->result.warnings[i]);
    free(fed->result.warnings);
}

/* One annotated press from second 0 to `end_s`, with its answer. */
static struct fed one_press(const struct made *made, double rate_hz, double noise_kpa)
{
    struct fed fed = begin(rate_hz);

    say(&fed, 0, annotation_of(made, 7, 1, "left", 0));
    if (!isnan(made->answer_s))
        press_button(&fed, made->answer_s, 0.2);
    play(&fed, made, 0, made->release_s + 1.2, noise_kpa, INFINITY, INFINITY);
    finish(&fed);
    assert_int_equal(fed.result.n_presses, 1);
    return fed;
}

/* --- The threshold comes back
 * --------------------------------------------------------------------- */

static void test_an_exact_press_gives_its_numbers(void **state)
{
    struct made made = usual_press();

    (void)state;
    let_answer(&made);
    struct fed fed = one_press(&made, 100, 0);
    const struct press *press = fed.result.presses;
    assert_int_equal(press->number, 7);
    assert_int_equal(press->pass, 1);
    assert_int_equal(press->side, SIDE_LEFT);
    assert_true(press->answered && press->place_known);
    assert_false(press->doubtful || press->is_catch || press->reached_ceiling || press->stopped);
    assert_near(press->answer_kpa, 143.7, 0.2);
    assert_near(press->answer_s, made.answer_s, 1e-5);
    assert_near(press->ramp_kpa_s, 41.3, 0.2);
    assert_near(press->peak_kpa, 143.7 + 41.3 * 0.37, 0.6);
    assert_near(press->start_s, 0.7 + 10 / 41.3, 0.011);
    assert_near(press->ceiling_kpa, 250, 0);
    assert_near(press->tip_cm2, 1.1, 0);
    assert_near(fed.result.reaction_s, 0.25, 0);
    clear(&fed);
}

/* The error is what the person's own reaction differs from 0.25 s times the ramp, and no more than
 * noise and lost edges of the footprint beside that. */
static void test_random_presses_give_their_thresholds_back(void **state)
{
    const double rates[] = {50, 100, 200};
    double sum = 0;
    int n = 96;

    (void)state;
    for (int i = 0; i < n; i++) {
        struct made made = usual_press();
        made.stud = (struct point){drawn_uniform(60, 420), drawn_uniform(60, 420)};
        made.threshold_kpa = drawn_uniform(55, 240);
        made.ramp_kpa_s = drawn_uniform(20, 60);
        made.wobble = drawn_uniform(0, 0.3);
        made.tip_cm2 = drawn_uniform(0.5, 2);
        made.footprint_cm2 = drawn_uniform(3, 6);
        made.factor = drawn_uniform(0.95, 1.15);
        made.reaction_s = 0.25 * exp(gsl_ran_gaussian(drawn_rng, 0.2));
        let_answer(&made);
        struct fed fed = one_press(&made, rates[i % 3], 0.25);
        const struct press *press = fed.result.presses;
        double late_kpa = 1.3 * made.ramp_kpa_s * fabs(made.reaction_s - 0.25);
        if (!press->answered || press->doubtful)
            fail_msg("press %d: answered %d, %s", i, press->answered, press->doubt);
        assert_near(press->answer_kpa, made.threshold_kpa,
                    late_kpa + 0.03 * made.threshold_kpa + 4 / made.tip_cm2);
        assert_near(press->ramp_kpa_s, made.ramp_kpa_s, 0.3 * made.ramp_kpa_s);
        sum += press->answer_kpa / made.threshold_kpa - 1;
        clear(&fed);
    }
    print_message("mean error of %d thresholds: %+.2f %%\n", n, 100 * sum / n);
    assert_near(sum / n, 0, 0.025);
}

static void test_no_pain_up_to_the_ceiling(void **state)
{
    struct made made = usual_press();

    (void)state;
    made.threshold_kpa = 312;
    let_answer(&made);
    struct fed fed = one_press(&made, 100, 0.2);
    const struct press *press = fed.result.presses;
    assert_false(press->answered);
    assert_true(press->reached_ceiling);
    assert_false(press->doubtful);
    assert_true(isnan(press->answer_kpa) && isnan(press->answer_s));
    assert_near(press->peak_kpa, 250, 5);
    clear(&fed);
}

/* An answer that comes when the foot is already lifted is about the pressure that was there. */
static void test_a_late_answer_is_at_most_the_peak(void **state)
{
    struct made made = usual_press();

    (void)state;
    let_answer(&made);
    made.release_s = made.start_s + 2;
    made.answer_s = made.release_s + 0.4;
    struct fed fed = one_press(&made, 100, 0);
    assert_true(fed.result.presses->answered);
    assert_near(fed.result.presses->answer_kpa, 82.6, 0.5);
    clear(&fed);
}

/* The plate's own word that the ceiling was reached counts, also when it is below the annotated. */
static void test_the_limit_event_is_taken(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&made);
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_finder_limit(fed.finder, us(&fed, 2), &fed.why);
    play(&fed, &made, 0, 6, 0, INFINITY, INFINITY);
    finish(&fed);
    assert_true(fed.result.presses->reached_ceiling);
    clear(&fed);
}

/* --- Places ------------------------------------------------------------------------------------
 */

static void test_places_come_from_stud_and_heel_cup(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        enum side side = i % 2 ? SIDE_LEFT : SIDE_RIGHT;
        double length_mm = drawn_uniform(210, 290), angle = drawn_uniform(-25, 25);
        struct point heel = {drawn_uniform(200, 280), drawn_uniform(80, 120)};
        struct foot_frame foot = foot_frame_template(side, heel, angle, length_mm);
        struct uv place = {drawn_uniform(0.1, 0.95), drawn_uniform(0.1, 0.9)};
        struct made made = usual_press();
        struct fed fed = begin(50);
        made.stud = foot_frame_to_plate(&foot, place);
        let_answer(&made);
        json_t *annotation = annotation_of(&made, 1, 1, side_name(side), 0);
        json_object_set_new(
            json_object_get(annotation, "press"), "heel_cup",
            json_pack("{s:f,s:f,s:f}", "x_mm", heel.x_mm, "y_mm", heel.y_mm, "angle_deg", angle));
        json_object_set_new(
            annotation, "subject",
            json_pack("{s:{s:f,s:f}}", "foot_length_mm", "left", length_mm, "right", length_mm));
        say(&fed, 0, annotation);
        play(&fed, &made, 0, 5, 0, INFINITY, INFINITY);
        finish(&fed);
        const struct press *press = fed.result.presses;
        assert_true(press->place_known);
        assert_near(press->place.u, place.u, 1e-9);
        assert_near(press->place.v, place.v, 1e-9);
        clear(&fed);
    }
}

/* The foot that stood on the plate knows its own width; the entered length does not. */
static void test_a_measured_foot_goes_before_the_entered_length(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(50);

    (void)state;
    let_answer(&made);
    fed.result.feet = calloc(1, sizeof *fed.result.feet);
    fed.result.n_feet = 1;
    fed.result.feet->side = SIDE_LEFT;
    fed.result.feet->length_is_measured = 1;
    fed.result.feet->frame = foot_frame_template(SIDE_LEFT, (struct point){100, 60}, 12, 268);
    fed.result.feet->frame.width_toe_mm *= 1.1;
    json_t *annotation = annotation_of(&made, 1, 1, "left", 0);
    json_object_set_new(annotation, "subject",
                        json_pack("{s:{s:f}}", "foot_length_mm", "left", 241.0));
    say(&fed, 0, annotation);
    play(&fed, &made, 0, 5, 0, INFINITY, INFINITY);
    finish(&fed);
    struct foot_frame expected = fed.result.feet->frame;
    expected.heel = (struct point){240, 115};
    expected.angle_deg = 0;
    struct uv place = foot_frame_to_uv(&expected, made.stud);
    assert_near(fed.result.presses->place.u, place.u, 1e-9);
    assert_near(fed.result.presses->place.v, place.v, 1e-9);
    clear(&fed);
}

static void test_without_stud_cup_or_side_the_place_is_unknown(void **state)
{
    static const char *const missing[] = {"stud", "heel_cup", "side"};

    (void)state;
    for (int i = 0; i < 6; i++) {
        struct made made = usual_press();
        struct fed fed = begin(100);
        let_answer(&made);
        json_t *annotation = annotation_of(&made, 3, 2, "right", 0);
        json_t *press = json_object_get(annotation, "press");
        if (i < 3)
            json_object_del(press, missing[i]);
        else
            json_object_set_new(press, missing[i - 3], json_string("somewhere"));
        say(&fed, 0, annotation);
        press_button(&fed, made.answer_s, 0.2);
        play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
        finish(&fed);
        const struct press *found = fed.result.presses;
        assert_false(found->place_known);
        assert_true(isnan(found->place.u) && isnan(found->place.v));
        /* The pressure is known all the same, from the stud-like blob if need be. */
        assert_true(found->answered);
        assert_near(found->answer_kpa, 143.7, 6);
        assert_near(found->stud.x_mm, made.stud.x_mm, 2);
        clear(&fed);
    }
}

/* --- Catch trials -------------------------------------------------------------------------------
 */

static void test_an_answer_in_a_catch_trial_is_false(void **state)
{
    struct made made = usual_press();

    (void)state;
    made.ramp_kpa_s = 0;
    made.release_s = 9;
    for (int answers = 0; answers < 2; answers++) {
        struct fed fed = begin(100);
        say(&fed, 0, annotation_of(&made, 1, 1, "left", 1));
        play(&fed, &made, 0, 4, 0.2, INFINITY, INFINITY);
        say(&fed, 4, annotation_of(&made, 2, 1, "left", 1));
        if (answers)
            press_button(&fed, 6, 0.2);
        play(&fed, &made, 4, 8, 0.2, INFINITY, INFINITY);
        finish(&fed);
        assert_int_equal(fed.result.n_presses, 2);
        assert_int_equal(fed.result.presses[1].answered, answers);
        assert_int_equal(fed.result.answers_unreliable, answers);
        assert_false(fed.result.presses[0].doubtful || fed.result.presses[1].doubtful);
        if (answers)
            assert_string_equal(fed.result.unreliable_why,
                                "pain was answered in 1 of 2 catch trials, in which nothing "
                                "pressed");
        clear(&fed);
    }
}

/* It said "catch", but somebody pressed: neither an answer nor a false answer. */
static void test_a_catch_trial_with_pressure_is_not_used(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&made);
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 1));
    press_button(&fed, made.answer_s, 0.2);
    play(&fed, &made, 0, made.release_s + 1, 0.2, INFINITY, INFINITY);
    finish(&fed);
    assert_true(fed.result.presses->doubtful);
    assert_false(fed.result.answers_unreliable);
    clear(&fed);
}

/* --- Reaction and scale -------------------------------------------------------------------------
 */

/* Five quick touches of a slow person, then a press: their own 0.38 s is taken off, not 0.25. */
static void test_taps_tell_the_reaction(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct made tap = usual_press();
        double t = 3.0 * i;
        tap.start_s = t + 0.8;
        tap.ramp_kpa_s = 120;
        tap.release_s = tap.start_s + 0.3;
        json_t *annotation = annotation_of(&tap, i + 1, 1, "left", 0);
        json_object_set_new(json_object_get(annotation, "press"), "tap", json_true());
        say(&fed, t, annotation);
        press_button(&fed, tap.start_s + 0.37 + 0.005 * i, 0.1);
        play(&fed, &tap, t, t + 3, 0, INFINITY, INFINITY);
    }
    made.start_s = 15.7;
    made.reaction_s = 0.38;
    let_answer(&made);
    say(&fed, 15, annotation_of(&made, 6, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.2);
    play(&fed, &made, 15, made.release_s + 1, 0, INFINITY, INFINITY);
    finish(&fed);
    const struct press *press = &fed.result.presses[5];
    assert_int_equal(fed.result.reaction_taps, 5);
    assert_near(fed.result.reaction_s, 0.37, 0.02);
    assert_near(press->answer_kpa, 143.7, 41.3 * 0.025);
    assert_true(press->own_sd > 0.01 && press->own_sd < 0.04);
    double kpa;
    for (int i = 0; i < 5; i++) {
        assert_true(fed.result.presses[i].is_tap);
        assert_int_equal(press_use_of(&fed.result.presses[i], &kpa), PRESS_NOTHING);
    }
    assert_int_equal(press_use_of(press, &kpa), PRESS_PAIN);
    clear(&fed);
}

/* 2 is ache: a bound, no pain. 0 and 1 contradict the button. */
static void test_ache_is_kept_apart_from_pain(void **state)
{
    const enum press_use uses[] = {PRESS_NOTHING, PRESS_NOTHING, PRESS_BOUND, PRESS_PAIN,
                                   PRESS_PAIN};

    (void)state;
    for (int scale = 0; scale <= 4; scale++) {
        struct made made = usual_press();
        struct fed fed = begin(100);
        double kpa;
        let_answer(&made);
        say(&fed, 0, annotation_of(&made, 3, 1, "left", 0));
        press_button(&fed, made.answer_s, 0.2);
        play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
        say(&fed, made.release_s + 1,
            json_pack("{s:{s:i,s:i}}", "answer", "number", 3, "scale", scale));
        finish(&fed);
        const struct press *press = fed.result.presses;
        assert_int_equal(press->scale, scale);
        assert_int_equal(press_use_of(press, &kpa), uses[scale]);
        assert_int_equal(!isnan(press->ache_kpa), scale == 2);
        assert_int_equal(press->doubtful, scale < 2);
        if (scale >= 2)
            assert_near(kpa, 143.7, 0.3);
        clear(&fed);
    }
}

/* --- Doubts ------------------------------------------------------------------------------------
 */

static void expect_doubt(struct fed *fed, const char *words)
{
    finish(fed);
    const struct press *press = &fed->result.presses[0];
    if (!words && press->doubtful)
        fail_msg("doubted: %s", press->doubt);
    if (words && (!press->doubtful || !strstr(press->doubt, words)))
        fail_msg("wanted '%s', found '%s'", words, press->doubt);
    clear(fed);
}

/* What is read under the stud before it presses is stated, and doubted from 1 N on where it is more
 * than 5 % of the press. */
static void test_the_zero_is_checked_before_each_press(void **state)
{
    const double zero_kpa[] = {0, 5, 15, 30};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct made made = usual_press();
        made.zero_kpa = zero_kpa[i];
        let_answer(&made);
        struct fed fed = one_press(&made, 100, 0);
        const struct press *press = fed.result.presses;
        assert_near(press->zero_n, zero_kpa[i] / 10 * made.tip_cm2 / made.factor, 0.01);
        assert_int_equal(press->doubtful, i >= 2);
        if (i >= 2)
            assert_non_null(strstr(press->doubt, "its zero is off"));
        clear(&fed);
    }
}

static void test_button_troubles(void **state)
{
    struct made made = usual_press();
    struct fed fed;

    (void)state;
    let_answer(&made);
    double end_s = made.release_s + 1;

    fed = begin(100); /* held from long before */
    press_finder_button(fed.finder, us(&fed, -3), 1, &fed.why);
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    play(&fed, &made, 0, end_s, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "already down");

    fed = begin(100); /* once before the pressure rose, then properly */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, 0.3, 0.1);
    press_button(&fed, made.answer_s, 0.1);
    play(&fed, &made, 0, end_s, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "before the pressure rose");

    fed = begin(100); /* too soon to be an answer to anything */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, 1.05, 0.1);
    play(&fed, &made, 0, end_s, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "reaction time");

    fed = begin(100); /* several edges: the first is the answer, no doubt */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    for (int i = 0; i < 4; i++)
        press_button(&fed, made.answer_s + 0.1 * i, 0.04);
    play(&fed, &made, 0, end_s, 0, INFINITY, INFINITY);
    expect_doubt(&fed, NULL);

    fed = begin(100); /* nothing pressed, yet an answer */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, 0.3, 0.1);
    play(&fed, &made, 0, 0.65, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "no rise of pressure was found under the stud, yet the button");
}

static void test_events_out_of_order_are_sorted(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&made);
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_finder_button(fed.finder, us(&fed, made.answer_s + 0.2), 0, &fed.why);
    press_finder_button(fed.finder, us(&fed, made.answer_s), 1, &fed.why);
    press_button(&fed, made.answer_s - 20, 0.1);
    play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
    finish(&fed);
    assert_false(fed.result.presses->doubtful);
    assert_near(fed.result.presses->answer_kpa, 143.7, 0.3);
    clear(&fed);
}

static void test_lost_frames(void **state)
{
    struct made made = usual_press();
    struct fed fed;

    (void)state;
    let_answer(&made);
    double felt_s = made.answer_s - 0.25, end_s = made.release_s + 1;

    fed = begin(100); /* half a second around the answer: the ramp is a guess there */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.1);
    play(&fed, &made, 0, end_s, 0, felt_s - 0.25, felt_s + 0.25);
    expect_doubt(&fed, "frames were lost at the answer");

    fed = begin(100); /* two frames: a straight line is as good */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.1);
    play(&fed, &made, 0, end_s, 0, felt_s - 0.012, felt_s + 0.012);
    expect_doubt(&fed, NULL);

    fed = begin(100); /* far from the answer: no matter */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.1);
    play(&fed, &made, 0, end_s, 0, 1.5, 2.2);
    expect_doubt(&fed, NULL);

    fed = begin(100); /* from before the answer to after the lift: the peak is not seen */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.1);
    play(&fed, &made, 0, end_s, 0, felt_s - 0.6, made.release_s + 0.5);
    expect_doubt(&fed, "frames were lost at the answer");
}

static void test_presses_that_are_cut_off(void **state)
{
    struct made made = usual_press();
    struct fed fed;

    (void)state;
    let_answer(&made);
    fed = begin(100); /* the recording ends in the ramp */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    play(&fed, &made, 0, made.answer_s - 0.6, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "cut off");

    fed = begin(100); /* the next annotation comes in the ramp */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    play(&fed, &made, 0, made.answer_s - 0.6, 0, INFINITY, INFINITY);
    say(&fed, made.answer_s - 0.6, json_pack("{s:s}", "step", "stand"));
    play(&fed, &made, made.answer_s - 0.6, made.release_s + 1, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "cut off");

    fed = begin(100); /* the subject says stop instead of pain */
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    play(&fed, &made, 0, made.answer_s, 0, INFINITY, INFINITY);
    say(&fed, made.answer_s, json_pack("{s:{s:s,s:s}}", "stopped", "side", "left", "why", ""));
    play(&fed, &made, made.answer_s, made.release_s + 1, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "wished to stop");

    fed = begin(100); /* no tool: a pressure without an area is a guess */
    json_t *annotation = annotation_of(&made, 1, 1, "left", 0);
    json_object_del(json_object_get(annotation, "press"), "tool");
    say(&fed, 0, annotation);
    play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "tip was not stated");
}

static void test_a_stud_beside_the_plate_or_elsewhere_shows_no_rise(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&made);
    json_t *annotation = annotation_of(&made, 1, 1, "left", 0);
    json_object_set_new(json_object_get(annotation, "press"), "stud",
                        json_pack("{s:f,s:f}", "x_mm", -4000.0, "y_mm", 9000.0));
    say(&fed, 0, annotation);
    play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
    expect_doubt(&fed, "no rise of pressure");
}

/* --- Without annotations ------------------------------------------------------------------------
 */

static void test_presses_without_annotation_are_listed_as_uncertain(void **state)
{
    struct made first = usual_press(), second = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&first);
    second.stud = (struct point){310, 180};
    second.start_s = 8;
    let_answer(&second);
    press_finder_protocol(fed.finder, "press");
    press_button(&fed, first.answer_s, 0.2);
    play(&fed, &first, 0, 7, 0.2, INFINITY, INFINITY);
    play(&fed, &second, 7, 14, 0.2, INFINITY, INFINITY);
    finish(&fed);
    assert_int_equal(fed.result.n_presses, 2);
    for (int i = 0; i < 2; i++) {
        const struct press *press = &fed.result.presses[i];
        const struct made *made = i ? &second : &first;
        assert_true(press->doubtful);
        assert_non_null(strstr(press->doubt, "without an annotation"));
        assert_false(press->place_known);
        assert_int_equal(press->side, SIDE_UNKNOWN);
        assert_true(isnan(press->peak_kpa) && isnan(press->answer_kpa));
        assert_int_equal(press->answered, i == 0);
        assert_near(press->stud.x_mm, made->stud.x_mm, 1.5);
        assert_near(press->stud.y_mm, made->stud.y_mm, 1.5);
        assert_near(press->start_s, made->start_s, 0.9); /* seen from 2 N on */
    }
    clear(&fed);
}

/* A heel in its cup is no stud, and neither is anything outside a press step. */
static void test_a_heel_is_no_press(void **state)
{
    struct made heel = usual_press();
    struct fed fed = begin(100);

    (void)state;
    heel.footprint_cm2 = 25;
    heel.tip_cm2 = 4;
    let_answer(&heel);
    press_finder_protocol(fed.finder, "press");
    play(&fed, &heel, 0, 6, 0, INFINITY, INFINITY);
    say(&fed, 6, json_pack("{s:s}", "step", "stand"));
    struct made stud = usual_press();
    stud.start_s = 6.5;
    let_answer(&stud);
    play(&fed, &stud, 6, 11, 0, INFINITY, INFINITY);
    finish(&fed);
    assert_int_equal(fed.result.n_presses, 0);
    assert_true(isnan(fed.result.reaction_s));
    clear(&fed);
}

/* --- Words of the operator ----------------------------------------------------------------------
 */

static void test_notes_exclusions_and_stops_are_kept(void **state)
{
    struct fed fed = begin(100);
    struct made made = usual_press();

    (void)state;
    say(&fed, 0,
        json_pack("{s:{s:s,s:s}, s:{s:s,s:s,s:f,s:f,s:s}}", "subject", "label", "x", "sex",
                  "female", "note", "kind", "callus", "side", "right", "u", 0.73, "v", 0.18, "text",
                  "thick skin"));
    say(&fed, 1,
        json_pack("{s:{s:[s,s],s:s,s:s}}", "exclude", "zones", "P01", "P02", "side", "both", "why",
                  "screening"));
    say(&fed, 1,
        json_pack("{s:{s:s,s:[{s:s,s:[s,s],s:b,s:s},{s:s,s:[s],s:b,s:s},i]}}", "protocol", "name",
                  "press", "left_out", "side", "left", "zones", "P07", "P08", "moved", 0, "why",
                  "given up", "side", "left", "zones", "P12", "moved", 1, "why", "beside", 7));
    say(&fed, 0, json_pack("{s:{s:n,s:[]}}", "screening", "date", "reasons"));
    say(&fed, 0,
        json_pack("{s:{s:s,s:[{s:s,s:s,s:s,s:s},i]},s:{s:s}}", "screening", "date", "2026-03-04",
                  "reasons", "question", "Q19", "effect", "AVOID", "side", "left", "words",
                  "AVOID: Q19", 7, "protocol", "tool", "stud"));
    play(&fed, &made, 0, 0.1, 0, INFINITY, INFINITY);
    say(&fed, 2.5, json_pack("{s:{s:s,s:s}}", "stopped", "side", "left", "why", "tired"));
    finish(&fed);
    assert_int_equal(fed.result.subject_sex, STATED_FEMALE);
    assert_int_equal(fed.result.n_notes, 1);
    assert_int_equal(fed.result.notes->kind, NOTE_CALLUS);
    assert_int_equal(fed.result.notes->side, SIDE_RIGHT);
    assert_near(fed.result.notes->place.u, 0.73, 0);
    assert_int_equal(fed.result.n_exclusions, 2);
    assert_string_equal(fed.result.exclusions[1].zone_id, "P02");
    assert_int_equal(fed.result.exclusions[1].side, SIDE_UNKNOWN);
    assert_int_equal(fed.result.n_left_out, 2); /* what was moved is pressed */
    assert_string_equal(fed.result.left_out[1].zone_id, "P08");
    assert_int_equal(fed.result.left_out[1].side, SIDE_LEFT);
    assert_string_equal(fed.result.left_out[1].why, "given up");
    assert_true(fed.result.screening.was_asked);
    assert_string_equal(fed.result.screening.date, "2026-03-04");
    assert_int_equal(fed.result.screening.n_lines, 1); /* what is no reason is left out */
    assert_string_equal(fed.result.screening.lines->question, "Q19");
    assert_int_equal(fed.result.screening.lines->side, SIDE_LEFT);
    assert_string_equal(fed.result.tool_name, "stud");
    assert_int_equal(fed.result.n_stops, 1);
    assert_near(fed.result.stops->time_s, 2.5, 1e-6);
    assert_string_equal(fed.result.stops->why, "tired");
    clear(&fed);
}

/* A list that is full: what comes after it is not heeded, and that is told. */
static void test_words_beyond_the_list_are_told(void **state)
{
    struct fed fed = begin(100);

    (void)state;
    for (int i = 0; i < 10003; i++)
        say(&fed, 0,
            json_pack("{s:{s:[s],s:s}}", "exclude", "zones", i < 10000 ? "P01" : "P02", "side",
                      "both"));
    finish(&fed);
    assert_int_equal(fed.result.n_exclusions, 10000);
    assert_int_equal(fed.result.n_warnings, 1);
    assert_non_null(strstr(fed.result.warnings[0], "3 later ones are not heeded"));
    clear(&fed);
}

/* Members of a wrong type count as missing; nothing here may crash or fail. */
static void test_nonsense_is_taken_calmly(void **state)
{
    static const char *const nonsense[] = {
        "{}",
        "[]",
        "7",
        "{\"press\":[]}",
        "{\"press\":null,\"step\":8}",
        "{\"press\":{}}",
        "{\"press\":{\"number\":-4,\"pass\":1e300,\"tool\":7,\"stud\":{\"x_mm\":\"a\"},"
        "\"heel_cup\":[1,2],\"ceiling_kpa\":-1,\"catch\":\"yes\",\"side\":3}}",
        "{\"press\":{\"tool\":{\"tip_cm2\":0,\"footprint_cm2\":1e9,\"footprint_factor\":-3},"
        "\"stud\":{\"x_mm\":1e4,\"y_mm\":-1e4}}}",
        "{\"exclude\":{\"zones\":\"P01\"}}",
        "{\"exclude\":{\"zones\":[1,null,\"an id that is far too long\"]}}",
        "{\"stopped\":true,\"note\":[],\"subject\":1}",
        "{\"note\":{\"kind\":9,\"u\":\"x\",\"text\":5}}",
        "{\"subject\":{\"foot_length_mm\":{\"left\":1e9},\"sex\":null}}",
        "{\"step\":\"press\"}",
    };
    struct fed fed = begin(100);
    struct made made = usual_press();

    (void)state;
    let_answer(&made);
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        say(&fed, (double)i * 0.3, json_loads(nonsense[i], JSON_DECODE_ANY, NULL));
        play(&fed, &made, (double)i * 0.3, (double)(i + 1) * 0.3, 0, INFINITY, INFINITY);
    }
    finish(&fed);
    for (int i = 0; i < fed.result.n_presses; i++)
        assert_false(fed.result.presses[i].place_known);
    assert_int_equal(fed.result.n_exclusions, 0);
    assert_int_equal(fed.result.n_stops, 0);
    clear(&fed);
}

static void test_annotations_without_frames(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, 1, 0.2);
    expect_doubt(&fed, "no rise of pressure");
}

static void test_frames_that_go_back_in_time_are_ignored(void **state)
{
    struct made made = usual_press();
    struct fed fed = begin(100);

    (void)state;
    let_answer(&made);
    say(&fed, 0, annotation_of(&made, 1, 1, "left", 0));
    press_button(&fed, made.answer_s, 0.2);
    play(&fed, &made, 0, made.release_s + 1, 0, INFINITY, INFINITY);
    play(&fed, &made, 0, 3, 0, INFINITY, INFINITY); /* repeats */
    finish(&fed);
    assert_near(fed.result.presses->answer_kpa, 143.7, 0.3);
    clear(&fed);
}

/* --- Memory -------------------------------------------------------------------------------------
 */

/* All of a short test; 0 when everything went well. */
static int whole_run(struct result *result, struct problem *why)
{
    const struct grid grid = {ROWS, COLS, 5, 5};
    struct made made = usual_press();
    struct press_finder *finder = press_finder_begin(&grid, 5, why);
    json_t *words =
        json_pack("{s:{}, s:{s:[s]}, s:{}}", "note", "exclude", "zones", "P01", "stopped");
    json_t *press = annotation_of(&made, 1, 1, "left", 0);
    int failed = !finder;

    let_answer(&made);
    if (finder)
        press_finder_protocol(finder, "press");
    for (int i = 0; i < 300 && !failed; i++) {
        paint(&grid, &made, i < 150 ? 90 : 70, 0);
        failed = press_finder_frame(finder, 1000000 + (uint64_t)i * 10000, frame, why) ||
                 (i == 100 && (press_finder_annotation(finder, 2000001, words, why) ||
                               press_finder_annotation(finder, 2000002, press, why) ||
                               press_finder_button(finder, 2500000, 1, why)));
    }
    json_decref(words);
    json_decref(press);
    if (failed) {
        press_finder_free(finder);
        return -1;
    }
    return press_finder_finish(finder, result, why);
}

static void test_memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        struct fed fed = {0};
        failing_malloc_at(n);
        int status = whole_run(&fed.result, &fed.why);
        int failed = failing_malloc_off();
        clear(&fed);
        if (!failed) {
            assert_int_equal(status, 0);
            assert_in_range(n, 8, 60);
            break;
        }
        assert_int_equal(status, -1);
        assert_int_equal(fed.why.kind, PROBLEM_FAILED);
    }
}

/* --- Cells, mats ---------------------------------------------------------------------------- */

/* A press under whose stud some cells are masked by the calibration, or dead. */
static void press_over_blind(struct fed *fed, const int *cells, int n, int is_masked)
{
    static uint8_t masked[ROWS * COLS];
    struct made made = usual_press();

    made.stud = (struct point){202.5, 232.5}; /* the middle of cell (46, 40) */
    let_answer(&made);
    *fed = begin(50);
    memset(masked, 0, sizeof masked);
    for (int k = 0; k < n && is_masked; k++)
        masked[cells[k]] = 1;
    fed->result.facts.masked = masked;
    say(fed, 0, annotation_of(&made, 7, 1, "left", 0));
    press_button(fed, made.answer_s, 0.2);
    for (int i = 0; i / fed->rate_hz < made.release_s + 1; i++) {
        paint(&fed->grid, &made, tip_at(&made, i / fed->rate_hz), 0);
        for (int k = 0; k < n; k++)
            frame[cells[k]] = 0;
        assert_int_equal(
            press_finder_frame(fed->finder, us(fed, i / fed->rate_hz), frame, &fed->why), 0);
    }
    finish(fed);
}

/* One blind cell of the base's sixteen is filled from the others: the pressure is that of a healthy
 * plate within 1 %, its stated error larger, nothing is doubted. */
static void test_one_blind_cell_is_filled(void **state)
{
    static const int corner = 45 * COLS + 39;
    struct fed healthy, fed;

    (void)state;
    press_over_blind(&healthy, NULL, 0, 0);
    assert_int_equal(healthy.result.presses->doubtful, 0);
    for (int is_masked = 0; is_masked < 2; is_masked++) {
        press_over_blind(&fed, &corner, 1, is_masked);
        const struct press *press = fed.result.presses, *wanted = healthy.result.presses;
        print_message("%s: %.1f of %.1f kPa, error %.3f and %.3f\n", is_masked ? "masked" : "dead",
                      press->answer_kpa, wanted->answer_kpa, press->own_sd, wanted->own_sd);
        assert_int_equal(press->doubtful, 0);
        assert_true(fabs(press->answer_kpa / wanted->answer_kpa - 1) < 0.01);
        assert_true(fabs(press->peak_kpa / wanted->peak_kpa - 1) < 0.01);
        assert_true(press->own_sd > wanted->own_sd + 1e-5);
        clear(&fed);
    }
    clear(&healthy);
}

/* More than a fifth of the base on blind cells: it is doubted, and says why. */
static void test_cells_that_see_nothing_make_a_doubt(void **state)
{
    static const int many[] = {46 * COLS + 39, 46 * COLS + 40, 46 * COLS + 41, 45 * COLS + 40};
    static const char *const words[] = {"4 cells under the stud read nothing while it pressed",
                                        "24 % of the stud's base lay on faulty cells"};

    (void)state;
    for (int is_masked = 0; is_masked < 2; is_masked++) {
        struct fed fed;
        press_over_blind(&fed, many, 4, is_masked);
        assert_int_equal(fed.result.presses->doubtful, 1);
        assert_string_equal(fed.result.presses->doubt, words[is_masked]);
        clear(&fed);
    }
}

/* A mat: the stud aimed at and its neighbour with half of the force. Both are named with place and
 * pressure, the harder first; the press has no single place, and no use as a threshold. */
static void test_a_mat_names_its_studs_and_no_place(void **state)
{
    struct made made = usual_press(), beside;
    double kpa;

    (void)state;
    made.ramp_kpa_s = 40;
    let_answer(&made);
    beside = made;
    beside.stud.y_mm += 30;
    for (int has_pitch = 0; has_pitch < 2; has_pitch++) {
        static float both[ROWS * COLS];
        struct fed fed = begin(50);
        json_t *word = annotation_of(&made, 7, 1, "left", 0);
        json_t *tool = json_object_get(json_object_get(word, "press"), "tool");
        json_object_set_new(tool, "kind", json_string("mat"));
        if (has_pitch)
            json_object_set_new(tool, "pitch_mm", json_real(30));
        say(&fed, 0, word);
        int is_down = 0;
        for (int i = 0; i / fed.rate_hz < made.release_s + 1; i++) {
            double time_s = i / fed.rate_hz;
            if (!is_down && time_s > made.answer_s)
                press_button(&fed, made.answer_s, 0.2);
            is_down |= time_s > made.answer_s;
            paint(&fed.grid, &beside, tip_at(&made, time_s) / 2, 0);
            memcpy(both, frame, sizeof both);
            paint(&fed.grid, &made, tip_at(&made, time_s), 0);
            for (int c = 0; c < ROWS * COLS; c++)
                both[c] += frame[c];
            assert_int_equal(press_finder_frame(fed.finder, us(&fed, time_s), both, &fed.why), 0);
        }
        finish(&fed);
        const struct press *press = fed.result.presses;
        assert_int_equal(press->tool_kind, TOOL_MAT);
        assert_int_equal(press->place_from, PLACE_FROM_ZONES);
        assert_false(press->place_known);
        assert_int_equal(press_use_of(press, &kpa), PRESS_NOTHING);
        assert_int_equal(press->n_studs, has_pitch ? 2 : 0);
        if (has_pitch) {
            assert_near(press->studs[0].stud.y_mm, made.stud.y_mm, 1e-6);
            assert_near(press->studs[1].stud.y_mm, beside.stud.y_mm, 1e-6);
            assert_near(press->studs[0].share, 2.0 / 3, 0.02);
            assert_near(press->studs[0].kpa, 143.7, 8);
            assert_near(press->studs[1].kpa, 143.7 / 2, 5);
            assert_true(press->studs[1].place.u > press->studs[0].place.u);
        }
        clear(&fed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exact_press_gives_its_numbers),
        cmocka_unit_test(test_random_presses_give_their_thresholds_back),
        cmocka_unit_test(test_no_pain_up_to_the_ceiling),
        cmocka_unit_test(test_a_late_answer_is_at_most_the_peak),
        cmocka_unit_test(test_the_limit_event_is_taken),
        cmocka_unit_test(test_places_come_from_stud_and_heel_cup),
        cmocka_unit_test(test_a_measured_foot_goes_before_the_entered_length),
        cmocka_unit_test(test_without_stud_cup_or_side_the_place_is_unknown),
        cmocka_unit_test(test_an_answer_in_a_catch_trial_is_false),
        cmocka_unit_test(test_a_catch_trial_with_pressure_is_not_used),
        cmocka_unit_test(test_taps_tell_the_reaction),
        cmocka_unit_test(test_ache_is_kept_apart_from_pain),
        cmocka_unit_test(test_the_zero_is_checked_before_each_press),
        cmocka_unit_test(test_button_troubles),
        cmocka_unit_test(test_events_out_of_order_are_sorted),
        cmocka_unit_test(test_lost_frames),
        cmocka_unit_test(test_presses_that_are_cut_off),
        cmocka_unit_test(test_a_stud_beside_the_plate_or_elsewhere_shows_no_rise),
        cmocka_unit_test(test_presses_without_annotation_are_listed_as_uncertain),
        cmocka_unit_test(test_a_heel_is_no_press),
        cmocka_unit_test(test_notes_exclusions_and_stops_are_kept),
        cmocka_unit_test(test_words_beyond_the_list_are_told),
        cmocka_unit_test(test_nonsense_is_taken_calmly),
        cmocka_unit_test(test_annotations_without_frames),
        cmocka_unit_test(test_frames_that_go_back_in_time_are_ignored),
        cmocka_unit_test(test_one_blind_cell_is_filled),
        cmocka_unit_test(test_cells_that_see_nothing_make_a_doubt),
        cmocka_unit_test(test_a_mat_names_its_studs_and_no_place),
        cmocka_unit_test(test_memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down);
}
