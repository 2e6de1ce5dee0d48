/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two stands of one person compared: which changes are told from the measuring error, what is
 * refused, and that every sentence may be printed. */
#include "analysis/change/load_change_json.h"
#include "analysis/change/mean_error.h"
#include "analysis/wording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define SEED 4711

/* Two feet, each number with an error of a hundredth of it. */
static struct visit stand(double scale)
{
    struct visit v = {.has_foot = {1, 1}, .force_n = 700};
    for (int k = 0; k < 2; k++)
        for (int key = 0; key < CHANGE_KEYS; key++)
            v.foot[k][key] =
                (struct measured){.value = scale * (20 + 7 * key + k), .sem = 0.2 + 0.07 * key};
    for (int key = 0; key < SWAY_HEADLINES; key++)
        v.sway[key] = (struct measured){.value = scale * (4 + key), .sem = 0.5};
    return v;
}

static struct result recording(const char *client, const char *serial)
{
    return (struct result){
        .grid = {96, 96, 5, 5},
        .threshold_kpa = 5,
        .mean_force_n = 700,
        .facts = {.client = (char *)(uintptr_t)client, .device_serial = (char *)(uintptr_t)serial}};
}

static void test_small_and_large_changes(void **state)
{
    (void)state;
    struct visit before = stand(1), after = stand(1);
    struct load_change change;
    after.foot[0][CHANGE_AREA].value += 1.96 * M_SQRT2 * 0.2 + 0.01;
    after.foot[1][CHANGE_AREA].value -= 1.96 * M_SQRT2 * 0.2 - 0.01;
    after.foot[0][CHANGE_PEAK].sem = NAN;
    strcpy(after.foot[0][CHANGE_PEAK].reason, "the calibration of a recording states no error");
    after.sway[SWAY_ELLIPSE].value *= 3;
    load_change(&before, &after, NULL, 0, &change);
    assert_int_equal(change.foot[0][CHANGE_AREA].verdict, CHANGE_BEYOND);
    assert_int_equal(change.foot[1][CHANGE_AREA].verdict, CHANGE_WITHIN);
    assert_int_equal(change.foot[0][CHANGE_PEAK].verdict, CHANGE_UNKNOWN);
    assert_non_null(strstr(change.foot[0][CHANGE_PEAK].reason, "states no error"));
    assert_int_equal(change.sway[SWAY_ELLIPSE].verdict, CHANGE_BEYOND);
    assert_int_equal(change.sway[SWAY_RMS_ML].verdict, CHANGE_WITHIN);
    assert_int_equal(change.foot[0][CHANGE_AREA].from_repeats, 0);
}

/* Open eyes against closed ones is no change of sway, and says so; feet compare all the same. A
 * recording that does not state it may be either. */
static void test_eyes_are_not_mixed(void **state)
{
    (void)state;
    struct visit before = stand(1), after = stand(1);
    struct load_change change;
    strcpy(before.protocol, "sway_eyes_open");
    strcpy(after.protocol, "sway_eyes_closed");
    load_change(&before, &after, NULL, 0, &change);
    for (int key = 0; key < SWAY_HEADLINES; key++) {
        assert_int_equal(change.sway[key].verdict, CHANGE_UNKNOWN);
        assert_true(isnan(change.sway[key].before) && isnan(change.sway[key].after));
        assert_non_null(strstr(change.sway[key].reason, "open before and closed after"));
    }
    assert_int_equal(change.foot[0][CHANGE_AREA].verdict, CHANGE_WITHIN);
    strcpy(after.protocol, "stand");
    load_change(&before, &after, NULL, 0, &change);
    assert_int_equal(change.sway[SWAY_RMS_ML].verdict, CHANGE_WITHIN);
}

/* A person whose repeats differ by more than the plate's error: they are the measuring error. */
static void test_repeats_come_first(void **state)
{
    (void)state;
    struct visit before = stand(1), after = stand(1.06),
                 repeats[3] = {stand(0.95), stand(1.05), stand(1.02)};
    struct load_change change;
    load_change(&before, &after, NULL, 0, &change);
    assert_int_equal(change.foot[0][CHANGE_AREA].verdict, CHANGE_BEYOND);
    load_change(&before, &after, repeats, 3, &change);
    assert_int_equal(change.repeats, 4);
    assert_int_equal(change.foot[0][CHANGE_AREA].from_repeats, 1);
    assert_int_equal(change.foot[0][CHANGE_AREA].verdict, CHANGE_WITHIN);
    /* SD of 1, 0.95, 1.05, 1.02 is sqrt(0.0053 / 3) */
    assert_near(change.foot[0][CHANGE_AREA].sem, 20 * sqrt(0.0053 / 3), 0.01);
}

