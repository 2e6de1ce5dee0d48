/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds and flags without plates: people with known thresholds are drawn, pressed as the
 * protocol presses them, and what is said of them is held against the truth. Bounds are wide of the
 * rates that tests/bench_threshold shows on thousands, since these are few. */
#include "analysis/press/threshold.h"
#include "samples/press_people.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define SEED 20260
#define FEW 18

static struct press_person person;
static struct problem why;

static void must(int status)
{
    if (status)
        fail_msg("%s", why.text);
}

static void fit(void)
{
    struct threshold_options options = threshold_defaults();

    must(threshold_fit(person.places, PRESS_PEOPLE_PLACES, person.presses, person.n_presses,
                       &options, person.verdicts, &person.all, &why));
}

static void add(int place, int answered, double kpa)
{
    person.presses[person.n_presses++] =
        (struct threshold_press){.place = place, .answered = answered, .kpa = kpa, .own_sd = 0.03};
}

/* A person of whom nothing was asked yet. */
static void begin(uint64_t seed)
{
    struct press_people people = press_people_usual();

    press_person_draw(&person, &people, seed);
}

/* --- Rates on drawn people ----------------------------------------------------------------------
 */

struct rates {
    int planted, found, people, false_people, thresholds, covered, cleared_untested;
    double off, presses;
};

static void count_rates(struct rates *rates)
{
    int is_false = 0;

    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++) {
        const struct place_threshold *v = &person.verdicts[p];
        rates->planted += person.is_planted[p];
        rates->found += person.is_planted[p] && v->verdict == VERDICT_ATTENTION;
        is_false |= !person.is_planted[p] && v->verdict == VERDICT_ATTENTION;
        rates->cleared_untested += !v->presses && v->verdict != VERDICT_NOT_TESTED;
        if (v->presses < 3 || v->answers < 2)
            continue;
        rates->thresholds++;
        rates->off += log(v->kpa / person.kpa[p]);
        rates->covered += v->low_kpa <= person.kpa[p] && person.kpa[p] <= v->high_kpa;
    }
    rates->people++;
    rates->false_people += is_false;
    rates->presses += person.n_presses;
}

static struct rates rates_of(const struct press_people *people, int n, int every_most)
{
    struct threshold_options options = threshold_defaults();
    struct rates rates = {0};

    for (int i = 0; i < n; i++) {
        press_person_draw(&person, people, SEED + (uint64_t)i);
        must(press_person_session(&person, &options, 1, every_most, 4, &why));
        count_rates(&rates);
    }
    print_message("seed %d: %d of %d found, %d of %d people falsely flagged, %d of %d covered\n",
                  SEED, rates.found, rates.planted, rates.false_people, rates.people, rates.covered,
                  rates.thresholds);
    return rates;
}

static void test_places_at_half_of_their_mirror_are_found(void **state)
{
    struct press_people people = press_people_usual();

    (void)state;
    people.planted = 2;
    people.planted_factor = 0.5;
    struct rates rates = rates_of(&people, FEW, 80);
    assert_true(rates.found >= 0.80 * rates.planted);
    assert_true(rates.false_people <= 4);
    assert_true(rates.covered >= 0.85 * rates.thresholds);
    assert_true(fabs(rates.off / rates.thresholds) <= 0.04);
    assert_true(rates.presses <= 80 * FEW);
    assert_int_equal(rates.cleared_untested, 0);
}

/* Nobody is tender; a third of the people has twice the presses, so that chance has many goes. */
static void test_people_without_a_tender_place_are_hardly_ever_flagged(void **state)
{
    struct press_people people = press_people_usual();

    (void)state;
    struct rates usual = rates_of(&people, FEW, 80);
    struct rates heavy = rates_of(&people, FEW / 3, 160);
    people.side_bias_sd = 0.15;
    struct rates biased = rates_of(&people, FEW / 3, 80);
    /* 5 % of 30 people: 1.5; more than 6 has a chance below one in a thousand */
    assert_true(usual.false_people + heavy.false_people + biased.false_people <= 6);
}

