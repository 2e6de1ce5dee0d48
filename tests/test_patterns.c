/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load patterns: drawn people whose load is known are named as they stand, each of the six patterns
 * just where its norm's bound says and no further, told apart from its measuring error, and not at
 * all where the print, the person or the plate do not allow it. Every sentence that comes out keeps
 * to the allowed words. */
#include "analysis/patterns.h"
#include "analysis/analyzer.h"
#include "analysis/load/symmetry.h"
#include "analysis/report/pattern_words.h"
#include "analysis/report/report.h"
#include "analysis/result.h"
#include "analysis/wording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/standing_feet.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SEED 20261122
#define FRAMES 12

static const struct grid plate = {96, 96, 5, 5};
static const char both_feet[] = "{\"feet\":[{\"side\":\"left\"},{\"side\":\"right\"}]}";

/* --- People ----------------------------------------------------------------------------------- */

/* What a cell of a foot carries beside the usual. */
typedef double (*carries)(struct uv place);

static double usual(struct uv place)
{
    (void)place;
    return 1;
}

static double light_heel(struct uv place)
{
    return place.u < 0.3 ? 0.25 : 1;
}

static double heavy_front(struct uv place)
{
    return place.u > 0.62 ? 4 : 1;
}

static double heavy_inside(struct uv place)
{
    return place.v < 0.5 ? 3 : 1;
}

static void weigh(struct standing *s, int foot, carries share)
{
    for (int row = 0; row < plate.rows; row++)
        for (int col = 0; col < plate.cols; col++) {
            struct point at = grid_centre(&plate, row, col);
            struct uv place = foot_frame_to_uv(&s->frame[foot], at);

            if (place.u > -0.1 && place.u < 1.1 && place.v > -0.2 && place.v < 1.2)
                s->kpa[(size_t)row * (size_t)plate.cols + (size_t)col] *= (float)share(place);
        }
}

static struct result *analyse(const float *kpa, const char *annotation)
{
    const struct analyzer_options options = {
        .threshold_kpa = 5, .min_force_n = 20, .protocol = "stand"};
    struct problem why = {0};
    struct analyzer *analyzer = analyzer_begin(&plate, 100, &options, &why);
    struct result *result;

    assert_non_null(analyzer);
    assert_int_equal(analyzer_annotation(analyzer, 0, both_feet, strlen(both_feet), &why), 0);
    if (annotation)
        assert_int_equal(analyzer_annotation(analyzer, 0, annotation, strlen(annotation), &why), 0);
    for (uint64_t i = 1; i <= FRAMES; i++)
        assert_int_equal(analyzer_frame(analyzer, 10000 * i, kpa, &why), 0);
    result = analyzer_finish(analyzer, NULL, &why);
    if (!result)
        fail_msg("%s", why.text);
    return result;
}

/* Two feet of this arch and length; each carries what `left` and `right` say. */
static struct result *person(double arch, double length_mm, carries left, carries right)
{
    struct standing_range range = standing_usual(2);
    struct standing s = {0};
    struct result *result;
    struct dice dice;

    dice_begin(&dice, SEED, "patterns");
    range.arch_low = range.arch_high = arch;
    range.length_low_mm = range.length_high_mm = length_mm;
    range.toes_low = range.toes_high = 1;
    standing_draw(&s, &plate, &range, &dice);
    weigh(&s, 0, left);
    weigh(&s, 1, right);
    result = analyse(s.kpa, NULL);
    assert_int_equal(result->n_feet, 2);
    standing_free(&s);
    return result;
}

static void judge_again(struct result *result)
{
    struct problem why = {0};

    if (patterns_find(result, &why))
        fail_msg("%s", why.text);
}

static const struct pattern *named(const struct result *result, enum pattern_id id, enum side side)
{
    for (int i = 0; i < result->patterns.n; i++)
        if (result->patterns.list[i].id == id && result->patterns.list[i].side == side)
            return &result->patterns.list[i];
    return NULL;
}

/* The reason for which it could not be judged, or "". */
static const char *not_told(const struct result *result, enum pattern_id id, enum side side)
{
    for (int i = 0; i < result->patterns.n_not_told; i++)
        if (result->patterns.not_told[i].id == id && result->patterns.not_told[i].side == side)
            return result->patterns.not_told[i].why;
    return "";
}

static void assert_not_told(const struct result *result, enum pattern_id id, enum side side,
                            const char *says)
{
    assert_null(named(result, id, side));
    if (!strstr(not_told(result, id, side), says))
        fail_msg("%s: \"%s\" does not say \"%s\"", pattern_name(id), not_told(result, id, side),
                 says);
}

