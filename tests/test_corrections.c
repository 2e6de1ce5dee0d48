/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator sets right by hand wins over the print, and is marked as given: in annotations
 * of the recording, and in a file afterwards. */
#include "analysis/analyzer.h"
#include "analysis/analyzer_private.h"
#include "analysis/foot/corrections.h"
#include "tests/support/varied_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/near.h"

static struct varied_foot foot;

static void draw_with_toes(double toe_contact)
{
    struct dice dice;

    dice_begin(&dice, 8, "corrections");
    foot.grid = (struct grid){60, 40, 6, 6};
    foot.foot = (struct subject_foot){.side = SIDE_LEFT,
                                      .length_mm = 252,
                                      .width_scale = 1,
                                      .arch = 0.5,
                                      .toe_contact = toe_contact,
                                      .angle_deg = -11};
    varied_draw(&foot, 0.5, 350, 0, &dice);
}

static int draw(void **state)
{
    (void)state;
    draw_with_toes(1);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    varied_free(&foot);
    return 0;
}

/* The result of two frames of the foot, with annotations and a file of corrections (NULL: none). */
static struct result *analyze(const char *annotation, const char *path, struct problem *why)
{
    struct analyzer_options options = {
        .threshold_kpa = 5, .min_force_n = 20, .protocol = "stand", .correct_path = path};
    struct analyzer *analyzer = analyzer_begin(&foot.grid, 50, &options, why);

    if (!analyzer)
        return NULL;
    if (analyzer_frame(analyzer, 0, foot.kpa, why) ||
        analyzer_frame(analyzer, 20000, foot.kpa, why) ||
        (annotation && analyzer_annotation(analyzer, 30000, annotation, strlen(annotation), why))) {
        analyzer_free(analyzer);
        return NULL;
    }
    return analyzer_finish(analyzer, NULL, why);
}

static struct result *analyzed(const char *annotation, const char *path)
{
    struct problem why = {0};
    struct result *result = analyze(annotation, path, &why);

    if (!result)
        fail_msg("%s", why.text);
    assert_int_equal(result->n_feet, 1);
    assert_int_equal(result->feet[0].side, SIDE_LEFT);
    return result;
}

static void nothing_is_given_unasked(void **state)
{
    struct result *result = analyzed(NULL, NULL);

    (void)state;
    assert_false(result->feet[0].axis_given || result->feet[0].length_given);
    for (int i = 0; i < LANDMARK_COUNT; i++)
        assert_false(result->feet[0].landmarks.of[i].given);
    assert_int_equal(result->n_warnings, 0);
    result_free(result);
}

/* A landmark put elsewhere lies there, exactly, with quality 1, and its zones move with it. */
static void a_landmark_moved_by_hand_stays_there(void **state)
{
    struct result *before = analyzed(NULL, NULL), *after;
    struct point at = foot_frame_to_plate(
        &before->feet[0].frame,
        (struct uv){before->feet[0].landmarks.of[LANDMARK_HF].at.u + 0.04, 0.5});
    char text[200];

    (void)state;
    snprintf(text, sizeof text,
             "{\"correct\": {\"side\": \"left\", \"landmark\": \"HF\", \"x_mm\": %.4f, \"y_mm\": "
             "%.4f}}",
             at.x_mm, at.y_mm);
    after = analyzed(text, NULL);
    const struct landmark *given = &after->feet[0].landmarks.of[LANDMARK_HF];
    struct point got = foot_frame_to_plate(&after->feet[0].frame, given->at);

    assert_near(got.x_mm, at.x_mm, 1e-3);
    assert_near(got.y_mm, at.y_mm, 1e-3);
    assert_true(given->given && given->measured && given->quality == 1);
    assert_near(after->feet[0].lines.heel_front_u, given->at.u, 1e-9);
    assert_false(after->feet[0].landmarks.of[LANDMARK_HC].given);
    /* A side that is not there has nothing to be corrected. */
    result_free(after);
    after = analyzed("{\"correct\": {\"side\": \"right\", \"length_mm\": 300}}", NULL);
    assert_true(after->feet[0].length_mm == before->feet[0].length_mm);
    result_free(after);
    result_free(before);
}

