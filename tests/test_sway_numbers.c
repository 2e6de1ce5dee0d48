/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway numbers of paths whose truth is known on paper, and of our shortcuts beside the plain way.
 */
#include "analysis/sway/displacement.h"
#include "analysis/sway/hull.h"

#include "tests/support/sway_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/near.h"

#define RATE 100.0

/* A circle of radius 10 mm at 0.5 Hz for 20 s: whole turns, 200 samples each. */
static void test_circle(void **state)
{
    (void)state;
    struct cop_series path = sway_path(2000, RATE);
    for (size_t i = 0; i < path.n; i++) {
        path.ml_mm[i] = 100 + 10 * cos(M_PI * (double)i / 100);
        path.ap_mm[i] = -40 + 10 * sin(M_PI * (double)i / 100);
    }
    struct sway_result r = sway_of(&path, "raw");
    const struct sway_distances *ml = &r.distances[SWAY_ML], *rd = &r.distances[SWAY_RD];
    double step = 20 * sin(M_PI / 200), n = 2000;
    assert_near(rd->mean_distance_mm, 10, 1e-11);
    assert_near(rd->path_mm, (n - 1) * step, 1e-9);
    assert_near(rd->mean_velocity_mm_s, (n - 1) * step / 20, 1e-10);
    assert_near(rd->range_mm, 20, 1e-11);
    assert_near(ml->range_mm, 20, 1e-11);
    assert_near(ml->rms_distance_mm, 10 / M_SQRT2, 1e-11);
    assert_near(rd->mean_frequency_hz, (n - 1) * step / 20 / (20 * M_PI), 1e-12);
    assert_near(r.area.circle95_mm2, 100 * M_PI, 1e-4);
    assert_near(r.area.ellipse95_prieto_mm2, 2 * M_PI * 3 * 50, 1e-8);
    assert_near(r.area.ellipse95_chi2_mm2, M_PI * -2 * log(0.05) * 50 * n / (n - 1), 1e-8);
    assert_near(r.area.hull_mm2, 200.0 / 2 * 100 * sin(M_PI / 100), 1e-8);
    assert_near(r.area.sway_mm2_s, (n - 1) * 100 * sin(M_PI / 100) / 2 / 20, 1e-9);
    assert_true(isnan(r.area.angle_deg));
    for (int axis = 0; axis < 2; axis++) {
        const struct spectrum_numbers *s = &r.spectrum[SPECTRUM_PERIODOGRAM][axis];
        assert_near(s->power_mm2, 50, 1e-9);
        assert_near(s->f50_hz, 0.5, 1e-12);
        assert_near(s->f95_hz, 0.5, 1e-12);
        assert_near(s->centroidal_hz, 0.5, 1e-9);
        assert_near(s->dispersion, 0, 1e-5);
    }
    /* A sine of 0.5 Hz has its largest speed at 2 pi f r between two crossings. */
    assert_near(r.axis[0].velocity.peak_all_mm_s, 10 * M_PI, 1e-3);
    cop_series_free(&path);
}

/* Sines of whole numbers of turns, each with its own power. */
static void test_two_sines(void **state)
{
    (void)state;
    struct cop_series path = sway_path(6000, RATE);
    for (size_t i = 0; i < path.n; i++) {
        double t = (double)i / RATE;
        path.ml_mm[i] = 5 * sin(2 * M_PI * 0.3 * t + 0.1) + 2 * sin(2 * M_PI * 1.2 * t + 0.2);
        path.ap_mm[i] = 8 * sin(2 * M_PI * 0.2 * t + 0.3) + 3 * sin(2 * M_PI * 0.9 * t + 0.4);
    }
    struct sway_result r = sway_of(&path, "raw");
    double ml = sqrt((25 + 4) / 2.0), ap = sqrt((64 + 9) / 2.0);
    const struct spectrum_numbers *s = &r.spectrum[SPECTRUM_PERIODOGRAM][SWAY_ML];
    assert_near(r.distances[SWAY_ML].rms_distance_mm, ml, 1e-10);
    assert_near(r.distances[SWAY_RD].rms_distance_mm, hypot(ml, ap), 1e-10);
    assert_near(r.area.ellipse95_prieto_mm2, 6 * M_PI * ml * ap, 1e-7);
    assert_near(r.area.angle_deg, 90, 1e-7);
    assert_near(s->power_mm2, ml * ml, 1e-8);
    assert_near(s->f80_hz, 0.3, 1e-12);
    assert_near(s->f95_hz, 1.2, 1e-12);
    assert_near(s->mode_hz, 0.3, 1e-12);
    assert_near(s->mean_hz, (0.3 * 25 + 1.2 * 4) / 29, 1e-9);
    assert_near(s->centroidal_hz, sqrt((0.09 * 25 + 1.44 * 4) / 29), 1e-9);
    /* The other estimators see the same power, smeared over bins. */
    assert_near(r.spectrum[SPECTRUM_SINE8][SWAY_ML].power_mm2, ml * ml, 0.03 * ml * ml);
    assert_near(r.spectrum[SPECTRUM_WELCH10][SWAY_ML].power_mm2, ml * ml, 0.05 * ml * ml);
    cop_series_free(&path);
}

