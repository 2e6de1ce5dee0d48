/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analyzer: frames, edges and annotations in, a result out; and what it does with bad input. */
#include "analysis/analyzer.h"
#include "analysis/result_json.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/standing_feet.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct grid plate = {96, 96, 5, 5};

static void draw_person(struct standing *s, int feet)
{
    struct standing_range range = standing_usual(feet);
    struct dice dice;

    dice_begin(&dice, 11, "analyzer");
    range.angle_deg = 12;
    range.length_low_mm = range.length_high_mm = 250;
    range.gap_low_mm = range.gap_high_mm = 50;
    standing_draw(s, &plate, &range, &dice);
    standing_paint(s, 0, NULL);
}

static struct analyzer *begin(const char *protocol)
{
    const struct analyzer_options options = {
        .threshold_kpa = 5, .min_force_n = 20, .protocol = protocol};
    struct problem why = {0};
    struct analyzer *analyzer = analyzer_begin(&plate, 100, &options, &why);

    if (!analyzer)
        fail_msg("%s", why.text);
    return analyzer;
}

static void frame(struct analyzer *analyzer, uint64_t time_us, const float *kpa)
{
    struct problem why;

    if (analyzer_frame(analyzer, time_us, kpa, &why))
        fail_msg("%s", why.text);
}

static void annotate(struct analyzer *analyzer, uint64_t time_us, const char *json)
{
    assert_int_equal(analyzer_annotation(analyzer, time_us, json, strlen(json), NULL), 0);
}

static struct result *finish(struct analyzer *analyzer)
{
    struct problem why = {0};
    struct result *result = analyzer_finish(analyzer, NULL, &why);

    if (!result)
        fail_msg("%s", why.text);
    return result;
}

static int has_warning(const struct result *result, const char *words)
{
    for (int i = 0; i < result->n_warnings; i++)
        if (strstr(result->warnings[i], words))
            return 1;
    return 0;
}

static void a_standing_person(void **state)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;
    float *empty = calloc(grid_cells(&plate), sizeof *empty);
    double sum = 0;

    (void)state;
    draw_person(&s, 2);
    for (uint64_t i = 0; i < 150; i++)
        frame(analyzer, 7000000 + i * 10000, i < 50 ? empty : s.kpa);
    result = finish(analyzer);
    assert_int_equal(result->frames.n, 150);
    assert_true(result->frames.time_s[0] == 0 && fabs(result->duration_s - 1.5) < 1e-9);
    assert_int_equal(result->loaded_frames, 100);
    assert_true(fabs(result->loaded_s - 1) < 1e-9);
    assert_true(fabs(result->mean_force_n - result->max_force_n) < 1e-6);
    assert_int_equal(result->n_feet, 2);
    assert_int_equal(result->feet[0].side, SIDE_LEFT);
    assert_int_equal(result->feet[1].side, SIDE_RIGHT);
    assert_true(fabs(result->feet[0].load_percent + result->feet[1].load_percent - 100) < 1e-3);
    assert_true(result->outside_feet_percent == 0);
    for (int k = 0; k < 2; k++) {
        const struct foot_result *foot = &result->feet[k];

        assert_true(foot->has_load);
        assert_true(fabs(foot->load_percent - 100 * s.newton[k] / (s.newton[0] + s.newton[1])) < 1);
        sum = 0;
        for (int i = 0; i < REGION_COUNT; i++)
            sum += foot->regions[i].load_percent;
        assert_true(fabs(sum - foot->load_percent) < 1e-9);
        assert_true(fabs(foot->angle_deg - s.frame[k].angle_deg) < 2);
        assert_true(foot->n_zones > 25);
    }
    assert_int_equal(result->no_foot_reason[0], 0);
    result_free(result);
    standing_free(&s);
    free(empty);
}

