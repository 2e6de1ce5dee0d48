/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The proof's own measures against cases whose answer is known, and whether the people it draws are
 * as it says. */
#include "samples/cohort_people.h"
#include "samples/dice.h"
#include "samples/threshold_field.h"
#include "tests/cohort/cohort_score.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PEOPLE 240

static void near_to(double value, double wanted, double within)
{
    if (!(fabs(value - wanted) <= within))
        fail_msg("%g, wanted %g within %g", value, wanted, within);
}

/* Clopper and Pearson's own limits: tables of Documenta Geigy. */
static void shares_have_exact_limits(void **state)
{
    (void)state;
    struct score none = score_share(0, 20), some = score_share(7, 20), all = score_share(20, 20);
    near_to(none.low, 0, 1e-12);
    near_to(none.high, 0.16843, 1e-4);
    near_to(some.value, 0.35, 1e-12);
    near_to(some.low, 0.15391, 1e-4);
    near_to(some.high, 0.59219, 1e-4);
    near_to(all.low, 0.83157, 1e-4);
    near_to(all.high, 1, 1e-12);
    assert_true(isnan(score_share(0, 0).value));
}

/* Intervals of the median of normal numbers hold the truth about as often as they say. */
static void medians_are_covered(void **state)
{
    struct dice dice;
    int held = 0, trials = 120;
    (void)state;
    dice_begin(&dice, 11, "test median");
    for (int t = 0; t < trials; t++) {
        double values[60];
        for (int i = 0; i < 60; i++)
            values[i] = 3.7 + dice_normal(&dice, 1.9);
        values[59] = NAN;
        struct score median = score_quantile(values, NULL, 60, 0.5, (uint64_t)t);
        assert_int_equal(median.n, 59);
        held += median.low <= 3.7 && 3.7 <= median.high;
    }
    printf("the median's interval held the truth in %d of %d\n", held, trials);
    assert_true(held >= 104 && held < trials);
}

/* Ten presses of one person are no ten people: with groups the interval is wider. */
static void groups_widen_an_interval(void **state)
{
    double values[400];
    int group[400];
    struct dice dice;
    (void)state;
    dice_begin(&dice, 5, "test groups");
    for (int g = 0; g < 20; g++) {
        double of_person = dice_normal(&dice, 2);
        for (int i = 0; i < 20; i++) {
            values[g * 20 + i] = of_person + dice_normal(&dice, 0.1);
            group[g * 20 + i] = g;
        }
    }
    struct score apart = score_quantile(values, NULL, 400, 0.5, 1);
    struct score together = score_quantile(values, group, 400, 0.5, 1);
    near_to(apart.value, together.value, 1e-12);
    assert_true(together.high - together.low > 2 * (apart.high - apart.low));
}

static void quantiles_of_odd_input(void **state)
{
    double one = 4.25, nothing[3] = {NAN, NAN, NAN}, row[5] = {9, 1, 5, 3, 7};
    (void)state;
    near_to(score_quantile(&one, NULL, 1, 0.95, 1).value, 4.25, 0);
    near_to(score_quantile(&one, NULL, 1, 0.95, 1).high, 4.25, 0);
    assert_true(isnan(score_quantile(nothing, NULL, 3, 0.5, 1).value));
    assert_true(isnan(score_quantile(NULL, NULL, 0, 0.5, 1).value));
    near_to(score_quantile(row, NULL, 5, 0.5, 1).value, 5, 0);
    near_to(score_quantile(row, NULL, 5, 0.25, 1).value, 3, 1e-12);
}

static void area_under_known_curves(void **state)
{
    double low[4] = {0.1, 0.2, 0.3, 0.4}, high[3] = {0.5, 0.6, 0.9}, mixed[2] = {0.25, 0.4};
    (void)state;
    near_to(score_roc_area(high, 3, low, 4).value, 1, 1e-12);
    near_to(score_roc_area(low, 4, high, 3).value, 0, 1e-12);
    near_to(score_roc_area(low, 4, low, 4).value, 0.5, 1e-12);
    /* 0.25 lies over 2 of 4; 0.4 over 3 and ties with one: (2 + 3.5) / 8. */
    near_to(score_roc_area(mixed, 2, low, 4).value, 0.6875, 1e-12);
    assert_true(isnan(score_roc_area(NULL, 0, low, 4).value));
}