static void axis_and_length_by_hand_win(void **state)
{
    struct result *result = analyzed(
        "{\"correct\": [{\"side\": \"left\", \"heel\": {\"x_mm\": 131.5, \"y_mm\": 47.25}, "
        "\"angle_deg\": -14.5}, {\"side\": \"left\", \"length_mm\": 262.5}]}",
        NULL);
    const struct foot_result *f = &result->feet[0];

    (void)state;
    assert_true(f->axis_given && f->length_given);
    assert_true(f->angle_deg == -14.5 && f->frame.angle_deg == -14.5);
    assert_true(f->frame.heel.x_mm == 131.5 && f->frame.heel.y_mm == 47.25);
    assert_true(f->length_mm == 262.5 && f->frame.length_mm == 262.5);
    assert_false(f->length_is_measured);
    assert_non_null(strstr(f->length_reason, "stated"));
    result_free(result);
}

/* The ends: a heel end moved back by 6 mm lengthens the foot by 6 mm, its tip stays. */
static void ends_move_along_the_axis(void **state)
{
    struct foot_frame frame = foot_frame_template(SIDE_RIGHT, (struct point){120, 60}, 23, 244);
    struct foot_frame moved = frame;
    struct foot_correction correction = {0};
    struct point tip = foot_frame_to_plate(&frame, (struct uv){1, 0.5}), again;

    (void)state;
    assert_int_equal(corrections_frame(&correction, &moved), 0);
    correction.has_point[LANDMARK_HB] = 1;
    correction.point[LANDMARK_HB] = foot_frame_to_plate(&frame, (struct uv){-6.0 / 244, 0.61});
    assert_int_equal(corrections_frame(&correction, &moved), 1);
    again = foot_frame_to_plate(&moved, (struct uv){1, 0.5});
    assert_near(moved.length_mm, 250, 1e-9);
    assert_near(again.x_mm, tip.x_mm, 1e-9);
    assert_near(again.y_mm, tip.y_mm, 1e-9);
    /* The tangents are where they were: a place keeps its v. */
    struct point ball = foot_frame_to_plate(&frame, (struct uv){0.73, 0.18});
    assert_near(foot_frame_to_uv(&moved, ball).v, 0.18, 1e-9);
    correction.has_point[LANDMARK_HB] = 0;
    correction.has_point[LANDMARK_TT] = 1;
    correction.point[LANDMARK_TT] = foot_frame_to_plate(&frame, (struct uv){1.05, 0.2});
    moved = frame;
    assert_int_equal(corrections_frame(&correction, &moved), 1);
    assert_near(moved.length_mm, 244 * 1.05, 1e-9);
    assert_near(foot_frame_to_uv(&moved, ball).v, 0.18, 1e-9);
}

/* Both ends or one, put where they are wanted in the frame that was found. */
static struct result *analyzed_with_ends(const struct foot_frame *frame, const struct uv *heel,
                                         const struct uv *tip)
{
    struct point hb = foot_frame_to_plate(frame, *heel);
    struct point tt = foot_frame_to_plate(frame, tip ? *tip : *heel);
    char text[300];

    snprintf(text, sizeof text,
             "{\"correct\": [{\"side\": \"left\", \"landmark\": \"HB\", \"x_mm\": %.9f, "
             "\"y_mm\": %.9f}, {\"side\": \"left\", \"landmark\": \"%s\", \"x_mm\": %.9f, "
             "\"y_mm\": %.9f}]}",
             hb.x_mm, hb.y_mm, tip ? "TT" : "HB", tt.x_mm, tt.y_mm);
    return analyzed(text, NULL);
}

/* Without toe contact the length is not known: moving the heel end does not make one up, the toe
 * tip gives it. */
