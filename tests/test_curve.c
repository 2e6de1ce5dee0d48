/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves by themselves: the vector code against the formula in double, the inverse, what rises
 * and what does not, and the monotone spline against a truth that it was given points of. */
#include "calib/curve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 1003, KNOTS = 9, TOP = 4095 }; /* not whole blocks of the vector code */

struct cells {
    float values[CURVE_COEFFICIENTS_MAX][CELLS];
    const float *lists[CURVE_COEFFICIENTS_MAX];
    struct curve_shape shape;
};

static void of_cell(const struct cells *c, size_t cell, double one[])
{
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        one[k] = (double)c->values[k][cell];
}

/* About 400 to 900 kPa at the top. */
static void draw(struct cells *c, const struct curve *curve, gsl_rng *rng)
{
    memset(c, 0, sizeof *c);
    c->shape.max_count = TOP;
    for (int k = 0; k < CURVE_COEFFICIENTS_MAX; k++)
        c->lists[k] = c->values[k];
    if (!curve->n_coefficients) {
        c->shape.n_knots = KNOTS;
        for (int k = 0; k < KNOTS; k++)
            c->shape.knots[k] = 3700.7 * pow((k + 1.0) / KNOTS, 1.6);
    }
    for (size_t i = 0; i < CELLS; i++) {
        double top = gsl_ran_flat(rng, 400, 900), bend = gsl_ran_flat(rng, -0.4, 0.4);
        double exponent = gsl_ran_flat(rng, 0.6, 2.2), full = TOP * gsl_ran_flat(rng, 1.01, 3);
        double kpa = 0, first = 0, second = 0;
        for (int k = 0; k < c->shape.n_knots; k++)
            c->values[k][i] = (float)(kpa += gsl_ran_flat(rng, 0.01, 80));
        if (c->shape.n_knots)
            continue;
        if (!strcmp(curve->name, "line")) {
            first = top / TOP;
            second = -3 * fabs(bend);
        } else if (!strcmp(curve->name, "power")) {
            first = top / pow(TOP, exponent);
            second = exponent;
        } else if (!strcmp(curve->name, "quadratic")) {
            first = top / TOP * (1 - bend);
            second = top / TOP / TOP * bend;
        } else {
            first = top * pow(full / TOP - 1, exponent);
            second = full;
        }
        c->values[0][i] = (float)first;
        c->values[1][i] = (float)second;
        c->values[2][i] = (float)exponent;
    }
}

static void check_curve(const struct curve *curve, const struct cells *c)
{
    static uint16_t counts[CELLS];
    static float kpa[CELLS], below[CELLS];
    double worst = 0, lost = 0;
    memset(below, 0, sizeof below);
    for (int count = 0; count <= TOP; count += count < 40 ? 1 : 31) {
        for (size_t i = 0; i < CELLS; i++)
            counts[i] = (uint16_t)count;
        curve->apply(&c->shape, c->lists, counts, kpa, CELLS);
        for (size_t i = 0; i < CELLS; i++) {
            double one[CURVE_COEFFICIENTS_MAX];
            of_cell(c, i, one);
            double want = fmax(curve->value(&c->shape, one, count), 0);
            worst = fmax(worst, fabs((double)kpa[i] - want) / (want + 1));
            assert_true(kpa[i] >= below[i] * (1 - 1e-6F));
            assert_true(count > 0 || !(kpa[i] > 0));
            below[i] = kpa[i];
            if (want > 0.5)
                lost = fmax(lost, fabs(curve->inverse(&c->shape, one, want) - count));
        }
    }
    print_message("%s: vector code within %.1e of the reading, inverse within %.1e counts\n",
                  curve->name, worst, lost);
    assert_true(worst < 1e-5);
    assert_true(lost < 1e-6);
}

static void each_curve_is_its_formula_and_its_inverse(void **state)
{
    (void)state;
    static struct cells c;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    size_t n = 0;
    for (; curve_at(n); n++) {
        const struct curve *curve = curve_at(n);
        assert_ptr_equal(curve_find(curve->name), curve);
        draw(&c, curve, rng);
        assert_null(curve_shape_fault(curve, &c.shape));
        for (size_t i = 0; i < CELLS; i++) {
            double one[CURVE_COEFFICIENTS_MAX];
            of_cell(&c, i, one);
            const char *fault = curve->fault(&c.shape, one);
            if (fault)
                fail_msg("%s: %s", curve->name, fault);
            for (int k = 0; k < curve_coefficients(curve, &c.shape); k++)
                assert_true(one[k] >= curve->least[k] && one[k] <= curve->most[k]);
        }
        check_curve(curve, &c);
    }
    assert_int_equal(n, 5);
    assert_null(curve_find("spleen"));
    gsl_rng_free(rng);
}

static void a_masked_cell_reads_nothing_at_all_counts(void **state)
{
    (void)state;
    static struct cells c;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t n = 0; curve_at(n); n++) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        draw(&c, curve_at(n), rng);
        memset(c.values, 0, sizeof c.values);
        for (size_t i = 0; i < CELLS; i++)
            counts[i] = (uint16_t)(i * 4 % (TOP + 1));
        curve_at(n)->apply(&c.shape, c.lists, counts, kpa, CELLS);
        for (size_t i = 0; i < CELLS; i++)
            assert_true(!(kpa[i] > 0) && !(kpa[i] < 0));
    }
    gsl_rng_free(rng);
}