/* Load is of the stand step alone: what happens while sitting or pressing is none. */
static void steps_part_the_recording(void **state)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    float *bag = calloc(grid_cells(&plate), sizeof *bag);
    struct result *result;

    (void)state;
    draw_person(&s, 2);
    for (int row = 0; row < 40; row++)
        for (int col = 0; col < 40; col++)
            bag[row * 96 + col] = 300;
    annotate(analyzer, 0, "{\"step\":\"empty\"}");
    for (uint64_t i = 0; i < 20; i++)
        frame(analyzer, i * 10000, bag);
    annotate(analyzer, 200000, "{\"step\":\"stand\"}");
    for (uint64_t i = 20; i < 40; i++)
        frame(analyzer, i * 10000, s.kpa);
    annotate(analyzer, 400000, "{\"step\":\"sit\"}");
    for (uint64_t i = 40; i < 60; i++)
        frame(analyzer, i * 10000, bag);
    result = finish(analyzer);
    assert_int_equal(result->loaded_frames, 20);
    assert_int_equal(result->n_feet, 2);
    assert_true(result->peak_pressure_kpa == 300);
    assert_true(result->feet[0].peak_kpa < 300);
    result_free(result);
    standing_free(&s);
    free(bag);
}

static void the_operators_words_are_taken(void **state)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;

    (void)state;
    draw_person(&s, 2);
    annotate(analyzer, 0,
             "{\"subject\":{\"foot_length_mm\":{\"left\":253.5,\"right\":254}},"
             "\"feet\":[{\"side\":\"right\"},{\"side\":\"left\"}]}");
    for (uint64_t i = 0; i < 20; i++)
        frame(analyzer, i * 10000, s.kpa);
    result = finish(analyzer);
    /* Crossed feet, says the operator: his word wins, and the doubt is told. */
    assert_int_equal(result->n_feet, 2);
    assert_int_equal(result->feet[0].side, SIDE_LEFT);
    assert_true(result->feet[0].frame.heel.x_mm > result->feet[1].frame.heel.x_mm);
    assert_true(result->feet[0].length_mm == 253.5 && result->feet[1].length_mm == 254);
    assert_false(result->feet[0].length_is_measured);
    assert_true(has_warning(result, "please check"));
    result_free(result);
    standing_free(&s);
}

static void a_press_test_without_standing_has_template_feet(void **state)
{
    struct analyzer *analyzer = begin("press");
    float *empty = calloc(grid_cells(&plate), sizeof *empty);
    struct result *result;

    (void)state;
    annotate(analyzer, 0, "{\"subject\":{\"foot_length_mm\":{\"left\":262}}}");
    annotate(analyzer, 0,
             "{\"step\":\"press\",\"press\":{\"number\":1,\"pass\":1,\"side\":\"left\","
             "\"tool\":{\"name\":\"stud\",\"tip_cm2\":1,\"footprint_cm2\":4,"
             "\"footprint_factor\":1},\"stud\":{\"x_mm\":200,\"y_mm\":150},"
             "\"heel_cup\":{\"x_mm\":200,\"y_mm\":100,\"angle_deg\":5}}}");
    for (uint64_t i = 0; i < 100; i++)
        frame(analyzer, i * 10000, empty);
    result = finish(analyzer);
    assert_int_equal(result->n_feet, 1);
    assert_int_equal(result->feet[0].side, SIDE_LEFT);
    assert_false(result->feet[0].has_load);
    assert_true(result->feet[0].length_mm == 262 && !result->feet[0].length_is_measured);
    assert_true(isnan(result->feet[0].load_percent) && isnan(result->feet[0].regions[0].force_n));
    assert_true(result->feet[0].frame.heel.y_mm == 100);
    assert_null(result->mean_picture);
    assert_non_null(strstr(result->no_foot_reason, "nobody stood or walked"));
    result_free(result);
    free(empty);
}

/* --- Bad input -------------------------------------------------------------------------------- */

static void no_frames_and_one_frame(void **state)
{
    struct result *result = finish(begin("stand"));
    struct standing s = {0};
    struct analyzer *analyzer;

    (void)state;
    assert_int_equal(result->frames.n, 0);
    assert_int_equal(result->n_feet, 0);
    assert_true(result->duration_s == 0 && isnan(result->mean_force_n));
    assert_non_null(strstr(result->no_foot_reason, "no frame"));
    result_free(result);

    draw_person(&s, 1);
    analyzer = begin("stand");
    frame(analyzer, 123456789012345, s.kpa);
    result = finish(analyzer);
    assert_int_equal(result->n_feet, 1);
    assert_true(fabs(result->duration_s - 0.01) < 1e-9);
    result_free(result);
    standing_free(&s);
}

