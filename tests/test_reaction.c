/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reaction time of a person from quick touches: people are drawn, tap a few times, and their
 * own middle is wanted back, better than the field's. */
#include "analysis/press/reaction.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/drawn.h"
#include "tests/support/near.h"

static void test_without_taps_it_is_the_fields(void **state)
{
    const double nothing[] = {NAN, INFINITY, -INFINITY};

    (void)state;
    for (int n = 0; n <= 3; n += 3) {
        struct reaction reaction = reaction_from_taps(nothing, n);
        assert_int_equal(reaction.taps, 0);
        assert_near(reaction.middle_s, 0.25, 0);
        assert_near(reaction_sd_s(&reaction), 0.1, 1e-12);
    }
}

static double one_tap(double middle_s, double spread)
{
    return middle_s * exp(gsl_ran_gaussian(drawn_rng, spread));
}

/* 400 people whose middles differ by 0.08 s. Six taps: the error of the middle is a fraction of
 * what taking 0.25 s for everybody costs, and its stated error is true. */
static void test_six_taps_tell_the_person(void **state)
{
    const int people = 400;
    double error = 0, field = 0, z2 = 0, bias = 0;

    (void)state;
    for (int i = 0; i < people; i++) {
        double middle_s = fmax(0.14, 0.25 + gsl_ran_gaussian(drawn_rng, 0.08)), taps[6];
        for (int k = 0; k < 6; k++)
            taps[k] = one_tap(middle_s, 0.18);
        struct reaction reaction = reaction_from_taps(taps, 6);
        double off = reaction.middle_s - middle_s;
        error += fabs(off);
        bias += off;
        field += fabs(0.25 - middle_s);
        z2 += pow(off / reaction.middle_sd_s, 2);
    }
    print_message("mean error %.1f ms, with the field's %.1f ms, chi2 %.2f\n", 1e3 * error / people,
                  1e3 * field / people, z2 / people);
    assert_true(error < 0.5 * field);
    assert_near(bias / people, 0, 0.01);
    assert_near(z2 / people, 0.9, 0.5);
}

/* Half of the touches were missed or guessed; what is left still tells. */
static void test_outliers_do_not_drag(void **state)
{
    const double taps[] = {0.31, 0.02, 0.33, -0.4, 0.29, 2.9, 0.34, NAN, 0.30, 1.1};
    struct reaction reaction = reaction_from_taps(taps, 10);

    (void)state;
    assert_int_equal(reaction.taps, 6);
    assert_int_equal(reaction.too_early, 2);
    assert_int_equal(reaction.too_late, 1);
    assert_near(reaction.middle_s, 0.315, 0.015);
    assert_true(reaction.spread_s < 0.1);
}

/* One tap moves it a little, many take it over; the error shrinks each time. */
static void test_few_taps_are_drawn_to_the_field(void **state)
{
    double taps[200], sd = INFINITY, moved = 0;

    (void)state;
    for (int i = 0; i < 200; i++)
        taps[i] = 0.4;
    for (int n = 1; n <= 64; n *= 2) {
        struct reaction reaction = reaction_from_taps(taps, n);
        assert_true(reaction.middle_sd_s < sd);
        assert_true(reaction.middle_s > 0.25 + moved && reaction.middle_s < 0.4);
        moved = reaction.middle_s - 0.25;
        sd = reaction.middle_sd_s;
        assert_true(reaction.taps <= REACTION_TAPS_MAX);
    }
    assert_near(moved, 0.15, 0.003);
}

static void test_the_order_of_taps_does_not_matter(void **state)
{
    double taps[9];

    (void)state;
    for (int i = 0; i < 9; i++)
        taps[i] = one_tap(0.27, 0.3);
    struct reaction one = reaction_from_taps(taps, 9);
    gsl_ran_shuffle(drawn_rng, taps, 9, sizeof *taps);
    struct reaction other = reaction_from_taps(taps, 9);
    assert_near(one.middle_s, other.middle_s, 0);
    assert_near(one.spread_s, other.spread_s, 0);
}

/* By hand from reaction.h: middle 0.34, median distance 0.02; weights 4 and 5, pi/2. */
static void test_numbers_by_hand(void **state)
{
    const double taps[] = {0.40, 0.30, 0.34, 0.36, 0.32};
    struct reaction reaction = reaction_from_taps(taps, 5);

    (void)state;
    assert_near(reaction.spread_s, 0.045700, 1e-5);
    assert_near(reaction.middle_s, 0.331631, 1e-5);
    assert_near(reaction.middle_sd_s, 0.024395, 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_by_hand),
        cmocka_unit_test(test_without_taps_it_is_the_fields),
        cmocka_unit_test(test_six_taps_tell_the_person),
        cmocka_unit_test(test_outliers_do_not_drag),
        cmocka_unit_test(test_few_taps_are_drawn_to_the_field),
        cmocka_unit_test(test_the_order_of_taps_does_not_matter),
    };

    return cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down);
}