/* --- People are named as they stand ----------------------------------------------------------- */

#define ONLY(id) (1u << (id))

static unsigned named_on(const struct result *result, enum side side)
{
    unsigned found = 0;

    for (int id = 0; id < PATTERN_LEFT_RIGHT; id++)
        found |= named(result, (enum pattern_id)id, side) ? ONLY(id) : 0;
    return found;
}

static void people_are_named_as_they_stand(void **state)
{
    static const struct {
        double arch;
        carries left, right;
        unsigned on_left, on_right;
    } people[] = {
        {0.5, usual, usual, 0, 0},
        {0.05, usual, usual, ONLY(PATTERN_FLAT_LOAD), ONLY(PATTERN_FLAT_LOAD)},
        {0.95, usual, usual, ONLY(PATTERN_HIGH_ARCH), ONLY(PATTERN_HIGH_ARCH)},
        {0.5, heavy_inside, light_heel, ONLY(PATTERN_INWARD_LEAN), ONLY(PATTERN_REDUCED_HEEL)},
        {0.5, usual, heavy_front, 0, ONLY(PATTERN_FOREFOOT_LOAD) | ONLY(PATTERN_REDUCED_HEEL)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        struct result *result = person(people[i].arch, 255, people[i].left, people[i].right);

        print_message("person %zu: %x and %x\n", i, named_on(result, SIDE_LEFT),
                      named_on(result, SIDE_RIGHT));
        assert_int_equal(named_on(result, SIDE_LEFT), people[i].on_left);
        assert_int_equal(named_on(result, SIDE_RIGHT), people[i].on_right);
        result_free(result);
    }
}

/* --- Just named, just not named --------------------------------------------------------------- */

/* A norm of one number with one bound; the pattern is named at or above it, or below it. */
static void set_bound(struct result *result, enum pattern_id id, const char *number, double bound,
                      int above)
{
    struct problem why = {0};
    char text[1200];

    snprintf(text, sizeof text,
             "{\"schema\":\"tenderfoot/norms/1\",\"name\":\"n\",\"version\":\"1\",\"norms\":[{"
             "\"id\":\"a\",\"name\":\"a bound\",\"number\":\"%s\",\"task\":\"stand\","
             "\"basis\":\"project\",\"source\":\"a test\",\"device\":\"d\",\"people\":\"p\","
             "\"classes\":[{\"name\":\"low\",\"below\":%.17g},{\"name\":\"high\"}]}],"
             "\"patterns\":[{\"pattern\":\"%s\",\"conditions\":[{\"norm\":\"a\",\"class\":\"%s\"}]"
             "}]}",
             number, bound, pattern_name(id), above ? "high" : "low");
    norms_free(result->norms);
    result->norms = norms_parse(text, strlen(text), "test", &why);
    if (!result->norms)
        fail_msg("%s", why.text);
    judge_again(result);
}

static void each_is_named_up_to_its_bound(void **state)
{
    static const struct {
        enum pattern_id id;
        const char *number;
        int above;
    } rules[] = {
        {PATTERN_FLAT_LOAD, "arch_index", 1},       {PATTERN_HIGH_ARCH, "arch_index", 0},
        {PATTERN_INWARD_LEAN, "medial_percent", 1}, {PATTERN_INWARD_LEAN, "cop_v", 0},
        {PATTERN_REDUCED_HEEL, "heel_percent", 0},  {PATTERN_FOREFOOT_LOAD, "forefoot_percent", 1},
    };
    struct result *result = person(0.5, 255, usual, usual);

    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        int sign = rules[i].above ? 1 : -1;
        const struct pattern *pattern;
        double value, error;

        set_bound(result, rules[i].id, rules[i].number, rules[i].above ? -1e5 : 1e5,
                  rules[i].above);
        pattern = named(result, rules[i].id, SIDE_LEFT);
        assert_non_null(pattern);
        value = pattern->value;
        error = pattern->error;
        assert_true(isfinite(value) && error > 0);

        set_bound(result, rules[i].id, rules[i].number, value - sign * 1e-9, rules[i].above);
        pattern = named(result, rules[i].id, SIDE_LEFT);
        assert_non_null(pattern);
        assert_int_equal(pattern->beyond_error, 0);
        assert_non_null(strstr(pattern->evidence, "a bound"));

        set_bound(result, rules[i].id, rules[i].number, value + sign * 1e-9, rules[i].above);
        assert_null(named(result, rules[i].id, SIDE_LEFT));
        assert_string_equal(not_told(result, rules[i].id, SIDE_LEFT), "");

        for (int beyond = 0; beyond < 2; beyond++) {
            set_bound(result, rules[i].id, rules[i].number,
                      value - sign * (beyond ? 1.01 : 0.99) * error, rules[i].above);
            pattern = named(result, rules[i].id, SIDE_LEFT);
            assert_non_null(pattern);
            assert_int_equal(pattern->beyond_error, beyond);
        }
    }
    result_free(result);
}