static void one_end_gives_a_length_where_the_other_is_known(void **state)
{
    const struct uv heel = {-0.02, 0.5}, tip = {1.03, 0.3};
    struct result *result;
    struct foot_frame frame;

    drop(state);
    draw_with_toes(0);
    result = analyzed(NULL, NULL);
    assert_true(isnan(result->feet[0].length_mm));
    assert_non_null(strstr(result->feet[0].length_reason, "toes do not touch"));
    frame = result->feet[0].frame;
    result_free(result);

    result = analyzed_with_ends(&frame, &heel, NULL);
    assert_near(foot_frame_to_uv(&frame, result->feet[0].frame.heel).u, heel.u, 1e-6);
    assert_true(isnan(result->feet[0].length_mm) && !result->feet[0].length_given);
    assert_non_null(strstr(result->feet[0].length_reason, "toes do not touch"));
    result_free(result);

    result = analyzed_with_ends(&frame, &heel, &tip);
    assert_near(result->feet[0].length_mm, (tip.u - heel.u) * frame.length_mm, 1e-5);
    assert_true(result->feet[0].length_given && !result->feet[0].length_is_measured);
    result_free(result);
    drop(state);
    draw(state);
}

/* --- A foot that was pressed and never stood --- */

static void press_only(const struct press_foot *press, double entered_mm,
                       const struct corrections *corrections, struct result *result)
{
    struct foot_hints hints = {.length_mm[SIDE_LEFT] = entered_mm};
    struct press_foot feet[3] = {[SIDE_LEFT] = *press};

    *result = (struct result){.grid = foot.grid};
    assert_int_equal(feet_for_presses(result, feet, &hints, corrections, NULL), 0);
    assert_int_equal(result->n_feet, 1);
    assert_int_equal(result->feet[0].length_given, isfinite(result->feet[0].length_mm));
    assert_true(result->feet[0].frame.length_mm > 0);
}

static void drop_press_only(struct result *result)
{
    free(result->feet[0].mask);
    free(result->feet);
}

/* Once its length was null beside length_given, with the operator's toe tip forgotten. */
static void a_foot_that_never_stood_says_what_is_known_of_it(void **state)
{
    const struct press_foot loose = {.pressed = 1},
                            cup = {
                                .pressed = 1, .cup_known = 1, .cup = {80, 40}, .cup_angle_deg = 7};
    struct corrections nothing = {0}, tip = {0};
    struct foot_frame frame = foot_frame_template(SIDE_LEFT, cup.cup, cup.cup_angle_deg, 250);
    struct result result;
    const struct foot_result *f;

    (void)state;
    tip.of[SIDE_LEFT].has_point[LANDMARK_TT] = 1;
    tip.of[SIDE_LEFT].point[LANDMARK_TT] = foot_frame_to_plate(&frame, (struct uv){0.94, 0.2});

    press_only(&loose, 0, &nothing, &result);
    f = &result.feet[0];
    assert_true(isnan(f->length_mm) && isnan(f->angle_deg));
    assert_non_null(strstr(f->length_reason, "never stood"));
    drop_press_only(&result);

    press_only(&loose, 0, &tip, &result); /* its heel is a guess, and so is the way to the tip */
    f = &result.feet[0];
    assert_true(isnan(f->length_mm) && isnan(f->angle_deg));
    drop_press_only(&result);

    press_only(&loose, 241.5, &nothing, &result);
    f = &result.feet[0];
    assert_near(f->length_mm, 241.5, 0);
    assert_non_null(strstr(f->length_reason, "stated"));
    drop_press_only(&result);

    press_only(&cup, 0, &tip, &result);
    f = &result.feet[0];
    assert_near(f->length_mm, 235, 1e-9);
    assert_near(f->angle_deg, 7, 1e-9);
    assert_non_null(strstr(f->length_reason, "toe tip"));
    drop_press_only(&result);
}