static void cells_that_are_no_pressure_count_as_unloaded(void **state)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;
    double force;

    (void)state;
    draw_person(&s, 1);
    frame(analyzer, 0, s.kpa);
    s.kpa[5] = NAN;
    s.kpa[6] = INFINITY;
    s.kpa[7] = -40;
    s.kpa[8] = -INFINITY;
    frame(analyzer, 10000, s.kpa);
    result = finish(analyzer);
    force = result->frames.force_n[0];
    assert_true(result->frames.force_n[1] == force);
    assert_int_equal(result->n_feet, 1);
    assert_true(has_warning(result, "4 cells in 1 frames"));
    result_free(result);
    standing_free(&s);
}

static void a_saturated_plate_is_no_foot(void **state)
{
    struct analyzer *analyzer = begin("stand");
    float *kpa = malloc(grid_cells(&plate) * sizeof *kpa);
    struct result *result;

    (void)state;
    for (size_t i = 0; i < grid_cells(&plate); i++)
        kpa[i] = 1000;
    for (uint64_t i = 0; i < 10; i++)
        frame(analyzer, i * 10000, kpa);
    result = finish(analyzer);
    assert_int_equal(result->n_feet, 0);
    assert_non_null(strstr(result->no_foot_reason, "whole plate"));
    assert_true(has_warning(result, "saturated"));
    result_free(result);
    free(kpa);
}

static void time_that_misbehaves(void **state)
{
    const uint64_t year_us = 365ull * 86400 * 1000000;
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;

    (void)state;
    draw_person(&s, 1);
    frame(analyzer, 50000, s.kpa);
    frame(analyzer, 70000, s.kpa);
    frame(analyzer, 60000, s.kpa); /* late: put in its place */
    frame(analyzer, 60000, s.kpa); /* again: left out */
    frame(analyzer, 0, s.kpa);     /* before the first */
    frame(analyzer, year_us, s.kpa);
    result = finish(analyzer);
    assert_int_equal(result->frames.n, 5);
    for (size_t i = 1; i < result->frames.n; i++)
        assert_true(result->frames.time_s[i] > result->frames.time_s[i - 1]);
    assert_true(result->frames.time_s[0] == 0 && fabs(result->frames.time_s[2] - 0.06) < 1e-12);
    assert_true(has_warning(result, "left out") && has_warning(result, "gap"));
    /* A year without frames is nobody's load. */
    assert_true(result->loaded_s < 0.2);
    assert_int_equal(result->n_feet, 1);
    result_free(result);
    standing_free(&s);
}

static void annotations_that_are_no_annotations(void **state)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[1,2]",
                                      "{\"step\":7}",
                                      "{\"continues\":\"a.tfr\"}",
                                      "{\"continues\":5,\"segment\":2,\"gap_s\":1}",
                                      "{\"feet\":[{\"side\":\"middle\"},5,{}]}",
                                      "{\"subject\":{\"foot_length_mm\":\"long\"}}",
                                      "{\"press\":{\"side\":[],\"heel_cup\":3}}",
                                      "{\"subject\":{\"foot_length_mm\":{\"left\":-1e300}}}"};
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;

    (void)state;
    draw_person(&s, 2);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        annotate(analyzer, i, bad[i]);
    for (uint64_t i = 0; i < 10; i++)
        frame(analyzer, i * 10000, s.kpa);
    result = finish(analyzer);
    assert_int_equal(result->n_feet, 2);
    assert_true(result->feet[0].length_is_measured);
    assert_true(has_warning(result, "not a JSON object"));
    assert_string_equal(result->continued.recording, "");
    result_free(result);
    standing_free(&s);
}

