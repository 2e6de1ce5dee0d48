/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both ways through the chart, and the chart as a picture. */
#include "analysis/atlas/atlas_query.h"
#include "analysis/report/atlas_picture.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct atlas *atlas;
static struct foot_frame frame;
static struct landmarks landmarks;

static int load(void **state)
{
    struct problem why = {0};

    (void)state;
    atlas = atlas_load(NULL, &why);
    frame = foot_frame_template(SIDE_LEFT, (struct point){131, 77}, 23.5, ATLAS_LENGTH_MM);
    landmarks = landmarks_template();
    return atlas ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    atlas_free(atlas);
    return 0;
}

static double confidence(const char *id, double u, double v, double error_mm)
{
    return atlas_confidence(atlas_find(atlas, id), &frame, &landmarks, (struct uv){u, v}, error_mm);
}

/* P17 is nearly a circle of 8 mm: a round normal error of s about its middle lies in it with the
 * probability 1 - exp(-r^2 / 2 s^2). */
static void confidence_is_the_probability_of_a_circle(void **state)
{
    double w = foot_frame_width_mm(&frame, 0.13);
    double r = sqrt(0.032 * 250 * 0.129 * w);

    (void)state;
    for (double s = 3.1; s < 20; s *= 1.7) {
        double expected = 1 - exp(-r * r / (2 * s * s));
        assert_true(fabs(confidence("P17", 0.13, 0.5, s) - expected) < 0.02);
    }
    assert_true(confidence("P17", 0.13, 0.5, 0) > 0.99);
    assert_true(confidence("P17", 0.20, 0.5, 0) < 0.01);
    assert_true(confidence("N05", 0.45, 0, 5) < 1e-9);
}

static void a_press_is_in_every_zone_that_contains_it(void **state)
{
    struct atlas_hit hits[48];
    int n = atlas_hits(atlas, &frame, &landmarks, (struct uv){0.13, 0.5}, 0, 0.05, hits, 48);
    int found = 0;

    (void)state;
    for (int i = 0; i < n; i++)
        found += !strcmp(hits[i].zone->id, "P16") + !strcmp(hits[i].zone->id, "P17") +
                 !strcmp(hits[i].zone->id, "P18");
    assert_int_equal(found, 3);
    assert_int_equal(n, 3);
    n = atlas_hits(atlas, &frame, &landmarks, (struct uv){0.13, 0.61}, 6, 0.05, hits, 48);
    assert_true(n >= 3);
    for (int i = 1; i < n; i++)
        assert_true(hits[i - 1].confidence >= hits[i].confidence);
    assert_string_equal(hits[0].zone->id, "P16");
    /* A list that is full keeps the surest. */
    struct atlas_hit few[2];
    assert_int_equal(
        atlas_hits(atlas, &frame, &landmarks, (struct uv){0.13, 0.61}, 6, 0.05, few, 2), 2);
    assert_ptr_equal(few[0].zone, hits[0].zone);
    assert_ptr_equal(few[1].zone, hits[1].zone);
}

/* The same on the other foot, mirrored: nothing of the answer knows where the foot lies. */
static void left_and_right_answer_alike(void **state)
{
    struct foot_frame right = foot_frame_template(SIDE_RIGHT, (struct point){-40, 210}, -151, 250);

    (void)state;
    for (int z = 0; z < atlas_count(atlas); z++) {
        struct uv at = {0.443, 0.353};
        const struct atlas_zone *zone = atlas_zone(atlas, z);
        double a = atlas_confidence(zone, &frame, &landmarks, at, 0);
        double b = atlas_confidence(zone, &right, &landmarks, at, 0);
        assert_true(fabs(a - b) < 1e-9);
        assert_true(fabs(atlas_confidence(zone, &frame, &landmarks, at, 5) -
                         atlas_confidence(zone, &right, &landmarks, at, 5)) < 0.04);
    }
}

static void an_organ_leads_to_its_places(void **state)
{
    static const char *const expected[][2] = {
        {"liver", "P07"},   {"stomach", "P13"}, {"stomach", "N07"},
        {"lungs", "P08"},   {"lungs", "P09"},   {"p04", "P04.3"},
        {"adrenal", "P12"}, {"kidney", "P06"},  {"ovaries", "P18"}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_true(atlas_zone_matches(atlas_find(atlas, expected[i][1]), expected[i][0]));
    assert_false(atlas_zone_matches(atlas_find(atlas, "P07"), "stomach"));
}

static void the_picture_holds_all_its_words(void **state)
{
    struct atlas_picture picture = {.atlas = atlas, .length_mm = 250};
    struct report_check check;
    struct problem why = {0};
    struct text first, second;

    (void)state;
    assert_int_equal(atlas_picture_render(&picture, REPORT_PDF, &first, &check, &why), 0);
    assert_int_equal(check.outside, 0);
    assert_int_equal(check.cut, 0);
    assert_true(check.texts > 60);
    assert_int_equal(atlas_picture_render(&picture, REPORT_PDF, &second, &check, &why), 0);
    assert_true(first.n == second.n && !memcmp(first.bytes, second.bytes, first.n));
    text_free(&first);
    text_free(&second);
    picture.beside = atlas;
    picture.wanted = "stomach";
    assert_int_equal(atlas_picture_render(&picture, REPORT_PNG, &first, &check, &why), 0);
    assert_true(check.texts < 20);
    text_free(&first);
    for (long n = 1, failed = 1; failed && n < 40; n++) {
        failing_malloc_at(n);
        int bad = atlas_picture_render(&picture, REPORT_SVG, &first, &check, &why);
        failed = failing_malloc_off();
        assert_true(bad || !failed);
        if (!bad)
            text_free(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confidence_is_the_probability_of_a_circle),
        cmocka_unit_test(a_press_is_in_every_zone_that_contains_it),
        cmocka_unit_test(left_and_right_answer_alike),
        cmocka_unit_test(an_organ_leads_to_its_places),
        cmocka_unit_test(the_picture_holds_all_its_words),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