/* In a recording, which cannot be mended, what is wrong is left out and told; the rest holds. */
static void wrong_corrections_are_told(void **state)
{
    static const struct {
        const char *text, *word;
    } wrong[] = {
        {"{\"correct\": 4}", "object"},
        {"{\"correct\": {\"length_mm\": 250}}", "side"},
        {"{\"correct\": {\"side\": \"left\"}}", "names no landmark"},
        {"{\"correct\": {\"side\": \"left\", \"landmark\": \"XX\", \"x_mm\": 1, \"y_mm\": 1}}",
         "XX"},
        {"{\"correct\": {\"side\": \"left\", \"landmark\": \"HF\", \"x_mm\": \"1\"}}", "x_mm"},
        {"{\"correct\": {\"side\": \"left\", \"length_mm\": 3000}}", "length_mm"},
        {"{\"correct\": {\"side\": \"left\", \"angle_deg\": 3}}", "heel"},
        {"{\"correct\": {\"side\": \"left\", \"heel\": {\"x_mm\": 1, \"y_mm\": 2}}}", "angle_deg"},
        {"{\"correct\": {\"side\": \"left\", \"x_mm\": 1, \"y_mm\": 2}}", "landmark"},
        {"{\"correct\": {\"side\": \"left\", \"lenght_mm\": 250}}", "lenght_mm"},
        {"{\"feet\": [{\"side\": \"left\"}, {\"side\": \"left\"}]}", "one side"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct result *result = analyzed(wrong[i].text, NULL);

        assert_true(result->n_warnings >= 1);
        assert_non_null(strstr(result->warnings[0], "operator"));
        assert_non_null(strstr(result->warnings[0], wrong[i].word));
        assert_false(result->feet[0].axis_given || result->feet[0].length_given);
        result_free(result);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && !fclose(file));
}

/* A file is heard after the recording; a damaged one is refused with its line. */
static void a_file_may_add_corrections(void **state)
{
    char path[] = "/tmp/tenderfoot-correct-XXXXXX";
    struct problem why = {0};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0 && !close(fd));
    write_file(path, "\n{\"correct\": {\"side\": \"left\", \"length_mm\": 257}}\n"
                     "{\"subject\": {\"age_years\": 61}}\n");
    struct result *result =
        analyzed("{\"correct\": {\"side\": \"left\", \"length_mm\": 249}}", path);
    assert_true(result->feet[0].length_mm == 257 && result->age_years == 61);
    result_free(result);
    write_file(path, "{\"correct\": {\"side\": \"left\", \"length_mm\": 257}}\n{\"note\": {}}\n");
    assert_null(analyze(NULL, path, &why));
    assert_non_null(strstr(why.text, "line 2"));
    write_file(path, "{\"correct\"");
    assert_null(analyze(NULL, path, &why));
    assert_non_null(strstr(why.text, "line 1"));
    unlink(path);
    assert_null(analyze(NULL, path, &why));
    assert_non_null(strstr(why.text, path));
}

/* A file can be mended: the first member in it that may not be is refused, with its value and what
 * is allowed. Once it was left out with a warning, or without one. */
static void a_wrong_value_in_a_file_is_refused_with_what_is_allowed(void **state)
{
    static const struct {
        const char *line, *key, *value, *allowed;
    } wrong[] = {
        {"{\"correct\": {\"side\": \"left\", \"length_mm\": 3000}}", "length_mm", "3000",
         "80 to 400"},
        {"{\"correct\": {\"side\": \"left\", \"length_mm\": \"250\"}}", "length_mm", "\"250\"",
         "80 to 400"},
        {"{\"correct\": {\"side\": \"up\", \"length_mm\": 250}}", "side", "up", "right"},
        {"{\"correct\": {\"side\": \"left\", \"lenght_mm\": 250}}", "lenght_mm", "", "length_mm"},
        {"{\"correct\": {\"side\": \"left\", \"landmark\": \"XX\", \"x_mm\": 1, \"y_mm\": 1}}",
         "landmark", "XX", "MTH1"},
        {"{\"correct\": {\"side\": \"left\", \"landmark\": \"HF\", \"x_mm\": 1, \"y_mm\": 99999}}",
         "y_mm", "99999", "10000"},
        {"{\"correct\": {\"side\": \"left\", \"landmark\": \"HF\", \"x_mm\": 1}}", "y_mm",
         "missing", "10000"},
        {"{\"correct\": [{\"side\": \"left\", \"heel\": 5, \"angle_deg\": 3}]}", "heel", "5",
         "x_mm"},
        {"{\"correct\": {\"side\": \"left\", \"heel\": {\"x_mm\": 1, \"y_mm\": 2}, \"angle_deg\": "
         "361}}",
         "angle_deg", "361", "-360 to 360"},
        {"{\"correct\": [4]}", "correct", "4", "object"},
        {"{\"corect\": {}, \"subject\": {}}", "corect", "", "feet"},
        {"{\"subject\": {\"age_years\": 200}}", "age_years", "200", "0 to 150"},
        {"{\"subject\": {\"body_mass_kg\": \"80\"}}", "body_mass_kg", "80", "1 to 1000"},
        {"{\"subject\": {\"foot_length_mm\": {\"left\": 60}}}", "left", "60", "80 to 400"},
        {"{\"subject\": {\"foot_length_mm\": 250}}", "foot_length_mm", "250", "object"},
        {"{\"subject\": {\"shoe\": 43}}", "shoe", "", "age_years"},
        {"{\"subject\": {\"sex\": \"f\"}}", "sex", "f", "female"},
        {"{\"feet\": [{\"side\": \"lefft\"}]}", "side", "lefft", "right"},
        {"{\"feet\": {\"side\": \"left\"}}", "feet", "", "list"},
        {"{\"feet\": [{\"side\": \"right\"}, {\"side\": \"right\"}]}", "feet", "right", "one left"},
        {"{\"schema\": \"other/1\", \"subject\": {}}", "schema", "other/1",
         "tenderfoot/annotation/1"},
    };
    char path[] = "/tmp/tenderfoot-correct-XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0 && !close(fd));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct problem why = {0};
        char text[300];

        snprintf(text, sizeof text, "{\"subject\": {\"age_years\": null}}\n%s\n", wrong[i].line);
        write_file(path, text);
        assert_null(analyze(NULL, path, &why));
        print_message("%s\n", why.text);
        assert_int_equal(why.kind, PROBLEM_REFUSED);
        assert_non_null(strstr(why.text, path));
        assert_non_null(strstr(why.text, "line 2"));
        assert_non_null(strstr(why.text, wrong[i].key));
        assert_non_null(strstr(why.text, wrong[i].value));
        assert_non_null(strstr(why.text, wrong[i].allowed));
    }
    unlink(path);
}