/* White noise: no memory; a random walk: all of it. */
static void test_noise_and_walk(void **state)
{
    (void)state;
    uint64_t seed = 20260117;
    struct cop_series noise = sway_path(4000, RATE), walk = sway_path(4000, RATE);
    for (size_t i = 0; i < noise.n; i++) {
        noise.ml_mm[i] = 5 * sway_normal(&seed);
        noise.ap_mm[i] = 5 * sway_normal(&seed);
        walk.ml_mm[i] = (i ? walk.ml_mm[i - 1] : 0) + 0.1 * sway_normal(&seed);
        walk.ap_mm[i] = (i ? walk.ap_mm[i - 1] : 0) + 0.1 * sway_normal(&seed);
    }
    struct sway_result n = sway_of(&noise, "raw"), w = sway_of(&walk, "raw");
    printf("noise: entropy %.3f, alpha %.3f; walk: alpha %.3f, H %.3f\n", n.axis[0].entropy.entropy,
           n.axis[0].dfa_alpha, w.axis[0].dfa_alpha, w.axis[0].loglog.short_time_scaling);
    assert_near(n.axis[0].entropy.entropy, -log(erf(0.1)), 0.08);
    assert_near(n.axis[0].dfa_alpha, 0.5, 0.06);
    assert_near(n.axis[0].loglog.long_time_scaling, 0, 0.02);
    assert_near(n.area.ellipse95_chi2_mm2, M_PI * -2 * log(0.05) * 25, 25);
    assert_near(w.axis[0].dfa_alpha, 1.5, 0.1);
    assert_near(w.axis[0].loglog.short_time_scaling, 0.5, 0.06);
    /* D = step^2 rate / 2 of each axis, twice that in the plane. */
    assert_near(w.diffusion[SWAY_RD].short_mm2_s, 1, 0.3);
    cop_series_free(&noise);
    cop_series_free(&walk);
}

static double plain_diameter(const struct cop_series *p)
{
    double most = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < i; j++)
            most = fmax(most, hypot(p->ml_mm[i] - p->ml_mm[j], p->ap_mm[i] - p->ap_mm[j]));
    return most;
}

/* Rotating calipers find what all pairs find, on clouds, grids (parallel edges) and lines. */
static void test_diameter_is_that_of_all_pairs(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 60; round++) {
        struct cop_series p = sway_path(40 + (size_t)round * 5, RATE);
        struct hull_point *scratch = malloc((2 * p.n + 2) * sizeof *scratch);
        struct sway_hull hull;
        for (size_t i = 0; i < p.n; i++) {
            double x = sway_normal(&seed), y = sway_normal(&seed);
            p.ml_mm[i] = round % 3 == 1 ? round % 7 + floor(3 * x) : x;
            p.ap_mm[i] = round % 3 == 1 ? floor(2 * y) : round % 3 == 2 ? 0.5 * x : y;
        }
        sway_hull(p.ml_mm, p.ap_mm, p.n, scratch, &hull);
        assert_near(hull.diameter_mm, plain_diameter(&p), 1e-12);
        if (round % 3 == 2)
            assert_near(hull.area_mm2, 0, 1e-12);
        free(scratch);
        cop_series_free(&p);
    }
}

static void count_plainly(const double *x, size_t n, double r, uint64_t *a, uint64_t *b)
{
    *a = *b = 0;
    for (size_t i = 0; i + 2 < n; i++)
        for (size_t j = 0; j + 2 < n; j++) {
            int two = i != j && fabs(x[i] - x[j]) <= r && fabs(x[i + 1] - x[j + 1]) <= r;
            *b += (uint64_t)two;
            *a += (uint64_t)(two && fabs(x[i + 2] - x[j + 2]) <= r);
        }
}