/* Nothing changed, and the error is told by few repeats (the one before among them, which ties the
 * change to its error): "beyond" is said of no more than 5 in 100 and a little. */
static void test_unchanged_numbers_by_few_repeats(void **state)
{
    (void)state;
    enum { DRAWS = 1500, NUMBERS = 2 * CHANGE_KEYS + SWAY_HEADLINES };
    uint64_t seed = SEED;
    for (size_t n = 2; n <= 5; n++) {
        int beyond = 0, compared = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            struct visit v[6];
            struct load_change change;
            for (size_t i = 0; i <= n; i++) {
                v[i] = stand(1);
                for (int key = 0; key < 2 * CHANGE_KEYS; key++)
                    v[i].foot[key % 2][key / 2].value += 3 * sway_normal(&seed);
                for (int key = 0; key < SWAY_HEADLINES; key++)
                    v[i].sway[key].value += 0.1 * sway_normal(&seed);
            }
            load_change(&v[0], &v[n], v + 1, n - 1, &change);
            for (int key = 0; key < 2 * CHANGE_KEYS; key++)
                beyond += change.foot[key % 2][key / 2].verdict == CHANGE_BEYOND;
            for (int key = 0; key < SWAY_HEADLINES; key++)
                beyond += change.sway[key].verdict == CHANGE_BEYOND;
            compared += change.compared;
        }
        double share = (double)beyond / compared;
        printf("%zu repeats: %.2f %% of unchanged numbers are beyond (seed %d)\n", n, 100 * share,
               SEED);
        assert_int_equal(compared, DRAWS * NUMBERS);
        assert_true(share > 0.02 && share <= 0.07);
    }
}

static void expect_warning(const struct load_change *change, int n, const char *words)
{
    assert_true(change->n_warnings > n);
    if (!strstr(change->warnings[n], words))
        fail_msg("'%s' does not say '%s'", change->warnings[n], words);
    assert_int_equal(wording_check(change->warnings[n], NULL), 0);
}

/* A repeat of somebody else: another name, weight, foot, or none. */
static void test_strange_repeats(void **state)
{
    (void)state;
    struct visit before = stand(1), other = stand(1);
    struct load_change change = {0};
    strcpy(before.client, "A. Weber");
    before.foot_length_mm[0] = before.foot_length_mm[1] = 250;
    struct visit repeats[2] = {before, before};
    repeats[1].force_n = 730;
    repeats[1].foot_length_mm[0] = 260;
    repeats[1].foot_length_mm[1] = NAN;
    repeats[0].client[0] = 0;
    load_change_warn_repeats(&before, repeats, 2, &change);
    load_change_warn_length(&before, &repeats[1], &change);
    assert_int_equal(change.n_warnings, 0);
    strcpy(other.client, "B. Weber");
    other.force_n = 800;
    other.has_foot[0] = 0;
    other.foot_length_mm[1] = 270;
    repeats[1] = other;
    load_change_warn_repeats(&before, repeats, 2, &change);
    assert_int_equal(change.n_warnings, 4);
    expect_warning(&change, 0, "Repeat 2 names another person (B. Weber, not A. Weber)");
    expect_warning(&change, 1, "800 N in repeat 2");
    expect_warning(&change, 2, "right foot is 250 mm long before and 270 mm in repeat 2");
    expect_warning(&change, 3, "left foot was not found in repeat 2");
    for (int k = 0; k < 20; k++) /* more than there is room for */
        load_change_warn_length(&before, &other, &change);
    expect_warning(&change, 4, "270 mm after");
}

/* A left foot against a right one, and nothing against anything. */
static void test_nothing_to_compare(void **state)
{
    (void)state;
    struct visit left = stand(1), right = stand(1), none = stand(1);
    struct load_change change;
    struct problem why = {0};
    left.has_foot[1] = right.has_foot[0] = none.has_foot[0] = none.has_foot[1] = 0;
    load_change(&left, &right, NULL, 0, &change);
    assert_int_equal(load_change_is_empty(&left, &right, &change, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "the left foot was found before and the right foot after"));
    load_change(&none, &none, NULL, 0, &change); /* a table of sway has no feet */
    assert_int_equal(load_change_is_empty(&none, &none, &change, &why), 0);
    for (int key = 0; key < SWAY_HEADLINES; key++)
        none.sway[key] = (struct measured){NAN, NAN, "nobody stood still"};
    load_change(&none, &left, NULL, 0, &change);
    assert_int_equal(load_change_is_empty(&none, &left, &change, &why), -1);
    assert_non_null(strstr(why.text, "no sway, as nobody stood still"));
    load_change(&left, &left, NULL, 0, &change);
    assert_int_equal(load_change_is_empty(&left, &left, &change, &why), 0);
    assert_string_equal(change.foot_reason[1], "it was not found in either recording");
    assert_int_equal(change.foot_reason[0][0], 0);
}

