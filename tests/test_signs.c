/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signs of behaviour: a person stands, spares a place or draws back from it, and that sign is
 * wanted there and nowhere else; a person who does neither shows none. Signs never flag. */
#include "analysis/analyzer.h"
#include "analysis/press/press_json.h"
#include "analysis/press/signs.h"
#include "analysis/press/tool.h"
#include "analysis/second_pass.h"
#include "analysis/wording.h"
#include "samples/foot_picture.h"

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

#define CELLS (96 * 96)
#define FRAMES 120
#define RATE_HZ 10.0

static const struct grid grid = {96, 96, 5, 5};

/* What is done to a place of the left foot. */
struct deed {
    struct uv at;
    double radius_mm;
    double spared;       /* factor all the time */
    double withdraws_at; /* s; NAN = never */
    const char *heel_pain, *note;
};

struct stander {
    struct foot_picture pictures[2];
    struct foot_frame frames[2];
};

static struct stander stand(void)
{
    struct stander person;
    struct problem why;

    for (int f = 0; f < 2; f++) {
        struct subject_foot foot = {.side = f ? SIDE_RIGHT : SIDE_LEFT,
                                    .length_mm = 258,
                                    .width_scale = 1,
                                    .arch = 0.5,
                                    .toe_contact = 1};
        person.frames[f] =
            foot_picture_frame(&foot, (struct point){f ? 310 : 165, 110}, f ? 6 : -6);
        assert_int_equal(foot_picture_stand(&person.pictures[f], &foot, &person.frames[f], &grid,
                                            0.45, NULL, NULL, &why),
                         0);
    }
    return person;
}

/* Load of a place over time: a rise by a third in half a second, gone within a fifth, slowly back.
 */
static double factor_at(const struct deed *deed, double time_s)
{
    double t = time_s - deed->withdraws_at;

    if (!(t > -0.5) || t > 3)
        return deed->spared;
    if (t < 0)
        return deed->spared * (1 + 0.35 * (t + 0.5) / 0.5);
    return deed->spared * (t < 0.2 ? 1.35 - 1.15 * t / 0.2 : fmin(1, 0.2 + 0.8 * (t - 0.2) / 2));
}

static void paint(const struct stander *person, const struct deed *deed, double time_s, float *kpa)
{
    double sway = 0.04 * sin(2 * M_PI * 0.23 * time_s);

    memset(kpa, 0, CELLS * sizeof *kpa);
    for (int f = 0; f < 2; f++)
        for (size_t i = 0; i < person->pictures[f].n; i++) {
            const struct loaded_cell *cell = &person->pictures[f].cells[i];
            struct point place = foot_frame_to_plate(&person->frames[0], deed->at);
            double n = (double)cell->newton * 350 * (f ? 1 + sway : 1 - sway);
            if (f == 0 && hypot((double)cell->x_mm - place.x_mm, (double)cell->y_mm - place.y_mm) <
                              deed->radius_mm)
                n *= factor_at(deed, time_s);
            kpa[cell->index] += (float)(n / grid_newton_per_kpa(&grid));
        }
    for (int i = 0; i < CELLS; i++)
        if (kpa[i] > 0)
            kpa[i] = (float)fmax(0, (double)kpa[i] * (1 + gsl_ran_gaussian(drawn_rng, 0.02)));
}

static struct result *analyse(const struct deed *deed)
{
    const struct analyzer_options options = {.threshold_kpa = 5, .min_force_n = 20};
    struct stander person = stand();
    struct problem why = {0};
    struct analyzer *analyzer = analyzer_begin(&grid, RATE_HZ, &options, &why);
    float *frames = malloc(FRAMES * CELLS * sizeof *frames);

