/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals of one trial's numbers: drawn from processes whose true numbers are known on paper, the
 * truth lies inside about as often as stated. And what repeats tell. */
#include "analysis/change/measuring_error.h"
#include "analysis/sway/block_length.h"
#include "analysis/sway/uncertainty.h"

#include "tests/support/failing_malloc.h"
#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define RATE 100.0
#define SEED 20260418u

/* Only what the intervals are laid around: entropy and spectra would take the time of the test. */
static struct sway_result measure_headlines(const struct cop_series *path, const char *pipeline)
{
    struct sway_result r = {.options = sway_defaults()};
    struct problem why;
    struct cop_series done;
    if (sway_pipeline_find(pipeline, &r.options.pipeline, &why) ||
        sway_pipeline_run(&r.options.pipeline, path, &done, &why))
        fail_msg("%s", why.text);
    size_t n = done.n;
    double *rd = calloc(n, sizeof *rd), middle[2] = {0};
    for (size_t i = 0; i < n; i++) {
        middle[0] += done.ml_mm[i] / (double)n;
        middle[1] += done.ap_mm[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        done.ml_mm[i] -= middle[0];
        done.ap_mm[i] -= middle[1];
        rd[i] = hypot(done.ml_mm[i], done.ap_mm[i]);
    }
    sway_distances_axis(done.ml_mm, n, RATE, &r.distances[SWAY_ML]);
    sway_distances_axis(done.ap_mm, n, RATE, &r.distances[SWAY_AP]);
    sway_distances_resultant(done.ml_mm, done.ap_mm, rd, n, RATE, 1, &r.distances[SWAY_RD]);
    sway_areas(done.ml_mm, done.ap_mm, n, RATE, &r.distances[SWAY_RD], &(struct sway_hull){0, 0},
               &r.area);
    free(rd);
    cop_series_free(&done);
    return r;
}

/* x' = p x + noise: remembers for tau, spread sd. Begins as it goes on. */
static struct cop_series wander(double seconds, double tau_s, double sd, uint64_t *seed)
{
    struct cop_series path = sway_path((size_t)(seconds * RATE), RATE);
    double p = exp(-1 / (tau_s * RATE)), step = sd * sqrt(1 - p * p);
    for (size_t i = 0; i < path.n; i++) {
        path.ml_mm[i] =
            i ? p * path.ml_mm[i - 1] + step * sway_normal(seed) : sd * sway_normal(seed);
        path.ap_mm[i] =
            i ? p * path.ap_mm[i - 1] + step * sway_normal(seed) : sd * sway_normal(seed);
    }
    return path;
}

struct tally {
    int hits[SWAY_HEADLINES];
};

static void tell(struct tally *t, const struct sway_uncertainty *u,
                 const double truth[SWAY_HEADLINES])
{
    for (int k = 0; k < SWAY_HEADLINES; k++)
        t->hits[k] += truth[k] >= u->of[k].low && truth[k] <= u->of[k].high;
}

/* Truth of such a process of n samples: spread about its own mean is less than sd by the variance
 * of that mean, 2 tau / T; a step has variance 2 (1 - p) sd^2. */
static void truth_of(double seconds, double tau_s, double sd, double truth[SWAY_HEADLINES])
{
    double p = exp(-1 / (tau_s * RATE)), step = sd * sqrt(2 * (1 - p)) * RATE;
    double own = sd * sqrt(1 - 2 * tau_s / seconds), n = seconds * RATE, nu = n - 2;
    double f = nu / 2 * (pow(0.05, -2 / nu) - 1);
    truth[SWAY_RMS_ML] = truth[SWAY_RMS_AP] = own;
    truth[SWAY_RMS_RD] = own * M_SQRT2;
    truth[SWAY_MEAN_DISTANCE_RD] = own * sqrt(M_PI / 2);
    truth[SWAY_VELOCITY_ML] = truth[SWAY_VELOCITY_AP] = step * sqrt(2 / M_PI);
    truth[SWAY_VELOCITY_RD] = step * sqrt(M_PI / 2);
    truth[SWAY_ELLIPSE] = 2 * M_PI * f * own * own;
}

static void check_coverage(double seconds, double tau_s, int trials, double least)
{
    uint64_t seed = SEED;
    struct tally tally = {0};
    double truth[SWAY_HEADLINES], block = 0;
    truth_of(seconds, tau_s, 4.3, truth);
    for (int i = 0; i < trials; i++) {
        struct cop_series path = wander(seconds, tau_s, 4.3, &seed);
        struct sway_result r = measure_headlines(&path, "raw");
        struct sway_uncertainty u;
        struct problem why;
        assert_int_equal(sway_uncertainty(&path, &r, SWAY_SEED, &u, &why), 0);
        tell(&tally, &u, truth);
        block += u.block_s / trials;
        cop_series_free(&path);
    }
    printf("%g s, memory %g s, blocks of %.1f s, seed %u:", seconds, tau_s, block, SEED);
    for (int k = 0; k < SWAY_HEADLINES; k++)
        printf(" %.3f", (double)tally.hits[k] / trials);
    printf("\n");
    for (int k = 0; k < SWAY_HEADLINES; k++)
        assert_in_range(tally.hits[k], (int)(least * trials), trials);
}

static void test_truth_lies_inside(void **state)
{
    (void)state;
    check_coverage(60, 0.3, 200, 0.88);
    check_coverage(30, 1.0, 300, 0.87);
    check_coverage(60, 3.0, 200, 0.85);
}

/* The same trial and seed give the same digits; another seed nearly the same interval. */
static void test_seeded(void **state)
{
    (void)state;
    uint64_t seed = SEED;
    struct problem why;
    struct cop_series path = wander(60, 0.5, 4.3, &seed);
    struct sway_result r = measure_headlines(&path, "lp10");
    struct sway_uncertainty one, again, other;
    assert_int_equal(sway_uncertainty(&path, &r, 7, &one, &why), 0);
    assert_int_equal(sway_uncertainty(&path, &r, 7, &again, &why), 0);
    assert_int_equal(sway_uncertainty(&path, &r, 8, &other, &why), 0);
    assert_memory_equal(&one, &again, sizeof one);
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        double value = sway_headline(&r, (enum sway_headline)k);
        assert_true(one.of[k].low < value && value < one.of[k].high);
        assert_true(one.of[k].low != other.of[k].low);
        assert_near(other.of[k].se / one.of[k].se, 1, 0.15);
    }
    cop_series_free(&path);
}