/* A count over the largest (other bits than it was made for) stays a finite pressure. */
static void counts_over_the_top_stay_finite(void **state)
{
    (void)state;
    static struct cells c;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (size_t n = 0; curve_at(n); n++) {
        uint16_t counts[CELLS];
        float kpa[CELLS];
        draw(&c, curve_at(n), rng);
        memset(counts, 0xff, sizeof counts);
        curve_at(n)->apply(&c.shape, c.lists, counts, kpa, CELLS);
        for (size_t i = 0; i < CELLS; i++)
            assert_true(isfinite(kpa[i]) && kpa[i] >= 0);
    }
    gsl_rng_free(rng);
}

/* Points of a smooth rising truth: the spline goes through them and lies close in between. */
static void the_spline_finds_a_smooth_truth_between_its_knots(void **state)
{
    (void)state;
    const struct curve *spline = curve_find("spline");
    struct curve_shape shape = {.max_count = TOP, .n_knots = 12};
    double values[CURVE_COEFFICIENTS_MAX], worst = 0;
    for (int k = 0; k < 12; k++) {
        shape.knots[k] = 3600 * pow((k + 1) / 12.0, 1.5);
        values[k] = 160 * shape.knots[k] / (5200 - shape.knots[k]); /* a divider's */
        assert_true(fabs(spline->value(&shape, values, 0)) < 1e-12);
    }
    for (int k = 0; k < 12; k++)
        assert_true(fabs(spline->value(&shape, values, shape.knots[k]) - values[k]) < 1e-9);
    for (double count = 100; count < 3600; count += 7.3) {
        double want = 160 * count / (5200 - count);
        worst = fmax(worst, fabs(spline->value(&shape, values, count) - want) / want);
    }
    print_message("worst %.2f %% of the reading\n", 100 * worst);
    assert_true(worst < 0.01);
}

/* Steps, plateaus and jumps: it never turns back, and goes straight on after the last knot. */
static void the_spline_rises_whatever_its_values_are(void **state)
{
    (void)state;
    const struct curve *spline = curve_find("spline");
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    for (int round = 0; round < 300; round++) {
        struct curve_shape shape = {.max_count = TOP, .n_knots = 2 + round % 11};
        double values[CURVE_COEFFICIENTS_MAX], last = 0, kpa = 0, knot = 0;
        for (int k = 0; k < shape.n_knots; k++) {
            shape.knots[k] = knot += 1 + 300 * pow(gsl_rng_uniform(rng), 4);
            values[k] = kpa += 1e-4 + 300 * pow(gsl_rng_uniform(rng), 9);
        }
        assert_null(curve_shape_fault(spline, &shape));
        for (double count = 0; count < 1.1 * knot + 3; count += 0.37) {
            double now = spline->value(&shape, values, count);
            assert_true(now >= last - 1e-12);
            last = now;
        }
        double a = spline->value(&shape, values, knot),
               b = spline->value(&shape, values, knot + 50);
        double c = spline->value(&shape, values, knot + 100);
        assert_true(b > a && fabs(c - 2 * b + a) < 1e-6 * c);
    }
    gsl_rng_free(rng);
}

static void what_no_curve_may_be(void **state)
{
    (void)state;
    const struct curve *spline = curve_find("spline"), *saturating = curve_find("saturating");
    struct curve_shape shape = {.max_count = TOP}, two = {TOP, 2, {100, 2000}};
    assert_non_null(curve_shape_fault(spline, &shape));
    assert_non_null(curve_shape_fault(saturating, &two));
    assert_null(curve_shape_fault(spline, &two));
    two.knots[1] = NAN;
    assert_non_null(curve_shape_fault(spline, &two));
    two.knots[1] = 100.5;
    assert_non_null(curve_shape_fault(spline, &two));
    two.knots[1] = 2000;
    assert_null(spline->fault(&two, (const double[]){10, 11}));
    assert_non_null(spline->fault(&two, (const double[]){10, 10}));
    assert_non_null(spline->fault(&two, (const double[]){0, 10}));
    assert_non_null(spline->fault(&two, (const double[]){10, NAN}));
    assert_non_null(spline->fault(&two, (const double[]){10, 99999}));
    assert_null(saturating->fault(&shape, (const double[]){100, 5000, 1}));
    assert_non_null(saturating->fault(&shape, (const double[]){100, 4096, 1}));
    assert_non_null(saturating->fault(&shape, (const double[]){0, 5000, 1}));
    assert_non_null(saturating->fault(&shape, (const double[]){NAN, 5000, 1}));
    assert_non_null(saturating->fault(&shape, (const double[]){1e5, 4200, 1}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_curve_is_its_formula_and_its_inverse),
        cmocka_unit_test(a_masked_cell_reads_nothing_at_all_counts),
        cmocka_unit_test(counts_over_the_top_stay_finite),
        cmocka_unit_test(the_spline_finds_a_smooth_truth_between_its_knots),
        cmocka_unit_test(the_spline_rises_whatever_its_values_are),
        cmocka_unit_test(what_no_curve_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