    assert_true(analyzer && frames);
    const char *words = "{\"feet\": [{\"side\": \"left\"}, {\"side\": \"right\"}]}";
    assert_int_equal(analyzer_annotation(analyzer, 1, words, strlen(words), &why), 0);
    if (deed->heel_pain)
        assert_int_equal(
            analyzer_annotation(analyzer, 2, deed->heel_pain, strlen(deed->heel_pain), &why), 0);
    if (deed->note)
        assert_int_equal(analyzer_annotation(analyzer, 3, deed->note, strlen(deed->note), &why), 0);
    for (int i = 0; i < FRAMES; i++) {
        paint(&person, deed, i / RATE_HZ, frames + (size_t)i * CELLS);
        assert_int_equal(analyzer_frame(analyzer, (uint64_t)(1000 + i * 100000),
                                        frames + (size_t)i * CELLS, &why),
                         0);
    }
    struct result *result = analyzer_finish(analyzer, NULL, &why);
    assert_non_null(result);
    struct second_pass *pass = second_pass_begin(result, &why);
    for (int i = 0; i < FRAMES; i++)
        assert_int_equal(second_pass_frame(pass, (uint64_t)(1000 + i * 100000),
                                           frames + (size_t)i * CELLS, &why),
                         0);
    assert_int_equal(second_pass_finish(pass, &why), 0);
    free(frames);
    for (int f = 0; f < 2; f++)
        foot_picture_free(&person.pictures[f]);
    return result;
}

static const struct behaviour_sign *sign_of(const struct result *result, enum sign_kind kind,
                                            const char *zone)
{
    for (int i = 0; i < result->n_signs; i++)
        if (result->signs[i].kind == kind &&
            (zone ? result->signs[i].zone && !strcmp(result->signs[i].zone->id, zone) : 1))
            return &result->signs[i];
    return NULL;
}

static int has_evidence(const struct result *result, const char *zone, const char *words)
{
    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones; z++)
            for (int e = 0; e < result->feet[f].zones[z].n_evidence; e++)
                if (!strcmp(result->feet[f].zones[z].zone->id, zone) &&
                    strstr(result->feet[f].zones[z].evidence[e].text, words))
                    return 1;
    return 0;
}

static void test_who_stands_evenly_shows_no_sign(void **state)
{
    const struct deed nothing = {{0.5, 0.5}, 0, 1, NAN, NULL, NULL};
    struct result *result = analyse(&nothing);

    (void)state;
    for (int i = 0; i < result->n_signs; i++)
        fail_msg("%s", result->signs[i].text);
    result_free(result);
}

static void test_a_spared_place_is_guarded(void **state)
{
    const struct deed spares = {{0.725, 0.47}, 28, 0.3, NAN, NULL, NULL};
    struct result *result = analyse(&spares);
    const struct behaviour_sign *sign = sign_of(result, SIGN_GUARDING, "P09");

    (void)state;
    assert_non_null(sign);
    assert_int_equal(sign->side, SIDE_LEFT);
    assert_near(exp(sign->value - sign->expected), 0.33, 0.12);
    assert_true(sign->z > 3 && sign->sd >= 0.15);
    assert_true(has_evidence(result, "P09", "a supporting sign, no answer"));
    assert_null(sign_of(result, SIGN_WITHDRAWAL, NULL));
    assert_int_equal(result->n_flags, 0);
    for (int i = 0; i < result->n_signs; i++)
        assert_int_equal(result->signs[i].side, SIDE_LEFT);
    result_free(result);
}

static void test_a_place_that_is_drawn_back_from(void **state)
{
    const struct deed withdraws = {{0.13, 0.5}, 30, 1, 6.05, NULL, NULL};
    struct result *result = analyse(&withdraws);
    const struct behaviour_sign *sign = sign_of(result, SIGN_WITHDRAWAL, "P16");

    (void)state;
    assert_non_null(sign);
    assert_int_equal(sign->side, SIDE_LEFT);
    assert_near(sign->time_s, 6.0, 0.3);
    assert_true(sign->value > 0.5 && sign->z > 6);
    assert_int_equal(result->n_flags, 0);
    result_free(result);
}

