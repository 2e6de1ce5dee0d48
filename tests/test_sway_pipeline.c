/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to a path before it is measured: the filter beside its textbook gain, resampling,
 * and (where they are there) the published coefficients and step responses. */
#include "analysis/sway/butterworth.h"
#include "analysis/sway/swarii.h"

#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/support/near.h"

#define STAGES "../shared/data/sway/reference/stages.json"
#define MANY 4000

/* |H|^2 = 1 / (1 + (tan(pi f / rate) / tan(pi cut / rate))^(2 order)), the gain of both passes. */
static void test_gain_is_the_textbooks(void **state)
{
    (void)state;
    static double x[MANY], scratch[MANY + 100];
    for (int order = 1; order <= BUTTERWORTH_MOST_ORDER; order++) {
        for (double f = 1; f < 20; f += 3.7) {
            struct butterworth low;
            double rate = 100, cut = 8, most = 0;
            double gain = 1 / (1 + pow(tan(M_PI * f / rate) / tan(M_PI * cut / rate), 2 * order));
            butterworth_lowpass(&low, order, cut, rate);
            for (int i = 0; i < MANY; i++)
                x[i] = sin(2 * M_PI * f * i / rate);
            butterworth_zero_phase(&low, x, MANY, scratch);
            for (int i = 1000; i < 3000; i++)
                most = fmax(most, fabs(x[i] - gain * sin(2 * M_PI * f * i / rate)));
            assert_near(most, 0, 1e-7);
        }
    }
}

/* A constant and a slope pass as they are, to their very ends: steady state and odd padding. */
static void test_a_line_passes(void **state)
{
    (void)state;
    double x[200], scratch[300];
    for (int order = 1; order <= 6; order++) {
        struct butterworth low;
        butterworth_lowpass(&low, order, 5, 100);
        for (int i = 0; i < 200; i++)
            x[i] = 42;
        butterworth_zero_phase(&low, x, 200, scratch);
        for (int i = 0; i < 200; i++)
            assert_near(x[i], 42, 1e-7);
    }
}

/* Resampling: a constant stays one, a slope stays a slope, a jump of one sample is left out. */
static void test_resampling_keeps_what_is_true(void **state)
{
    (void)state;
    struct cop_series in = sway_path(1000, 100), out;
    struct problem why = {0};
    uint64_t seed = 5;
    for (size_t i = 0; i < in.n; i++) {
        in.time_s[i] += 0.004 * sway_uniform(&seed);
        in.ml_mm[i] = 12;
        in.ap_mm[i] = 3 * in.time_s[i];
    }
    in.ml_mm[500] = 70;
    assert_int_equal(swarii_resample(&in, 25, &out, &why), 0);
    assert_in_range(out.n, 246, 248);
    for (size_t i = 1; i + 1 < out.n; i++) {
        assert_near(out.ml_mm[i], 12, 1e-12);
        assert_near(out.ap_mm[i], 3 * out.time_s[i], 0.03);
        assert_near(out.time_s[i] - out.time_s[i - 1], 0.04, 1e-9);
    }
    cop_series_free(&in);
    cop_series_free(&out);
}

/* A gap of half a second is bridged by a line. Windows at its edges see one side only: half a
 * window of 40 ms is their error. */
static void test_a_gap_is_bridged(void **state)
{
    (void)state;
    struct cop_series in = sway_path(950, 100), out;
    struct problem why = {0};
    for (size_t i = 0; i < in.n; i++) {
        in.time_s[i] += i >= 450 ? 0.5 : 0;
        in.ml_mm[i] = 2 * in.time_s[i];
        in.ap_mm[i] = -in.time_s[i];
    }
    in.rate_hz = 0;
    assert_int_equal(swarii_resample(&in, 25, &out, &why), 0);
    for (size_t i = 2; i + 2 < out.n; i++) {
        assert_near(out.ml_mm[i], 2 * out.time_s[i], 0.06);
        assert_near(out.ap_mm[i], -out.time_s[i], 0.03);
        assert_near(out.time_s[i] - out.time_s[i - 1], 0.04, 1e-9);
    }
    cop_series_free(&in);
    cop_series_free(&out);
}

static void compare(const double *ours, json_t *theirs, double bound)
{
    for (size_t i = 0; i < json_array_size(theirs); i++)
        assert_near(ours[i], json_real_value(json_array_get(theirs, i)), bound);
}

static void compare_filter(const char *name, json_t *theirs, json_t *step)
{
    struct butterworth low;
    double cut, rate, x[80], scratch[140];
    int order;
    assert_int_equal(sscanf(name, "order%d_fc%lf_fs%lf", &order, &cut, &rate), 3);
    butterworth_lowpass(&low, order, cut, rate);
    compare(low.b, json_object_get(theirs, "b"), 1e-13);
    compare(low.a, json_object_get(theirs, "a"), 1e-13);
    compare(low.steady, json_object_get(theirs, "lfilter_zi"), 1e-11);
    for (int i = 0; i < 80; i++)
        x[i] = i >= 40;
    butterworth_zero_phase(&low, x, 80, scratch);
    compare(x, json_object_get(step, "output"), 1e-11);
}

static void test_coefficients_are_the_published(void **state)
{
    (void)state;
    json_t *stages = json_load_file(STAGES, 0, NULL), *filter, *steps;
    const char *name;
    int compared = 0;
    if (!stages) {
        printf("skipped: %s is not there\n", STAGES);
        skip();
    }
    steps = json_object_get(stages, "filtfilt_step");
    json_object_foreach(json_object_get(stages, "butter"), name, filter)
    {
        json_t *step = json_object_get(steps, name);
        if (step) {
            compare_filter(name, filter, step);
            compared++;
        }
    }
    assert_true(compared >= 8);
    json_decref(stages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gain_is_the_textbooks),
        cmocka_unit_test(test_a_line_passes),
        cmocka_unit_test(test_resampling_keeps_what_is_true),
        cmocka_unit_test(test_a_gap_is_bridged),
        cmocka_unit_test(test_coefficients_are_the_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
