/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate's clock in the host's time: draw a drift, an offset and delays as USB and serial
 * converters make them, and want the true times back about a fixed delay. */
#include "driver/clock.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

enum { RATE_HZ = 100, WARM_UP_S = 12 };

struct truth {
    gsl_rng *rng;
    double drift_ppm; /* of the plate, positive = fast */
    double host_at_boot_us;
    double latency_timer_us; /* a serial converter's; 0 = USB */
    double timer_phase_us;
};

static struct truth draw_truth(unsigned long seed, double latency_timer_us)
{
    struct truth t = {.rng = gsl_rng_alloc(gsl_rng_mt19937), .latency_timer_us = latency_timer_us};
    gsl_rng_set(t.rng, seed);
    t.drift_ppm = gsl_ran_flat(t.rng, -100, 100);
    t.host_at_boot_us = gsl_ran_flat(t.rng, 1e6, 1e12);
    t.timer_phase_us = gsl_ran_flat(t.rng, 0, 16e3);
    return t;
}

/* When, by the host's clock, the plate's clock showed device_us. */
static double true_host_us(const struct truth *t, double device_us)
{
    return t->host_at_boot_us + device_us / (1 + t->drift_ppm * 1e-6);
}

/* A bulk transfer takes 0.2 ms and some more, a busy host now and then 20 ms; a converter's timer
 * gives out what it has at its own ticks. */
static double arrival_us(struct truth *t, double device_us)
{
    double host = true_host_us(t, device_us) + 200 + gsl_ran_exponential(t->rng, 150);
    if (gsl_rng_uniform(t->rng) < 0.02)
        host += gsl_ran_flat(t->rng, 0, 20e3);
    if (t->latency_timer_us > 0)
        host = ceil((host - t->timer_phase_us) / t->latency_timer_us) * t->latency_timer_us +
               t->timer_phase_us;
    return host;
}

/* Runs `seconds` of frames; gives the 99th percentile of |error| about the mean error, each frame
 * mapped by what was known when it came. Returns the drift found. */
static double run(struct truth *t, int seconds, double *p99_us)
{
    struct device_clock clock;
    device_clock_init(&clock);
    size_t n = 0, cap = (size_t)(seconds - WARM_UP_S) * RATE_HZ;
    double *errors = malloc(cap * sizeof *errors);
    for (int i = 0; i < seconds * RATE_HZ; i++) {
        double device_us = 3217 + i * 1e6 / RATE_HZ, host_us = 0;
        assert_int_equal(
            device_clock_feed(&clock, (uint64_t)device_us, (uint64_t)arrival_us(t, device_us)), 0);
        assert_int_equal(device_clock_map(&clock, (uint64_t)device_us, &host_us), 0);
        if (i >= WARM_UP_S * RATE_HZ)
            errors[n++] = host_us - true_host_us(t, device_us);
    }
    double mean = gsl_stats_mean(errors, 1, n);
    for (size_t i = 0; i < n; i++)
        errors[i] = fabs(errors[i] - mean);
    gsl_sort(errors, 1, n);
    *p99_us = gsl_stats_quantile_from_sorted_data(errors, 1, n, 0.99);
    free(errors);
    double drift_ppm = NAN;
    assert_int_equal(device_clock_drift_ppm(&clock, &drift_ppm), 0);
    return drift_ppm;
}

static unsigned long first_seed(void)
{
    const char *text = getenv("SEED");
    return text ? strtoul(text, NULL, 10) : 20260301;
}

static void usb_delays_leave_a_tenth_of_a_millisecond(void **state)
{
    (void)state;
    double worst_us = 0, worst_drift = 0;
    for (unsigned long seed = first_seed(); seed < first_seed() + 40; seed++) {
        struct truth t = draw_truth(seed, 0);
        double p99_us, drift = run(&t, 100, &p99_us);
        worst_us = fmax(worst_us, p99_us);
        worst_drift = fmax(worst_drift, fabs(drift - t.drift_ppm));
        gsl_rng_free(t.rng);
    }
    printf("seeds %lu..: USB: p99 %.1f us, drift off by %.2f ppm\n", first_seed(), worst_us,
           worst_drift);
    assert_true(worst_us <= 100);
    assert_true(worst_drift <= 1);
}

static void a_16_ms_latency_timer_leaves_a_millisecond(void **state)
{
    (void)state;
    double worst_us = 0, worst_drift = 0;
    for (unsigned long seed = first_seed(); seed < first_seed() + 40; seed++) {
        struct truth t = draw_truth(seed, 16e3);
        double p99_us, drift = run(&t, 300, &p99_us);
        worst_us = fmax(worst_us, p99_us);
        worst_drift = fmax(worst_drift, fabs(drift - t.drift_ppm));
        gsl_rng_free(t.rng);
    }
    printf("seeds %lu..: 16 ms timer: p99 %.1f us, drift off by %.2f ppm\n", first_seed(), worst_us,
           worst_drift);
    assert_true(worst_us <= 1000);
    assert_true(worst_drift <= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usb_delays_leave_a_tenth_of_a_millisecond),
        cmocka_unit_test(a_16_ms_latency_timer_leaves_a_millisecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