/* The heel's load is compared only where the pain was stated, and for the side that was. */
static void test_reduced_heel_loading_needs_the_word(void **state)
{
    const char *said[] = {NULL, "{\"subject\": {\"heel_pain_walking\": \"right\"}}",
                          "{\"subject\": {\"heel_pain_walking\": \"no\"}}",
                          "{\"subject\": {\"heel_pain_walking\": \"left\"}}"};

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct deed deed = {{0.13, 0.5}, 40, 0.5, NAN, said[i], NULL};
        struct result *result = analyse(&deed);
        const struct behaviour_sign *sign = sign_of(result, SIGN_REDUCED_HEEL, NULL);
        assert_int_equal(sign != NULL, i == 3);
        if (sign) {
            assert_int_equal(sign->side, SIDE_LEFT);
            struct problem why;
            assert_non_null(strstr(sign->text, "reduced heel loading"));
            assert_int_equal(wording_check(sign->text, &why), 0);
            assert_int_equal(result->n_flags, 0);
        }
        result_free(result);
    }
}

static void test_a_nodule_is_a_hint_at_most(void **state)
{
    const struct deed deed = {
        {0.13, 0.5},
        8,
        2.6,
        NAN,
        NULL,
        "{\"note\": {\"kind\": \"nodule\", \"side\": \"left\", \"u\": 0.13, \"v\": 0.5}}"};
    struct result *result = analyse(&deed);

    (void)state;
    assert_true(has_evidence(result, "P17", "a hint of a hard spot at most"));
    assert_int_equal(result->n_flags, 0);
    result_free(result);
}

/* --- Pressed --------------------------------------------------------------------------------- */

/* A press is judged by itself: no frame of standing is needed. */
static int is_drawn_back(const struct press *press)
{
    struct press one = *press;
    struct result result = {.grid = grid, .presses = &one, .n_presses = 1};
    struct problem why;
    struct sign_watch *watch = sign_watch_begin(&result, &why);

    assert_non_null(watch);
    assert_int_equal(sign_watch_finish(watch, &why), 0);
    assert_in_range(result.n_signs, 0, 1);
    int n = result.n_signs;
    if (n) {
        const struct behaviour_sign *sign = result.signs;
        assert_int_equal(sign->kind, SIGN_WITHDRAWAL);
        assert_int_equal(sign->side, SIDE_RIGHT);
        assert_int_equal(sign->press, 0);
        assert_near(sign->value, 1 / press->lift_s, 1e-9);
        assert_true(sign->value >= sign->expected && isnan(sign->z));
        assert_non_null(strstr(sign->text, "press 7 was lifted quickly at 143 kPa"));
        assert_int_equal(wording_check(sign->text, &why), 0);
    }
    assert_int_equal(result.n_flags, 0);
    free(result.signs);
    return n;
}

/* Quickly, below the ceiling, and without a word: each of the three is needed. */
static void test_a_press_that_is_drawn_back_from(void **state)
{
    const struct press drawn = {.number = 7,
                                .side = SIDE_RIGHT,
                                .peak_kpa = 143,
                                .ceiling_kpa = 250,
                                .lift_s = 0.21,
                                .end_s = 9};
    struct press others[12];

    (void)state;
    for (int i = 0; i < 12; i++)
        others[i] = drawn;
    assert_true(is_drawn_back(&drawn));
    others[0].lift_s = 0.36;
    others[1].lift_s = NAN;
    others[2].answered = 1;
    others[3].peak_kpa = 226; /* over nine tenths of it */
    others[4].reached_ceiling = 1;
    others[5].ceiling_kpa = NAN; /* below what? */
    others[6].is_tap = 1;
    others[7].is_catch = 1;
    others[8].stopped = 1;
    others[9].doubtful = 1;
    others[10].session = 1;
    others[11].tool_kind = TOOL_MAT;
    for (int i = 0; i < 12; i++)
        if (is_drawn_back(&others[i]))
            fail_msg("story %d makes a sign", i);
    struct press slow = drawn;
    slow.lift_s = 0.34;
    assert_true(is_drawn_back(&slow));
}

/* --- As JSON -------------------------------------------------------------------------------- */

/* The keys of one sign that its kind alone has, in their order, with what they must hold: those of
 * another kind's quantity would carry the wrong unit. */
struct sign_keys {
    struct behaviour_sign sign;
    const char *kind;
    struct {
        const char *key;
        double number; /* NAN: null, with the reason beside it */
    } of[4];
};