/* Sorting the templates changes the cost, not the count; also with many equal values. */
static void test_entropy_counts_each_pair(void **state)
{
    (void)state;
    double x[400], scratch[6 * 400];
    uint64_t seed = 11, a, b;
    for (int round = 0; round < 20; round++) {
        struct sample_entropy found;
        size_t n = 50 + (size_t)round * 18;
        for (size_t i = 0; i < n; i++)
            x[i] = round % 2 ? floor(4 * sway_normal(&seed)) : sway_normal(&seed);
        sample_entropy(x, n, scratch, &found);
        count_plainly(x, n, found.r_mm, &a, &b);
        assert_int_equal(found.a, a);
        assert_int_equal(found.b, b);
        assert_true(b > 0);
    }
}

/* Trials beyond 65536 samples go another way: on a ramp the pairs can be counted on paper. */
static void test_entropy_of_long_trials(void **state)
{
    (void)state;
    size_t n = 65537;
    double *x = calloc(7 * n, sizeof *x);
    struct sample_entropy found;
    uint64_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)i - (double)(n - 1) / 2;
    sample_entropy(x, n, x + n, &found);
    for (uint64_t apart = 1; apart <= (uint64_t)found.r_mm; apart++)
        pairs += 2 * (n - 2 - apart);
    assert_int_equal(found.b, pairs);
    assert_int_equal(found.a, pairs);
    free(x);
}

/* Displacement by the autocorrelation is that of the differences, at long and at short lags. */
static void test_displacement_is_that_of_the_differences(void **state)
{
    (void)state;
    struct problem why;
    struct cop_series p = sway_person(3000, RATE, 3);
    struct displacement_plan *plan = displacement_plan_make(p.n, 1000, &why);
    double msd[1001];
    /* Smooth and far from its middle: the hardest case for the sums. */
    for (size_t i = 0; i < p.n; i++)
        p.ml_mm[i] = 20 * sin(0.001 * (double)i) + 0.001 * p.ap_mm[i];
    displacement_run(plan, p.ml_mm, msd);
    assert_near(msd[0], 0, 0);
    for (size_t k = 1; k <= 1000; k += k < 30 ? 1 : 61) {
        double sum = 0;
        for (size_t i = k; i < p.n; i++)
            sum += (p.ml_mm[i] - p.ml_mm[i - k]) * (p.ml_mm[i] - p.ml_mm[i - k]);
        assert_near(msd[k] * (double)(p.n - k) / sum, 1, 1e-9);
    }
    displacement_plan_free(plan);
    cop_series_free(&p);
}

/* Two lines laid by hand into a displacement are found again, and where they meet. */
static void test_diffusion_finds_the_lines(void **state)
{
    (void)state;
    double msd[2001] = {0}, scratch[2 * 2001];
    struct diffusion_linear linear;
    struct diffusion_loglog loglog;
    for (size_t k = 1; k <= 2000; k++) {
        double t = (double)k / RATE;
        msd[k] = t <= 1.0 ? 6 * t : 6 + 0.5 * (t - 1);
    }
    diffusion_linear(msd, 6000, RATE, &linear);
    assert_near(linear.short_mm2_s, 3, 1e-9);
    assert_near(linear.long_mm2_s, 0.25, 1e-9);
    assert_near(linear.critical_time_s, 1, 1e-9);
    assert_near(linear.critical_mm2, 6, 1e-9);
    assert_near(linear.short_h, 0.5, 1e-9);
    for (size_t k = 1; k <= 2000; k++) {
        double t = (double)k / RATE;
        msd[k] = t <= 1.0 ? 6 * pow(t, 1.4) : 6 * pow(t, 0.2);
    }
    diffusion_loglog(msd, 6000, RATE, scratch, &loglog);
    assert_near(loglog.short_time_scaling, 0.7, 1e-7);
    assert_near(loglog.long_time_scaling, 0.1, 1e-7);
    assert_near(loglog.critical_time_s, 1, 1e-6);
    assert_near(loglog.critical_displacement_mm2, 6, 1e-5);
}