/* The second part of a recording names the first: in the result, its JSON, and nowhere else. */
static void what_it_goes_on_with_is_named(void **state)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct problem why;

    (void)state;
    draw_person(&s, 2);
    annotate(analyzer, 0, "{\"continues\":\"one.tfr\",\"segment\":2,\"gap_s\":7.31}");
    for (uint64_t i = 0; i < 10; i++)
        frame(analyzer, i * 10000, s.kpa);
    struct result *result = finish(analyzer);
    json_t *document = result_json(result, 0, &why);
    const json_t *told = json_object_get(json_object_get(document, "recording"), "continues");
    assert_string_equal(json_string_value(json_object_get(told, "recording")), "one.tfr");
    assert_int_equal(json_integer_value(json_object_get(told, "segment")), 2);
    assert_true(fabs(json_number_value(json_object_get(told, "gap_s")) - 7.31) < 1e-9);
    json_decref(document);
    result_free(result);
    standing_free(&s);
}

static void settings_out_of_bounds_are_refused(void **state)
{
    const struct analyzer_options good = {.threshold_kpa = 5, .min_force_n = 20};
    struct analyzer_options bad = good;
    struct grid grid = plate;
    struct problem why = {0};

    (void)state;
    grid.rows = 0;
    assert_null(analyzer_begin(&grid, 100, &good, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    grid.rows = 257;
    assert_null(analyzer_begin(&grid, 100, &good, &why));
    grid = plate;
    grid.pitch_x_mm = NAN;
    assert_null(analyzer_begin(&grid, 100, &good, &why));
    assert_null(analyzer_begin(&plate, 0, &good, &why));
    bad.threshold_kpa = -1;
    assert_null(analyzer_begin(&plate, 100, &bad, &why));
    assert_int_equal(why.kind, PROBLEM_USAGE);
    bad.threshold_kpa = NAN;
    assert_null(analyzer_begin(&plate, 100, &bad, &why));
    bad = good;
    bad.atlas_path = "/nonexistent/atlas.json";
    assert_null(analyzer_begin(&plate, 100, &bad, &why));
    assert_true(why.text[0] != 0);
    analyzer_free(NULL);
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* Each number that is null has its reason beside it, everywhere in the document. */
static void check_nulls(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_array(value))
        json_array_foreach(value, i, member) check_nulls(member);
    if (!json_is_object(value))
        return;
    json_object_foreach((json_t *)value, key, member)
    {
        size_t n = strlen(key);

        if (json_is_null(member) &&
            (strstr(key, "_kpa") || strstr(key, "_mm") || strstr(key, "_n") ||
             strstr(key, "percent") || strstr(key, "_cm2")) &&
            !strstr(key, "_reason") && n < 60) {
            char reason[80];

            snprintf(reason, sizeof reason, "%s_reason", key);
            if (!json_is_string(json_object_get(value, reason)) && strcmp(key, "no_foot_reason"))
                fail_msg("%s is null and has no %s", key, reason);
        }
        check_nulls(member);
    }
}

static char *json_of_person(int feet, int with_frames)
{
    struct standing s = {0};
    struct analyzer *analyzer = begin("stand");
    struct result *result;
    char *text;

    draw_person(&s, feet);
    for (uint64_t i = 0; i < 12; i++)
        frame(analyzer, i * 10000, s.kpa);
    result = finish(analyzer);
    text = result_json_text(result, with_frames, NULL);
    assert_non_null(text);
    result_free(result);
    standing_free(&s);
    return text;
}

static void json_has_the_documented_keys(void **state)
{
    static const char *const top[] = {"schema",
                                      "recording",
                                      "contact_threshold_kpa",
                                      "frames",
                                      "peak_pressure_kpa",
                                      "max_force_n",
                                      "feet",
                                      "flags",
                                      "not_tested",
                                      "presses",
                                      "warnings"};
    static const char *const recording[] = {"rows",    "cols",   "pitch_x_mm",  "pitch_y_mm",
                                            "rate_hz", "frames", "lost_frames", "duration_s"};
    static const char *const frames[] = {"time_s",   "force_n",  "cop_x_mm",
                                         "cop_y_mm", "area_cm2", "peak_kpa"};
    static const char *const foot[] = {"side",    "confidence",   "length_mm", "angle_deg",
                                       "force_n", "load_percent", "regions",   "zones"};
    static const char *const region[] = {"id", "load_percent", "peak_kpa", "area_cm2"};
    static const char *const zone[] = {"id",       "state",        "contact_cm2",   "mean_kpa",
                                       "peak_kpa", "load_percent", "threshold_kpa", "repeats",
                                       "flag",     "evidence"};
    char *text = json_of_person(2, 1);
    json_t *root = json_loads(text, 0, NULL), *first;

    (void)state;
#define HAS(object, keys)                                                                          \
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)                                        \
        if (!json_object_get(object, keys[i]))                                                     \
            fail_msg("no key %s", keys[i]);
    assert_non_null(root);
    HAS(root, top);
    HAS(json_object_get(root, "recording"), recording);
    HAS(json_object_get(root, "frames"), frames);
    first = json_array_get(json_object_get(root, "feet"), 0);
    HAS(first, foot);
    HAS(json_array_get(json_object_get(first, "regions"), 0), region);
    HAS(json_array_get(json_object_get(first, "zones"), 0), zone);
#undef HAS
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "tenderfoot/analyze/1");
    assert_int_equal(json_array_size(json_object_get(json_object_get(root, "frames"), "force_n")),
                     12);
    check_nulls(root);
    json_decref(root);
    free(text);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    char *a = json_of_person(2, 1), *b = json_of_person(2, 1), *c = json_of_person(1, 0);

    (void)state;
    assert_string_equal(a, b);
    assert_non_null(strstr(c, "\"frames\": null"));
    assert_non_null(strstr(c, "frames_reason"));
    free(a);
    free(b);
    free(c);
}