/* A file that is too long is not read in part. */
static void a_file_of_too_many_lines_is_refused(void **state)
{
    char path[] = "/tmp/test_corrections_XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "w");
    struct problem why = {0};

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 10001; i++)
        fputs("{\"subject\": {\"sex\": \"female\"}}\n", file);
    fclose(file);
    assert_null(analyze(NULL, path, &why));
    unlink(path);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "more than 10000 lines"));
}

/* None in it, no text, or a line without an end: it is no file of corrections. */
static void what_is_no_file_of_corrections_is_refused(void **state)
{
    static char endless[70000];
    static const char zero[] = "{\"subject\": {\"sex\": \"male\"}}\0, ...";
    char path[] = "/tmp/test_corrections_XXXXXX";
    int descriptor = mkstemp(path);
    struct problem why = {0};

    (void)state;
    assert_true(descriptor >= 0);
    assert_null(analyze(NULL, path, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "no correction"));
    assert_int_equal(write(descriptor, zero, sizeof zero), sizeof zero);
    assert_null(analyze(NULL, path, &why));
    assert_non_null(strstr(why.text, "line 1: holds a zero byte"));
    memset(endless, ' ', sizeof endless);
    assert_int_equal(pwrite(descriptor, endless, sizeof endless, 0), sizeof endless);
    assert_null(analyze(NULL, path, &why));
    assert_non_null(strstr(why.text, "longer than 64 KiB"));
    close(descriptor);
    unlink(path);
    assert_null(analyze(NULL, path, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED); /* as any file that is not there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_given_unasked),
        cmocka_unit_test(a_landmark_moved_by_hand_stays_there),
        cmocka_unit_test(axis_and_length_by_hand_win),
        cmocka_unit_test(ends_move_along_the_axis),
        cmocka_unit_test(one_end_gives_a_length_where_the_other_is_known),
        cmocka_unit_test(a_foot_that_never_stood_says_what_is_known_of_it),
        cmocka_unit_test(wrong_corrections_are_told),
        cmocka_unit_test(a_file_may_add_corrections),
        cmocka_unit_test(a_wrong_value_in_a_file_is_refused_with_what_is_allowed),
        cmocka_unit_test(a_file_of_too_many_lines_is_refused),
        cmocka_unit_test(what_is_no_file_of_corrections_is_refused),
    };

    return cmocka_run_group_tests(tests, draw, drop);
}