/* The built-in bounds, written down a second time. */
static void the_built_in_bounds(void **state)
{
    static const struct {
        enum pattern_id id;
        int condition;
        double bound;
        int above;
    } bounds[] = {
        {PATTERN_FLAT_LOAD, 0, 0.26, 1},  {PATTERN_HIGH_ARCH, 0, 0.21, 0},
        {PATTERN_INWARD_LEAN, 0, 60, 1},  {PATTERN_INWARD_LEAN, 1, 0.45, 0},
        {PATTERN_REDUCED_HEEL, 0, 35, 0}, {PATTERN_FOREFOOT_LOAD, 0, 60, 1},
        {PATTERN_LEFT_RIGHT, 0, 1, 1},
    };
    struct norms *norms = norms_load(NULL, NULL);

    (void)state;
    assert_non_null(norms);
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        const struct norm_condition *condition =
            &norms_rule(norms, bounds[i].id)->conditions[bounds[i].condition];
        double low = norm_class_low(condition->norm, condition->class_index);
        double high = norm_class_high(condition->norm, condition->class_index);

        assert_true(condition->norm->only_standing);
        assert_true(bounds[i].above ? low == bounds[i].bound && isinf(high)
                                    : high == bounds[i].bound && isinf(low));
    }
    norms_free(norms);
}

static void left_against_right_beyond_the_plates_error(void **state)
{
    struct result *result = person(0.5, 255, usual, usual);
    double left, right, index, error;
    const struct pattern *pattern;

    (void)state;
    result->feet[0].force_n *= 1.2;
    left = result->feet[0].force_n;
    right = result->feet[1].force_n;
    index = 100 * (left - right) / (left + right);
    /* 1.96 x error x 2 sqrt(2) L R / (L + R)^2 is the index itself at this force error. */
    error = fabs(index) * (left + right) * (left + right) / (1.96 * 2 * sqrt(2) * left * right);
    judge_again(result);
    assert_not_told(result, PATTERN_LEFT_RIGHT, SIDE_UNKNOWN, "measuring error is not known");
    for (enum side side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        result->facts.force_error_percent = error * 0.999;
        judge_again(result);
        pattern = named(result, PATTERN_LEFT_RIGHT, index > 0 ? SIDE_LEFT : SIDE_RIGHT);
        assert_non_null(pattern);
        assert_true(fabs(pattern->value - index) < 1e-9);
        assert_non_null(strstr(pattern->words, index > 0 ? "left" : "right"));
        result->facts.force_error_percent = error * 1.001;
        judge_again(result);
        assert_not_told(result, PATTERN_LEFT_RIGHT, SIDE_UNKNOWN, "within the plate's own");
        /* The other way round. */
        result->feet[0].force_n = right;
        result->feet[1].force_n = left;
        index = -index;
    }
    result_free(result);
}

/* --- Guards ----------------------------------------------------------------------------------- */

static const enum pattern_id of_a_foot[] = {PATTERN_FLAT_LOAD, PATTERN_HIGH_ARCH,
                                            PATTERN_INWARD_LEAN, PATTERN_REDUCED_HEEL,
                                            PATTERN_FOREFOOT_LOAD};

static void nothing_is_named(const struct result *result, enum side side, const char *says)
{
    for (size_t i = 0; i < sizeof of_a_foot / sizeof of_a_foot[0]; i++)
        assert_not_told(result, of_a_foot[i], side, says);
}