static void test_blind_answers_are_recognised(void **state)
{
    struct threshold_options options = threshold_defaults();
    struct press_people people = press_people_usual();
    int blind = 0, others = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        people.answers_blind = i % 2;
        press_person_draw(&person, &people, SEED + (uint64_t)i);
        must(press_person_session(&person, &options, 1, 80, 8, &why));
        *(i % 2 ? &blind : &others) += person.all.inconsistent;
    }
    assert_true(blind >= 8);
    assert_int_equal(others, 0);
}

static void test_a_second_session_adds_to_the_first(void **state)
{
    struct threshold_options options = threshold_defaults();
    struct press_people people = press_people_usual();
    struct rates first = {0}, second = {0};

    (void)state;
    people.planted = 2;
    people.planted_factor = 0.55;
    people.session_sd = 0;
    for (int i = 0; i < FEW / 2; i++) {
        press_person_draw(&person, &people, SEED + (uint64_t)i);
        must(press_person_session(&person, &options, 1, 60, 4, &why));
        count_rates(&first);
        press_person_next_session(&person);
        must(press_person_session(&person, &options, 0, 24, 4, &why));
        count_rates(&second);
    }
    assert_true(second.found >= first.found);
    assert_true(second.found >= 0.6 * second.planted);
}

/* --- Single rules ------------------------------------------------------------------------------
 */

static void test_states_follow_presses(void **state)
{
    (void)state;
    begin(1);
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++) {
        assert_int_equal(person.verdicts[p].verdict, VERDICT_NOT_TESTED);
        assert_true(isnan(person.verdicts[p].kpa) && isnan(person.verdicts[p].bound_kpa));
    }
    add(0, 1, 200);
    add(2, 0, 250);
    add(4, 0, 250);
    add(4, 0, 230);
    add(6, 1, 200);
    add(6, 0, 250);
    add(8, 1, 205);
    add(8, 1, 215);
    fit();
    static const enum threshold_verdict wanted[] = {VERDICT_UNCERTAIN, VERDICT_UNCERTAIN,
                                                    VERDICT_CLEAR_TO, VERDICT_UNCERTAIN,
                                                    VERDICT_MEASURED};
    for (int i = 0; i < 5; i++)
        assert_int_equal(person.verdicts[2 * i].verdict, wanted[i]);
    assert_near(person.verdicts[4].bound_kpa, 230, 1e-9);
    assert_int_equal(person.verdicts[4].presses, 2);
    assert_true(isnan(person.verdicts[4].kpa));
    assert_true(person.verdicts[8].low_kpa < 205 && person.verdicts[8].high_kpa > 215);
}