/* Longer trials tell more: four times the time, about half the error. Scale scales the error. */
static void test_time_and_scale(void **state)
{
    (void)state;
    uint64_t seed = SEED;
    struct problem why;
    struct cop_series longer = wander(240, 0.5, 4.3, &seed), brief;
    struct sway_uncertainty u, v, w;
    assert_int_equal(cop_series_part(&longer, 6000, 6000, &brief, &why), 0);
    struct sway_result r = measure_headlines(&longer, "lp10"),
                       s = measure_headlines(&brief, "lp10");
    assert_int_equal(sway_uncertainty(&longer, &r, SWAY_SEED, &u, &why), 0);
    assert_int_equal(sway_uncertainty(&brief, &s, SWAY_SEED, &v, &why), 0);
    assert_near(v.of[SWAY_VELOCITY_RD].se / u.of[SWAY_VELOCITY_RD].se, 2, 0.7);
    assert_near(v.of[SWAY_RMS_RD].se / u.of[SWAY_RMS_RD].se, 2, 0.9);
    for (size_t i = 0; i < brief.n; i++) {
        brief.ml_mm[i] *= 3;
        brief.ap_mm[i] *= 3;
    }
    s = measure_headlines(&brief, "lp10");
    assert_int_equal(sway_uncertainty(&brief, &s, SWAY_SEED, &w, &why), 0);
    assert_near(w.of[SWAY_RMS_AP].se / v.of[SWAY_RMS_AP].se, 3, 1e-6);
    assert_near(w.of[SWAY_ELLIPSE].se / v.of[SWAY_ELLIPSE].se, 9, 1e-5);
    cop_series_free(&longer);
    cop_series_free(&brief);
}

/* A statue has no interval, the shortest trial has one, and nothing crashes. */
static void test_statue_and_short(void **state)
{
    (void)state;
    struct problem why;
    struct sway_uncertainty u;
    for (size_t n = COP_SERIES_LEAST; n < 300; n += 67) {
        struct cop_series path = sway_path(n, RATE);
        struct sway_result r = measure_headlines(&path, "raw");
        assert_int_equal(sway_uncertainty(&path, &r, SWAY_SEED, &u, &why), 0);
        for (int k = 0; k < SWAY_HEADLINES; k++)
            assert_true(isnan(u.of[k].low) && isnan(u.of[k].high) && isnan(u.of[k].se));
        cop_series_free(&path);
        path = sway_person(n, RATE, n);
        r = measure_headlines(&path, "raw");
        assert_int_equal(sway_uncertainty(&path, &r, SWAY_SEED, &u, &why), 0);
        cop_series_free(&path);
    }
}

/* The block grows with memory as theory says: (2 p / (1 - p^2))^(2/3) n^(1/3). */
static void test_block_length(void **state)
{
    (void)state;
    static double x[4000];
    uint64_t seed = SEED;
    for (double p = 0.3; p < 0.95; p += 0.2) {
        double mean = 0, theory = pow(2 * p / (1 - p * p), 2.0 / 3) * cbrt(4000);
        for (int round = 0; round < 20; round++) {
            x[0] = 0;
            for (int i = 1; i < 4000; i++)
                x[i] = p * x[i - 1] + sway_normal(&seed);
            mean += block_length(x, 4000) / 20;
        }
        printf("p %.1f: block %.1f, in theory %.1f\n", p, mean, theory);
        assert_near(mean / theory, 1, 0.3);
    }
    for (int i = 0; i < 4000; i++)
        x[i] = 5.5;
    assert_near(block_length(x, 4000), 1, 0);
}