static void the_rim_and_a_walk_name_nothing(void **state)
{
    struct result *result = person(0.05, 255, light_heel, usual);

    (void)state;
    result->facts.force_error_percent = 0.01;
    judge_again(result);
    assert_int_equal(result->patterns.n_not_told, 0);
    assert_non_null(named(result, PATTERN_FLAT_LOAD, SIDE_RIGHT));
    result->feet[0].off_edge = 1;
    judge_again(result);
    nothing_is_named(result, SIDE_LEFT, "edge of the plate");
    assert_not_told(result, PATTERN_LEFT_RIGHT, SIDE_UNKNOWN, "edge of the plate");
    assert_non_null(named(result, PATTERN_FLAT_LOAD, SIDE_RIGHT));
    result->feet[0].off_edge = 0;
    result->walked = 1;
    judge_again(result);
    assert_int_equal(result->patterns.n, 0);
    nothing_is_named(result, SIDE_LEFT, "this is a walk");
    assert_not_told(result, PATTERN_LEFT_RIGHT, SIDE_UNKNOWN, "this is a walk");
    result_free(result);
}

/* A side of low confidence is not stated (foot_finder): what needs it is not told, the rest is. */
static void an_unknown_side_is_respected(void **state)
{
    struct result *result = person(0.05, 255, usual, usual);

    (void)state;
    result->facts.force_error_percent = 0.01;
    result->feet[0].side = result->feet[0].frame.side = SIDE_UNKNOWN;
    judge_again(result);
    assert_non_null(named(result, PATTERN_FLAT_LOAD, SIDE_UNKNOWN));
    assert_not_told(result, PATTERN_INWARD_LEAN, SIDE_UNKNOWN, "left or right is not known");
    assert_not_told(result, PATTERN_LEFT_RIGHT, SIDE_UNKNOWN, "did not stand together");
    result_free(result);
}

static void toes_and_whole_prints_are_needed(void **state)
{
    struct result *result = person(0.05, 255, usual, usual);
    struct foot_result *foot = &result->feet[0];

    (void)state;
    for (int i = LANDMARK_B1; i <= LANDMARK_B5; i++)
        foot->landmarks.of[i].measured = 0;
    judge_again(result);
    assert_not_told(result, PATTERN_FLAT_LOAD, SIDE_LEFT, "toes and ball cannot be told apart");
    foot->toes_touch = 0; /* nothing to be told apart */
    judge_again(result);
    assert_non_null(named(result, PATTERN_FLAT_LOAD, SIDE_LEFT));
    for (int id = 0; id < PRINT_NUMBERS; id++) {
        foot->print->of[id].value = NAN;
        snprintf(foot->print->of[id].reason, sizeof foot->print->of[id].reason,
                 "heel or ball of the foot is not on the print");
    }
    judge_again(result);
    nothing_is_named(result, SIDE_LEFT, "heel or ball");
    foot->has_load = 0;
    judge_again(result);
    nothing_is_named(result, SIDE_LEFT, "did not stand");
    result->feet[1].has_load = 0;
    judge_again(result);
    assert_int_equal(result->patterns.n + result->patterns.n_not_told, 0);
    assert_string_not_equal(result->patterns.reason, "");
    result_free(result);
}

/* A child of seven is no flat-footed adult; nor is a short foot of nobody's age. */
static void a_child_is_not_judged_as_an_adult(void **state)
{
    static const struct {
        double length_mm, age_years;
        const char *says; /* NULL: judged */
    } people[] = {
        {255, NAN, NULL},
        {255, 15, "this person is 15 years old"},
        {255, 16, NULL},
        {180, NAN, "no age is stated, and the norm is of feet of 210 to 400 mm"},
        {180, 7, "this person is 7 years old"},
        {180, 40, NULL}, /* small, and grown up */
    };
    struct result *result = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        if (i % 3 == 0) {
            result_free(result);
            result = person(0.05, people[i].length_mm, usual, usual);
            assert_true(isnan(result->age_years));
        }
        result->age_years = people[i].age_years;
        judge_again(result);
        if (people[i].says)
            nothing_is_named(result, SIDE_LEFT, people[i].says);
        else
            assert_non_null(named(result, PATTERN_FLAT_LOAD, SIDE_LEFT));
    }
    result_free(result);
}

/* What an annotation says is the age; what is no age is none. */
static void the_age_is_what_an_annotation_states(void **state)
{
    static const struct {
        const char *text;
        double years;
    } said[] = {{"{\"subject\":{\"age_years\":7}}", 7},
                {"{\"subject\":{\"age_years\":-3}}", NAN},
                {"{\"subject\":{\"age_years\":\"old\"}}", NAN}};

    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        float *nothing = calloc(grid_cells(&plate), sizeof *nothing);
        struct result *result = analyse(nothing, said[i].text);

        assert_true(isnan(said[i].years) ? isnan(result->age_years)
                                         : result->age_years == said[i].years);
        assert_string_not_equal(result->patterns.reason, "");
        result_free(result);
        free(nothing);
    }
}