/* A mirror that bore the ceiling proves what lies far below it, and clears nothing near it. */
static void test_a_censored_mirror_proves_only_what_it_can(void **state)
{
    static const struct {
        double kpa;
        int is_flagged;
    } stories[] = {{90, 1}, {110, 1}, {215, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        begin(1);
        for (int k = 0; k < 4; k++) {
            add(0, 1, stories[i].kpa * (k % 2 ? 1.05 : 0.95));
            add(1, 0, 250);
        }
        fit();
        assert_int_equal(person.verdicts[0].verdict == VERDICT_ATTENTION, stories[i].is_flagged);
        assert_true(person.verdicts[0].mirror_is_bound);
        assert_near(person.verdicts[0].ratio, stories[i].kpa / 250, 0.02);
        assert_true(isnan(person.verdicts[0].ratio_low));
        assert_int_equal(person.verdicts[1].verdict, VERDICT_CLEAR_TO);
    }
}

/* One press, however low, is no finding; nor is one false answer among others. */
static void test_one_low_answer_is_no_finding(void **state)
{
    (void)state;
    for (int repeats = 0; repeats < 3; repeats++) {
        begin(1);
        for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
            add(p, 1, p == 8 ? 60 : 200);
        for (int k = 0; k < repeats; k++) {
            add(8, 1, 195);
            add(9, 1, 205);
        }
        fit();
        assert_int_not_equal(person.verdicts[8].verdict, VERDICT_ATTENTION);
    }
}

static void test_both_feet_low_is_no_flag(void **state)
{
    (void)state;
    begin(1);
    for (int k = 0; k < 3; k++)
        for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
            add(p, 1, (p / 2 == 7 ? 95 : 200) * (1 + 0.05 * ((p + k) % 3 - 1)));
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        assert_int_equal(person.verdicts[p].verdict,
                         p / 2 == 7 ? VERDICT_BOTH_SIDES : VERDICT_MEASURED);
}

static void test_repeatability_is_the_persons_own(void **state)
{
    double own[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        begin(1);
        for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
            for (int k = 0; k < 4; k++)
                add(p, 1, 200 * exp((i ? 0.25 : 0.05) * (k % 2 ? 1 : -1)));
        fit();
        own[i] = person.all.repeatability_sd;
    }
    assert_in_range((int)(1000 * own[0]), 50, 120);
    assert_in_range((int)(1000 * own[1]), 240, 300);
}

/* Every pair's feet differ by the same, to the left and to the right in turn. */
static double side_sd_of(double ln_ratio)
{
    begin(1);
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        for (int k = 0; k < 4; k++) {
            double foot = (p % 2 ? 0.5 : -0.5) * (p / 2 % 2 ? 1 : -1) * ln_ratio;
            add(p, 1, 200 * exp(foot + (k % 2 ? 0.1 : -0.1)));
        }
    fit();
    return person.all.side_sd;
}

static void test_natural_spread_is_the_persons_own(void **state)
{
    (void)state;
    double field = threshold_defaults().side_sd, alike = side_sd_of(0), apart = side_sd_of(0.25);

    assert_true(alike < field);
    assert_true(apart > 2 * field && apart < 0.25);
}

/* All pairs alike but one, pressed eight times on each foot: the presses leave the natural spread
 * nearly as open as it was, and so the smallest p-value is that of the widest spread by its share
 * (about 1e-11), not of the likeliest one (1e-16). */
static void test_p_values_leave_the_natural_spread_open(void **state)
{
    (void)state;
    begin(1);
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        for (int k = 0; k < (p < 2 ? 8 : 1); k++)
            add(p, 1, p ? 200 : 80);
    fit();
    assert_int_equal(person.verdicts[0].verdict, VERDICT_ATTENTION);
    assert_true(person.verdicts[0].p_value > 1e-13 && person.verdicts[0].p_value < 1e-8);
}

/* All places alike but the heel's, and one arch's foot lower. */
static double p_of_a_low_place(double border_mm)
{
    begin(1);
    assert_int_equal(person.places[22].region_class, CLASS_ARCH);
    person.places[22].near_border = threshold_near_border(border_mm);
    person.places[22].beyond = CLASS_HEEL;
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        for (int k = 0; k < 3; k++)
            add(p, 1,
                (person.places[p].region_class == CLASS_HEEL ? 400 : 200) * (p == 22 ? 0.65 : 1) *
                    exp(0.2 * (k - 1)));
    fit();
    return person.verdicts[22].p_value;
}

/* Where arch and heel meet on a foot is known to some mm only: between 200 and 400 kPa a place on
 * that border may be lower by this alone. */
static void test_a_place_on_a_border_is_less_sure(void **state)
{
    double on = p_of_a_low_place(0), beside = p_of_a_low_place(5), far = p_of_a_low_place(40);

    (void)state;
    assert_true(on > 3 * far && beside < on && beside > 1.5 * far);
    begin(1);
    person.places[3].beyond = (enum region_class)9;
    struct threshold_options options = threshold_defaults();
    assert_int_equal(threshold_fit(person.places, PRESS_PEOPLE_PLACES, person.presses, 0, &options,
                                   person.verdicts, &person.all, &why),
                     -1);
    assert_non_null(strstr(why.text, "place 3 has no region class"));
}

/* Of forty places a third counts, of two both. */
static void test_many_places_count_by_a_third_few_all(void **state)
{
    double p = p_of_a_low_place(40);

    (void)state;
    assert_near(person.verdicts[22].p_holm, p * PRESS_PEOPLE_PLACES / 3, 1e-9);
    begin(1);
    for (int k = 0; k < 3; k++) {
        add(0, 1, 120 + 5 * k);
        add(1, 1, 180 + 5 * k);
    }
    fit();
    assert_true(person.verdicts[0].p_value > 0.001);
    assert_near(person.verdicts[0].p_holm, 2 * person.verdicts[0].p_value, 1e-12);
}

/* Two of eight repeated places scatter by 90 %, as where a stud hits a tender spot in one press and
 * not in the next: that is no wrong answering. All of them: it is. */
static void test_scatter_at_two_places_is_not_the_persons(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        begin(1);
        for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
            for (int k = 0; k < (p < 8 ? 4 : 1); k++)
                add(p, 1, 200 * exp((p < 2 || all ? 0.9 : 0.1) * (k % 2 ? 1 : -1)));
        fit();
        assert_int_equal(person.all.inconsistent, all);
    }
}