/* Two normal clouds d apart: the area is Phi(d / sqrt 2). */
static void area_of_normal_clouds(void **state)
{
    double a[2000], b[2000];
    struct dice dice;
    (void)state;
    dice_begin(&dice, 3, "test roc");
    for (int i = 0; i < 2000; i++) {
        a[i] = 1.3 + dice_normal(&dice, 1);
        b[i] = dice_normal(&dice, 1);
    }
    struct score area = score_roc_area(a, 2000, b, 2000);
    double wanted = 0.5 * erfc(-1.3 / 2);
    near_to(area.value, wanted, 0.02);
    double wide = area.high - area.low;
    printf("area %.4f (%.4f to %.4f), wanted %.4f\n", area.value, area.low, area.high, wanted);
    assert_true(fabs(area.value - wanted) < wide && wide > 0.01 && wide < 0.04);
}

static void overlap_of_squares(void **state)
{
    const struct point a[4] = {{0, 0}, {30, 0}, {30, 30}, {0, 30}};
    const struct point half[4] = {{15, 0}, {45, 0}, {45, 30}, {15, 30}};
    const struct point away[4] = {{100, 0}, {130, 0}, {130, 30}, {100, 30}};
    (void)state;
    near_to(score_dice(a, 4, a, 4, 1), 1, 1e-12);
    near_to(score_dice(a, 4, half, 4, 1), 0.5, 1e-9);
    near_to(score_dice(a, 4, away, 4, 1), 0, 1e-12);
    struct point middle = score_centroid(half, 4);
    near_to(middle.x_mm, 30, 1e-9);
    near_to(middle.y_mm, 15, 1e-9);
}

/* --- People --------------------------------------------------------------------------------- */

static const struct cohort_setting setting = {.seed = 77, .side_sd = 0.10};

/* Once the protocol was refused and nobody looked: people who pressed with no ramp. */
static void people_have_a_protocol(void **state)
{
    struct cohort_person *person = malloc(sizeof *person);
    struct problem why = {0};
    (void)state;
    assert_non_null(person);
    for (long n = 1, failed = 1; failed; n++) {
        failing_malloc_at(n);
        int result = cohort_person_draw(person, &setting, 3, 1, 1, &why);
        failed = failing_malloc_off();
        assert_int_equal(result, failed ? -1 : 0);
    }
    const struct press_setting *press = &person->subject.protocol.press;
    assert_true(press->ramp_kpa_s >= 30 && press->ramp_kpa_s <= 50);
    assert_true(press->catch_s >= 1 && press->heel_rest_n > 0 && press->ramp_wobble > 0);
    assert_true(person->subject.protocol.stand_s > 0);
    free(person);
}

/* Same seed, same person; the spread between the sides changes nothing but itself. */
static void people_are_the_same_again(void **state)
{
    struct cohort_person *a = calloc(2, sizeof *a), *b = a + 1;
    struct cohort_setting wide = setting;
    (void)state;
    assert_non_null(a);
    wide.side_sd = 0.15;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(cohort_person_draw(a, &setting, i, i % 2, 1, NULL), 0);
        assert_int_equal(cohort_person_draw(b, &setting, i, i % 2, 1, NULL), 0);
        assert_memory_equal(a, b, sizeof *a);
        assert_int_equal(cohort_person_draw(b, &wide, i, i % 2, 1, NULL), 0);
        near_to(b->subject.thresholds.side_spread, 0.15, 0);
        b->subject.thresholds.side_spread = 0.10;
        assert_memory_equal(a, b, sizeof *a);
    }
    free(a);
}

struct crowd {
    int n, one_foot, coarse, planted_zones, zones_outside, unreliable, too_near;
    double shortest, longest, widest_turn;
    int poses[COHORT_POSES], traits[COHORT_TRAITS];
};