static void expect_refused(const struct result *a, const struct result *b, const char *words)
{
    struct problem why = {0};
    assert_int_equal(load_change_check(a, b, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void test_what_does_not_compare(void **state)
{
    (void)state;
    struct result a = recording("A", "N1"), b = recording("A", "N1");
    struct problem why;
    assert_int_equal(load_change_check(&a, &b, &why), 0);
    b.threshold_kpa = 10;
    expect_refused(&a, &b, "thresholds of 5 and 10 kPa");
    b = recording("A", "N2");
    expect_refused(&a, &b, "plate N1 before and plate N2 after");
    b = recording("A", "N1");
    b.grid.pitch_x_mm = 8;
    expect_refused(&a, &b, "96 x 96 of 8 x 5 mm after");
}

static void test_warnings(void **state)
{
    (void)state;
    struct visit v = stand(1);
    struct load_change change;
    struct result a = recording("A. Weber", "N1"), b = recording("B. Weber", NULL);
    struct visit nine[9] = {v, v, v, v, v, v, v, v, v};
    load_change(&v, &v, nine, 9, &change);
    load_change_warn(&a, &a, &change);
    assert_int_equal(change.n_warnings, 0);
    load_change(&v, &v, nine, 8, &change);
    load_change_warn(&a, &a, &change);
    assert_int_equal(change.n_warnings, 1);
    assert_non_null(strstr(change.warnings[0], "9 recordings tell the measuring error"));
    assert_int_equal(wording_check(change.warnings[0], NULL), 0);
    b.mean_force_n = 790;
    load_change(&v, &v, NULL, 0, &change);
    load_change_warn(&a, &b, &change);
    assert_int_equal(change.n_warnings, 4);
    assert_non_null(strstr(change.warnings[0], "different people (A. Weber and B. Weber)"));
    for (int k = 0; k < change.n_warnings; k++)
        assert_int_equal(wording_check(change.warnings[k], NULL), 0);
}

static int sentences;
static void check_sentence(void *to, const char *text)
{
    struct problem why;
    (void)to;
    if (wording_check(text, &why))
        fail_msg("%s", why.text);
    assert_true(text[0] >= 'A' && text[0] <= 'Z' && text[strlen(text) - 1] == '.');
    assert_true(strlen(text) < 239);
    sentences++;
}

/* Every sentence: larger, smaller, as before, unknown, nothing known, very large numbers. */
static void test_words(void **state)
{
    (void)state;
    static const double scales[] = {1, 1.000001, 1.01, 0.6, 2, NAN, 1e9};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        struct visit before = stand(1), after = stand(scales[i]);
        struct load_change change;
        after.foot[1][CHANGE_ARCH].sem = NAN;
        strcpy(after.foot[1][CHANGE_ARCH].reason, "nobody stood still for long enough");
        load_change(&before, &after, NULL, 0, &change);
        sentences = 0;
        load_change_sentences(&change, check_sentence, NULL);
        /* What sway as a whole lacks is said once. */
        assert_int_equal(sentences, 2 * CHANGE_KEYS + (isnan(scales[i]) ? 1 : SWAY_HEADLINES));
    }
    char text[240];
    struct change c = {
        .before = 104.13, .after = 110.32, .verdict = CHANGE_BEYOND, .from_repeats = 1};
    change_sentence(&c, "contact area, left foot,", "cm2", 1, text);
    assert_string_equal(text,
                        "Contact area, left foot, is 6.2 cm2 larger than before (104.1 to 110.3 "
                        "cm2): beyond the measuring error.");
    c.from_repeats = 0; /* how differently a person stands each time is not known: no such claim */
    change_sentence(&c, "contact area, left foot,", "cm2", 1, text);
    assert_non_null(strstr(text, ": beyond what the plate errs and each stand scatters."));
    c = (struct change){
        .before = 52.1, .after = 49.9, .verdict = CHANGE_UNKNOWN, .reason = "no error is stated"};
    change_sentence(&c, "share of the load, left foot,", "%", 1, text);
    assert_string_equal(
        text, "Share of the load, left foot, is 2.2 points smaller than before (52.1 to "
              "49.9 %): whether beyond the measuring error is unknown: no error is stated.");
    /* The change told is that of the numbers told. */
    c.before = 42.96, c.after = 43.04;
    change_sentence(&c, "share of the load, left foot,", "%", 1, text);
    assert_string_equal(text, "Share of the load, left foot, is as before (43.0 %).");
    c.verdict = CHANGE_BEYOND; /* never rounded away */
    change_sentence(&c, "share of the load, left foot,", "%", 1, text);
    assert_non_null(strstr(text, " is 0.08 points larger than before (42.96 to 43.04 %): beyond"));
}

/* The error of a mean over frames that remember is that of far fewer frames: over many stands the
 * means scatter as it says. */
static void test_error_of_a_mean(void **state)
{
    (void)state;
    enum { STANDS = 400, FRAMES = 2000 };
    static double x[FRAMES];
    uint64_t seed = SEED;
    double told = 0, squares = 0;
    for (int k = 0; k < STANDS; k++) {
        double mean = 0, p = 0.97;
        x[0] = sway_normal(&seed) / sqrt(1 - p * p);
        for (int i = 1; i < FRAMES; i++)
            x[i] = p * x[i - 1] + sway_normal(&seed);
        for (int i = 0; i < FRAMES; i++)
            mean += x[i] / FRAMES;
        squares += mean * mean / STANDS;
        told += mean_error(x, FRAMES) / STANDS;
    }
    printf("means scatter by %.3f, told %.3f, as if independent %.3f (seed %d)\n", sqrt(squares),
           told, 1 / sqrt(1 - 0.97 * 0.97) / sqrt(FRAMES), SEED);
    assert_near(told / sqrt(squares), 0.95, 0.15);
    assert_true(isnan(mean_error(x, 15)));
    for (int i = 0; i < FRAMES; i++)
        x[i] = 3;
    assert_near(mean_error(x, FRAMES), 0, 1e-12);
}

static void test_json(void **state)
{
    (void)state;
    struct visit before = stand(1), after = stand(1.3);
    struct load_change change;
    struct result a = recording("A", "N1"), b = recording("A\xff", "N1");
    after.has_foot[1] = 0;
    load_change(&before, &after, NULL, 0, &change);
    load_change_warn(&a, &b, &change);
    json_t *made = load_change_json(&change, &a, &b);
    const json_t *area = json_object_get(json_object_get(made, "left"), "area_cm2");
    assert_near(json_number_value(json_object_get(area, "change")), 6, 1e-9);
    assert_near(json_number_value(json_object_get(area, "mdc95")), 1.96 * M_SQRT2 * 0.2, 1e-9);
    assert_true(json_is_true(json_object_get(area, "is_beyond_measuring_error")));
    assert_true(json_is_null(json_object_get(made, "right")));
    assert_true(json_is_string(json_object_get(made, "right_reason")));
    assert_non_null(strstr(json_string_value(json_array_get(json_object_get(made, "warnings"), 0)),
                           "(A and A?)"));
    json_decref(made);
}

static void *counted_malloc(size_t n)
{
    return malloc(n);
}

static void test_json_is_whole_or_null(void **state)
{
    (void)state;
    struct visit before = stand(1), after = stand(1.3);
    struct load_change change;
    struct result a = recording("A", "N1"), b = recording("\xc3\xa9\xe2\x82\xac", "N1");
    after.sway[SWAY_RMS_ML] = (struct measured){NAN, NAN, "nobody stood still"};
    load_change(&before, &after, NULL, 0, &change);
    load_change_warn(&a, &b, &change);
    json_set_alloc_funcs(counted_malloc, free);
    long n = 1;
    for (int failed = 1; failed; n++) {
        failing_malloc_at(n);
        json_t *made = load_change_json(&change, &a, &b);
        failed = failing_malloc_off();
        assert_int_equal(made == NULL, failed);
        json_decref(made);
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(n > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_and_large_changes),
        cmocka_unit_test(test_eyes_are_not_mixed),
        cmocka_unit_test(test_repeats_come_first),
        cmocka_unit_test(test_unchanged_numbers_by_few_repeats),
        cmocka_unit_test(test_strange_repeats),
        cmocka_unit_test(test_nothing_to_compare),
        cmocka_unit_test(test_what_does_not_compare),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_error_of_a_mean),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_json_is_whole_or_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