/* --- Memory ----------------------------------------------------------------------------------- */

/* A whole analysis; 0, or -1 when something failed. */
static int analyse_person(const struct standing *s, struct problem *why)
{
    const struct analyzer_options options = {.threshold_kpa = 5, .min_force_n = 20};
    const char bad[] = "{", good[] = "{\"step\":\"stand\"}";
    struct analyzer *analyzer = analyzer_begin(&plate, 100, &options, why);
    struct result *result;
    char *text;

    if (!analyzer)
        return -1;
    if (analyzer_annotation(analyzer, 0, good, sizeof good - 1, why) ||
        analyzer_annotation(analyzer, 0, bad, sizeof bad - 1, why))
        goto failed;
    s->kpa[3] = NAN;
    for (uint64_t i = 0; i < 3; i++)
        if (analyzer_frame(analyzer, i * 10000, s->kpa, why))
            goto failed;
    result = analyzer_finish(analyzer, NULL, why);
    text = result ? result_json_text(result, 1, why) : NULL;
    result_free(result);
    free(text);
    return text ? 0 : -1;
failed:
    analyzer_free(analyzer);
    return -1;
}

static void memory_that_fails_is_told(void **state)
{
    struct standing s = {0};
    long n;

    (void)state;
    draw_person(&s, 1);
    for (n = 1;; n++) {
        struct problem why = {0};
        int done, failed;

        failing_malloc_at(n);
        done = analyse_person(&s, &why);
        failed = failing_malloc_off();
        if (!failed) {
            assert_int_equal(done, 0);
            break;
        }
        assert_int_equal(done, -1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_true(why.text[0] != 0);
    }
    print_message("%ld allocations failed in turn\n", n - 1);
    assert_true(n > 30);
    standing_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_standing_person),
        cmocka_unit_test(steps_part_the_recording),
        cmocka_unit_test(the_operators_words_are_taken),
        cmocka_unit_test(a_press_test_without_standing_has_template_feet),
        cmocka_unit_test(no_frames_and_one_frame),
        cmocka_unit_test(cells_that_are_no_pressure_count_as_unloaded),
        cmocka_unit_test(a_saturated_plate_is_no_foot),
        cmocka_unit_test(time_that_misbehaves),
        cmocka_unit_test(annotations_that_are_no_annotations),
        cmocka_unit_test(what_it_goes_on_with_is_named),
        cmocka_unit_test(settings_out_of_bounds_are_refused),
        cmocka_unit_test(json_has_the_documented_keys),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