static void count(struct crowd *crowd, const struct cohort_person *person)
{
    const struct subject *subject = &person->subject;
    crowd->n++;
    crowd->one_foot += subject->n_feet == 1;
    crowd->coarse += person->cell_mm > 5;
    crowd->unreliable += person->is_unreliable;
    crowd->poses[person->pose]++;
    for (int f = 0; f < subject->n_feet; f++) {
        const struct subject_foot *foot = &subject->feet[f];
        crowd->shortest = fmin(crowd->shortest, foot->length_mm);
        crowd->longest = fmax(crowd->longest, foot->length_mm);
        crowd->widest_turn = fmax(crowd->widest_turn, fabs(foot->angle_deg));
        for (int bit = 0; bit < COHORT_TRAITS; bit++)
            crowd->traits[bit] += (int)(person->traits[f] >> bit & 1u);
    }
    if (subject->n_feet == 2)
        crowd->too_near += cohort_gap_mm(&subject->feet[0], &subject->feet[1]) < 1.5;
    for (int k = 0; k < subject->thresholds.n_planted; k++) {
        const struct planted *one = &subject->thresholds.planted[k];
        crowd->planted_zones += one->side != SIDE_UNKNOWN;
        crowd->zones_outside += one->factor < 0.3 - 1e-9 || one->factor > 0.7 + 1e-9;
    }
}

static void people_fill_the_ranges(void **state)
{
    struct cohort_person *person = malloc(sizeof *person);
    struct crowd crowd = {.shortest = 1e9};
    int with = 0;
    (void)state;
    assert_non_null(person);
    for (int i = 0; i < PEOPLE; i++) {
        assert_int_equal(cohort_person_draw(person, &setting, i, i >= PEOPLE / 2, 0, NULL), 0);
        count(&crowd, person);
        with += person->is_planted;
        assert_true(person->is_planted || person->subject.thresholds.n_planted == 0);
    }
    printf("feet of %.0f to %.0f mm, turned up to %.0f deg, %d on one foot, %d plates of 8 mm\n",
           crowd.shortest, crowd.longest, crowd.widest_turn, crowd.one_foot, crowd.coarse);
    assert_true(crowd.shortest >= 150 && crowd.shortest < 175);
    assert_true(crowd.longest > 315 && crowd.longest <= 330);
    assert_true(crowd.widest_turn > 40 && crowd.widest_turn <= 45 + 1e-9);
    for (int pose = 0; pose < COHORT_POSES; pose++)
        assert_true(crowd.poses[pose] >= PEOPLE / 30);
    for (int bit = 0; bit < COHORT_TRAITS; bit++)
        assert_true(crowd.traits[bit] >= 3);
    assert_int_equal(crowd.too_near, 0);
    assert_int_equal(crowd.zones_outside, 0);
    assert_true(crowd.planted_zones >= 2 * with && crowd.planted_zones <= 3 * with);
    assert_true(crowd.coarse > PEOPLE / 12 && crowd.unreliable > PEOPLE / 40);
    free(person);
}

/* ln(left / right) over people, bias taken off, has the stated SD; the arch is lowest. */
static void thresholds_spread_as_stated(void **state)
{
    struct cohort_person *person = malloc(sizeof *person);
    struct atlas *atlas = atlas_load(NULL, NULL);
    const struct uv at = {0.70, 0.42};
    double sum2 = 0, worst = 0;
    (void)state;
    assert_true(person && atlas);
    for (int i = 0; i < PEOPLE; i++) {
        struct threshold_field field;
        assert_int_equal(cohort_person_draw(person, &setting, i, 0, 1, NULL), 0);
        threshold_field_begin(&field, &person->subject.thresholds, atlas);
        double ratio =
            log(threshold_at(&field, SIDE_LEFT, at) / threshold_at(&field, SIDE_RIGHT, at)) -
            person->subject.thresholds.side_bias;
        const double *base = person->subject.thresholds.base_kpa;
        sum2 += ratio * ratio;
        worst = fmax(worst, base[CLASS_ARCH] / base[CLASS_HEEL]);
        assert_true(base[CLASS_ARCH] < base[CLASS_TOE]);
    }
    double sd = sqrt(sum2 / PEOPLE);
    printf("SD of ln(left / right): %.4f, stated 0.10\n", sd);
    near_to(sd, 0.10, 0.015); /* four standard errors */
    assert_true(worst < 1);
    atlas_free(atlas);
    free(person);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_have_exact_limits),   cmocka_unit_test(medians_are_covered),
        cmocka_unit_test(groups_widen_an_interval),   cmocka_unit_test(quantiles_of_odd_input),
        cmocka_unit_test(area_under_known_curves),    cmocka_unit_test(area_of_normal_clouds),
        cmocka_unit_test(overlap_of_squares),         cmocka_unit_test(people_have_a_protocol),
        cmocka_unit_test(people_are_the_same_again),  cmocka_unit_test(people_fill_the_ranges),
        cmocka_unit_test(thresholds_spread_as_stated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