static void norms_of_children_ask_for_the_age(void **state)
{
    struct norms *norms = norms_load(NULL, NULL);
    const struct norm *norm = norms_find(norms, "chippaux-smirak-forriol-1990");
    char why[200];

    (void)state;
    assert_non_null(norm);
    assert_int_equal(norm_holds_for(norm, NAN, 180, why, sizeof why), 0);
    assert_non_null(strstr(why, "no age is stated"));
    assert_int_equal(norm_holds_for(norm, 7, 255, why, sizeof why), 1);
    assert_int_equal(norm_holds_for(norm, 17.5, 180, why, sizeof why), 0);
    assert_int_equal(norm_holds_for(norms_find(norms, "error-95"), NAN, 80, why, sizeof why), 1);
    norms_free(norms);
}

/* --- Words ------------------------------------------------------------------------------------ */

static void assert_allowed(const char *text)
{
    struct problem why;

    if (wording_check(text, &why))
        fail_msg("%s: %s", text, why.text);
}

/* Whatever is named, and whatever is not: the sentences as JSON, tables and reports show them. */
static void every_sentence_is_allowed(const struct result *result)
{
    const struct report_options options = {.software_version = "0.1.0"};

    for (int i = 0; i < result->patterns.n; i++) {
        const struct pattern *pattern = &result->patterns.list[i];
        struct text full = {0};
        size_t n = strlen(pattern->evidence);

        assert_allowed(pattern->words);
        assert_allowed(pattern->evidence);
        assert_true(n > 20 && n + 1 < sizeof pattern->evidence && pattern->evidence[n - 1] == '.');
        assert_null(strstr(pattern->evidence, "nan"));
        pattern_words_full(&full, pattern);
        assert_int_equal(wording_check_sourced(text_string(&full), NULL), 0);
        text_free(&full);
    }
    for (int i = 0; i < result->patterns.n_not_told; i++) {
        struct text gap = {0};

        pattern_words_gaps(&gap, &result->patterns, i);
        assert_allowed(text_string(&gap));
        assert_true(strlen(result->patterns.not_told[i].why) + 1 <
                    sizeof result->patterns.not_told[i].why);
        text_free(&gap);
    }
    struct text brief = {0};
    pattern_words_short(&brief, result, &options);
    assert_allowed(text_string(&brief));
    text_free(&brief);
}

static void all_that_can_be_said_is_allowed(void **state)
{
    static const carries weights[] = {usual, light_heel, heavy_inside};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct result *result =
            person(i % 2 ? 0.95 : 0.05, i < 2 ? 255 : 180, weights[i % 3], weights[(i + 1) % 3]);

        for (int k = 0; k < 4; k++) {
            result->facts.force_error_percent = k == 1 ? 0.01 : k == 2 ? 50 : 0;
            result->walked = k == 3;
            judge_again(result);
            every_sentence_is_allowed(result);
        }
        result_free(result);
    }
    for (int id = 0; id < PATTERN_IDS; id++)
        for (enum side side = SIDE_UNKNOWN; side <= SIDE_RIGHT; side++)
            assert_allowed(pattern_words((enum pattern_id)id, side));
}

static void memory_that_fails_is_told(void **state)
{
    struct result *result = person(0.05, 255, usual, usual);

    (void)state;
    for (long n = 1; n <= 3; n++) {
        struct problem why = {0};
        int failed;

        failing_malloc_at(n);
        failed = patterns_find(result, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(failed, 0);
            assert_int_equal(n, 3);
        } else {
            assert_int_equal(failed, -1);
            assert_int_equal(why.kind, PROBLEM_FAILED);
        }
    }
    result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_named_as_they_stand),
        cmocka_unit_test(each_is_named_up_to_its_bound),
        cmocka_unit_test(the_built_in_bounds),
        cmocka_unit_test(left_against_right_beyond_the_plates_error),
        cmocka_unit_test(the_rim_and_a_walk_name_nothing),
        cmocka_unit_test(an_unknown_side_is_respected),
        cmocka_unit_test(toes_and_whole_prints_are_needed),
        cmocka_unit_test(a_child_is_not_judged_as_an_adult),
        cmocka_unit_test(the_age_is_what_an_annotation_states),
        cmocka_unit_test(norms_of_children_ask_for_the_age),
        cmocka_unit_test(all_that_can_be_said_is_allowed),
        cmocka_unit_test(memory_that_fails_is_told),
    };

    print_message("seed %d\n", SEED);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