/* Two places 20 mm apart, 4 s at each, 2.9 s of them within 3 mm: so high are the peaks. A path
 * within 1 mm, half an hour long, is one stay and takes no time to tell. */
static void test_sway_density(void **state)
{
    (void)state;
    struct cop_series p = sway_path(180000, RATE);
    double *scratch = malloc((2 * p.n + 64) * sizeof *scratch);
    struct sway_density density;
    for (size_t i = 0; i < 4000; i++) {
        double off = (double)(i % 400) - 199.5; /* slowest in the middle of each stay */
        p.ml_mm[i] = (i / 400 % 2 ? 20 : 0) + 1e-6 * off * fabs(off) * fabs(off);
    }
    sway_density(p.ml_mm, p.ap_mm, 4000, RATE, scratch, &density);
    assert_near(density.mean_peak_s, 2 * cbrt(3e6) / RATE, 0.2);
    for (size_t i = 0; i < p.n; i++)
        p.ml_mm[i] = 0.5 * sin((double)i);
    sway_density(p.ml_mm, p.ap_mm, p.n, RATE, scratch, &density);
    assert_true(isnan(density.mean_peak_s) || density.mean_peak_s > 1700);
    free(scratch);
    cop_series_free(&p);
}

/* A cubic is its own fit: its derivative is exact, at the ends too. */
static void test_velocity_of_a_cubic(void **state)
{
    (void)state;
    double x[20], speed[20];
    for (int i = 0; i < 20; i++) {
        double t = i / RATE;
        x[i] = 3 + 2 * t - 50 * t * t + 900 * t * t * t;
    }
    velocity_of(x, 20, RATE, speed);
    for (int i = 0; i < 20; i++) {
        double t = i / RATE;
        assert_near(speed[i], 2 - 100 * t + 2700 * t * t, 1e-10);
    }
}

/* A set point that wanders slowly and a swing about it, driven back by a force in step with it:
 * both come back, also when the platform's zero is off by 3 N. */
static void test_rambling_and_trembling(void **state)
{
    (void)state;
    struct cop_series p = sway_path(6000, RATE);
    struct problem why;
    assert_int_equal(cop_series_make_forces(&p, &why), 0);
    for (size_t i = 0; i < p.n; i++) {
        double t = (double)i / RATE, swing = 1.7 * sin(2 * M_PI * 1.1 * t);
        p.ml_mm[i] = 30 + 6 * sin(2 * M_PI * 0.1 * t) + swing;
        p.force_ml_n[i] = 3 - 4.2 * swing;
        p.ap_mm[i] = p.ml_mm[i];
        p.force_ap_n[i] = 12; /* never zero about its mean */
    }
    struct sway_result r = sway_of(&p, "raw");
    const struct rambling *ml = &r.axis[0].rambling;
    assert_int_equal(r.has_forces, 1);
    assert_in_range(ml->zero_force_points, 131, 133);
    assert_near(ml->rambling.rms_distance_mm, 6 / M_SQRT2, 0.05); /* not of whole turns */
    assert_near(ml->rambling.range_mm, 12, 0.02);
    assert_near(ml->rambling.mean_velocity_mm_s, 24 * 0.1, 0.04);
    assert_near(ml->trembling.rms_distance_mm, 1.7 / M_SQRT2, 0.01);
    assert_near(ml->trembling.mean_velocity_mm_s, 4 * 1.7 * 1.1, 0.05);
    assert_int_equal(r.axis[1].rambling.zero_force_points, 0);
    assert_true(isnan(r.axis[1].rambling.rambling.path_mm));
    struct sway_result other = sway_of(&p, "quijoux25"); /* forces at the path's new times */
    assert_near(other.axis[0].rambling.rambling.rms_distance_mm, 6 / M_SQRT2, 0.1);
    cop_series_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circle),
        cmocka_unit_test(test_two_sines),
        cmocka_unit_test(test_noise_and_walk),
        cmocka_unit_test(test_diameter_is_that_of_all_pairs),
        cmocka_unit_test(test_entropy_counts_each_pair),
        cmocka_unit_test(test_entropy_of_long_trials),
        cmocka_unit_test(test_displacement_is_that_of_the_differences),
        cmocka_unit_test(test_diffusion_finds_the_lines),
        cmocka_unit_test(test_velocity_of_a_cubic),
        cmocka_unit_test(test_sway_density),
        cmocka_unit_test(test_rambling_and_trembling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