/* Repeats whose SD is known; the change that they call larger than the measuring error. */
static void test_repeats(void **state)
{
    (void)state;
    const double five[] = {12.5, 14.5, 13.5, 11.5, 15.5}; /* mean 13.5, SD sqrt(2.5) */
    struct repeats r;
    repeats_of(five, 5, &r);
    assert_near(r.mean, 13.5, 1e-12);
    assert_near(r.sem, sqrt(2.5), 1e-12);
    assert_near(r.mdc95, 2.776445 * sqrt(5), 1e-6); /* t of 4 degrees of freedom */
    assert_near(r.high - r.mean, 2.776445 * sqrt(2.5 / 5), 1e-6);
    repeats_of(five, 1, &r);
    assert_near(r.mean, 12.5, 0);
    assert_true(isnan(r.sd) && isnan(r.mdc95));
    assert_int_equal(judge_change(13, 13 + 1.96 * sqrt(5) + 0.01, sqrt(2.5), SEM_IS_KNOWN),
                     CHANGE_BEYOND);
    assert_int_equal(judge_change(13, 13 - 1.96 * sqrt(5) + 0.01, sqrt(2.5), SEM_IS_KNOWN),
                     CHANGE_WITHIN);
    assert_int_equal(judge_change(13, 99, NAN, SEM_IS_KNOWN), CHANGE_UNKNOWN);
    assert_int_equal(judge_change(13, NAN, 1, SEM_IS_KNOWN), CHANGE_UNKNOWN);
    assert_int_equal(judge_change(13, 14, 0, SEM_IS_KNOWN), CHANGE_BEYOND);
    assert_near(common_sem(3, 4), sqrt(12.5), 1e-12);
    assert_true(isnan(common_sem(3, NAN)));
}

/* Days of one, two, three and two equal repeats: their squares 2 + 6 + 0 over 1 + 2 + 1. */
static void test_repeats_within_days(void **state)
{
    (void)state;
    const double one[] = {7}, two[] = {1, 3}, three[] = {2, 2, 5}, same[] = {4, 4};
    const double unknown[] = {1, NAN};
    struct within within = {0};
    assert_true(isnan(within_sd(&within)) && isnan(within_mdc95(&within)));
    within_add(&within, one, 1);
    within_add(&within, unknown, 2);
    assert_true(isnan(within_error(&within)) && !within.groups);
    within_add(&within, two, 2);
    within_add(&within, three, 3);
    within_add(&within, same, 2);
    assert_int_equal(within.groups, 3);
    assert_int_equal(within.freedom, 4);
    assert_near(within_sd(&within), sqrt(2), 1e-12);
    assert_near(within_error(&within), 2.776445 * sqrt(2), 1e-6); /* t of 4 degrees of freedom */
    assert_near(within_mdc95(&within), 2.776445 * 2, 1e-6);
    for (int i = 0; i < 100000; i++)
        within_add(&within, two, 2);
    assert_near(within_mdc95(&within) / within_sd(&within), 1.96 * M_SQRT2, 1e-3);
}

/* Two measurements that differ by chance alone are called larger in about 5 of 100 pairs. */
static void test_false_alarms(void **state)
{
    (void)state;
    uint64_t seed = SEED;
    int alarms = 0, pairs = 20000;
    for (int i = 0; i < pairs; i++) {
        double one = 40 + 2.5 * sway_normal(&seed), other = 40 + 2.5 * sway_normal(&seed);
        alarms += judge_change(one, other, 2.5, SEM_IS_KNOWN) == CHANGE_BEYOND;
    }
    assert_near((double)alarms / pairs, 0.05, 0.005);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    struct cop_series path = sway_person(400, RATE, SEED);
    struct sway_result r = measure_headlines(&path, "quijoux25");
    for (long n = 1;; n++) {
        struct problem why = {0};
        struct sway_uncertainty u;
        failing_malloc_at(n);
        int bad = sway_uncertainty(&path, &r, SWAY_SEED, &u, &why), failed = failing_malloc_off();
        assert_int_equal(bad != 0, failed);
        if (!failed)
            break;
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    cop_series_free(&path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth_lies_inside),     cmocka_unit_test(test_seeded),
        cmocka_unit_test(test_time_and_scale),        cmocka_unit_test(test_statue_and_short),
        cmocka_unit_test(test_block_length),          cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_repeats_within_days),   cmocka_unit_test(test_false_alarms),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