static int is_of_every_sign(const char *key)
{
    static const char *const keys[] = {"kind",        "side",          "zone",
                                       "zone_reason", "press",         "press_reason",
                                       "time_s",      "time_s_reason", "why"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!strcmp(key, keys[i]))
            return 1;
    return 0;
}

static void check_sign_keys(json_t *object, const struct sign_keys *wanted)
{
    const char *key;
    json_t *value;
    int n = 0;

    assert_string_equal(json_string_value(json_object_get(object, "kind")), wanted->kind);
    json_object_foreach(object, key, value)
    {
        if (is_of_every_sign(key) || strstr(key, "_reason"))
            continue;
        assert_true(n < 4 && wanted->of[n].key);
        assert_string_equal(key, wanted->of[n].key);
        if (isnan(wanted->of[n].number)) {
            char reason[40];
            assert_true(json_is_null(value));
            snprintf(reason, sizeof reason, "%s_reason", key);
            assert_true(json_string_length(json_object_get(object, reason)) > 10);
        } else {
            assert_near(json_number_value(value), wanted->of[n].number, 1e-9);
        }
        n++;
    }
    assert_true(n == 4 || !wanted->of[n].key);
}

/* Each kind of sign has its own quantity, and so its own keys, each with its unit in its name. */
static void test_each_kind_has_keys_with_units(void **state)
{
    static const struct sign_keys wanted[] = {
        {{SIGN_GUARDING, SIDE_LEFT, NULL, -1, NAN, -2.5, -1.5, 0.25, 4.0, "less"},
         "guarding",
         {{"share_percent", 8.2084998623898800},
          {"expected_share_percent", 22.313016014842983},
          {"spread_percent", 25},
          {"z", 4}}},
        {{SIGN_WITHDRAWAL, SIDE_RIGHT, NULL, -1, 6.1, 0.62, 0, 0.03, 20.7, "drawn back"},
         "withdrawal",
         {{"unloading_percent", 62},
          {"expected_unloading_percent", 0},
          {"spread_percent", 3},
          {"z", 20.7}}},
        {{SIGN_WITHDRAWAL, SIDE_RIGHT, NULL, 0, 9, 1 / 0.21, 1 / 0.35, NAN, NAN, "lifted"},
         "withdrawal",
         {{"lift_s", 0.21}, {"fast_lift_s", 0.35}, {"z", NAN}}},
        {{SIGN_REDUCED_HEEL, SIDE_LEFT, NULL, -1, NAN, -1.2, -0.7, 0.1, 5, "heel"},
         "reduced_heel_loading",
         {{"share_percent", 30.119421191220212},
          {"expected_share_percent", 49.658530379140953},
          {"spread_percent", 10},
          {"z", 5}}},
    };
    enum { N = sizeof wanted / sizeof wanted[0] };
    struct behaviour_sign signs[N];
    struct press press = {.number = 7, .side = SIDE_RIGHT};
    struct result result = {
        .grid = grid, .presses = &press, .n_presses = 1, .signs = signs, .n_signs = N};
    struct json_writer w = {0};
    json_t *root = json_object();

    (void)state;
    for (int i = 0; i < N; i++)
        signs[i] = wanted[i].sign;
    press_json(&w, root, &result);
    assert_int_equal(w.failed, 0);
    const json_t *told = json_object_get(root, "signs");
    assert_int_equal(json_array_size(told), N);
    for (int i = 0; i < N; i++) {
        json_t *object = json_array_get(told, (size_t)i);
        const json_t *number = json_object_get(object, "press");
        check_sign_keys(object, &wanted[i]);
        assert_true(wanted[i].sign.press < 0
                        ? json_is_null(number)
                        : json_integer_value(number) == 7 || json_real_value(number) == 7);
    }
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_stands_evenly_shows_no_sign),
        cmocka_unit_test(test_a_spared_place_is_guarded),
        cmocka_unit_test(test_a_place_that_is_drawn_back_from),
        cmocka_unit_test(test_reduced_heel_loading_needs_the_word),
        cmocka_unit_test(test_a_nodule_is_a_hint_at_most),
        cmocka_unit_test(test_a_press_that_is_drawn_back_from),
        cmocka_unit_test(test_each_kind_has_keys_with_units),
    };

    return cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down);
}