static void test_presses_go_where_they_can_tell_most(void **state)
{
    struct threshold_options options = threshold_defaults();
    struct threshold_place places[4] = {
        {.mirror = -1}, {.mirror = -1}, {.mirror = -1}, {.mirror = -1}};
    const struct place_threshold verdicts[4] = {
        {.presses = 6, .tender_probability = 0.15, .log_sd = 0.08},
        {.presses = 1, .tender_probability = 0.06, .log_sd = 0.15},
        {.presses = 0, .tender_probability = 0.10, .log_sd = NAN},
        {.presses = 5,
         .tender_probability = 1,
         .log_sd = 0.08,
         .verdict = VERDICT_ATTENTION,
         .p_holm = 1e-4}};
    double worth[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        worth[i] = threshold_worth(verdicts, places, i, &options);
    assert_true(worth[2] > worth[1] && worth[1] > worth[0] && worth[0] > THRESHOLD_WORTH_LEAST);
    assert_true(worth[3] < THRESHOLD_WORTH_LEAST);
}

/* --- What must not matter ----------------------------------------------------------------------
 */

static struct place_threshold kept[PRESS_PEOPLE_PLACES];

static void keep_a_session(void)
{
    struct threshold_options options = threshold_defaults();
    struct press_people people = press_people_usual();

    people.planted = 2;
    people.planted_factor = 0.5;
    press_person_draw(&person, &people, SEED);
    must(press_person_session(&person, &options, 1, 76, 9, &why));
    memcpy(kept, person.verdicts, sizeof kept);
}

static void same(const struct place_threshold *a, const struct place_threshold *b, double times)
{
    assert_int_equal(a->verdict, b->verdict);
    assert_near(a->p_holm, b->p_holm, 1e-6);
    if (a->answers)
        assert_near(a->kpa * times, b->kpa, 1e-6 * b->kpa);
}

static void test_unit_order_and_side_do_not_matter(void **state)
{
    (void)state;
    keep_a_session();
    for (int i = 0; i < person.n_presses; i++)
        person.presses[i].kpa *= 0.37;
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        same(&kept[p], &person.verdicts[p], 0.37);

    keep_a_session();
    for (int i = 0; i < person.n_presses / 2; i++) {
        struct threshold_press other = person.presses[i];
        person.presses[i] = person.presses[person.n_presses - 1 - i];
        person.presses[person.n_presses - 1 - i] = other;
    }
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        same(&kept[p], &person.verdicts[p], 1);

    keep_a_session();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        person.places[p].side = person.places[p].side == SIDE_LEFT ? SIDE_RIGHT : SIDE_LEFT;
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        same(&kept[p], &person.verdicts[p], 1);

    keep_a_session(); /* places by other numbers, pairs kept */
    for (int p = 0; p < PRESS_PEOPLE_PLACES / 2; p++) {
        struct threshold_place other = person.places[p];
        person.places[p] = person.places[PRESS_PEOPLE_PLACES - 1 - p];
        person.places[PRESS_PEOPLE_PLACES - 1 - p] = other;
    }
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        person.places[p].mirror = PRESS_PEOPLE_PLACES - 1 - person.places[p].mirror;
    for (int i = 0; i < person.n_presses; i++)
        person.presses[i].place = PRESS_PEOPLE_PLACES - 1 - person.presses[i].place;
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        same(&kept[p], &person.verdicts[PRESS_PEOPLE_PLACES - 1 - p], 1);
}

/* --- Bad input ---------------------------------------------------------------------------------
 */

static void expect_refused(const char *words)
{
    struct threshold_options options = threshold_defaults();

    assert_int_equal(threshold_fit(person.places, PRESS_PEOPLE_PLACES, person.presses,
                                   person.n_presses, &options, person.verdicts, &person.all, &why),
                     -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, words));
}

static void test_numbers_that_are_none_are_refused(void **state)
{
    static const double bad[] = {0, -3, NAN, INFINITY};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        begin(1);
        add(0, 1, bad[i]);
        expect_refused("press 0");
    }
    begin(1);
    add(0, 1, 100);
    person.presses[0].place = PRESS_PEOPLE_PLACES;
    expect_refused("press 0");
    begin(1);
    person.places[3].mirror = 7;
    expect_refused("mirror");
    begin(1); /* any pressures that are numbers: no crash, and no number that is none */
    for (int k = 0; k < 60; k++)
        add(k % PRESS_PEOPLE_PLACES, k % 3 > 0, pow(10, k % 13 - 6));
    fit();
    for (int p = 0; p < PRESS_PEOPLE_PLACES; p++)
        assert_true(person.verdicts[p].p_value >= 0 && person.verdicts[p].p_value <= 1);
}

static void test_memory_that_fails_is_told(void **state)
{
    struct threshold_options options = threshold_defaults();

    (void)state;
    begin(1);
    add(0, 1, 100);
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        int status = threshold_fit(person.places, PRESS_PEOPLE_PLACES, person.presses, 1, &options,
                                   person.verdicts, &person.all, &why);
        if (!failing_malloc_off()) {
            assert_int_equal(status, 0);
            assert_int_equal(n, 5);
            return;
        }
        assert_int_equal(status, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states_follow_presses),
        cmocka_unit_test(test_a_censored_mirror_proves_only_what_it_can),
        cmocka_unit_test(test_one_low_answer_is_no_finding),
        cmocka_unit_test(test_both_feet_low_is_no_flag),
        cmocka_unit_test(test_repeatability_is_the_persons_own),
        cmocka_unit_test(test_natural_spread_is_the_persons_own),
        cmocka_unit_test(test_p_values_leave_the_natural_spread_open),
        cmocka_unit_test(test_a_place_on_a_border_is_less_sure),
        cmocka_unit_test(test_many_places_count_by_a_third_few_all),
        cmocka_unit_test(test_scatter_at_two_places_is_not_the_persons),
        cmocka_unit_test(test_presses_go_where_they_can_tell_most),
        cmocka_unit_test(test_unit_order_and_side_do_not_matter),
        cmocka_unit_test(test_numbers_that_are_none_are_refused),
        cmocka_unit_test(test_memory_that_fails_is_told),
        cmocka_unit_test(test_places_at_half_of_their_mirror_are_found),
        cmocka_unit_test(test_people_without_a_tender_place_are_hardly_ever_flagged),
        cmocka_unit_test(test_blind_answers_are_recognised),
        cmocka_unit_test(test_a_second_session_adds_to_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
