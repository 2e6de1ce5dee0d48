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
    int free_running;        /* the timer ticks by itself, else it begins with a message's tail */
    double timer_phase_us, last_arrival_us;
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

/* A bulk transfer takes 0.2 ms and some more, a busy host now and then 20 ms. A serial converter
 * holds a message's last bytes until its latency timer runs out or its buffer is full: anything up
 * to the timer, by the message's size. */
static double arrival_us(struct truth *t, double device_us)
{
    double host = true_host_us(t, device_us) + 200 + gsl_ran_exponential(t->rng, 150);
    if (gsl_rng_uniform(t->rng) < 0.02)
        host += gsl_ran_flat(t->rng, 0, 20e3);
    if (t->free_running)
        host = ceil((host - t->timer_phase_us) / t->latency_timer_us) * t->latency_timer_us +
               t->timer_phase_us;
    else
        host += gsl_ran_flat(t->rng, 0, t->latency_timer_us + 1e-9);
    t->last_arrival_us = fmax(host, t->last_arrival_us); /* nothing overtakes */
    return t->last_arrival_us;
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

/* Forty draws: the worst of the 99th percentiles and of the drifts found. */
static void forty_draws(const char *what, double latency_timer_us, int free_running, double *p99_us,
                        double *drift_error_ppm)
{
    *p99_us = *drift_error_ppm = 0;
    for (unsigned long seed = first_seed(); seed < first_seed() + 40; seed++) {
        struct truth t = draw_truth(seed, latency_timer_us);
        t.free_running = free_running;
        double p99, drift = run(&t, 120, &p99);
        *p99_us = fmax(*p99_us, p99);
        *drift_error_ppm = fmax(*drift_error_ppm, fabs(drift - t.drift_ppm));
        gsl_rng_free(t.rng);
    }
    printf("seeds %lu to %lu: %s: p99 %.1f us, drift off by %.2f ppm\n", first_seed(),
           first_seed() + 39, what, *p99_us, *drift_error_ppm);
}

static void usb_delays_leave_a_tenth_of_a_millisecond(void **state)
{
    (void)state;
    double p99_us, drift_error_ppm;
    forty_draws("USB", 0, 0, &p99_us, &drift_error_ppm);
    assert_true(p99_us <= 100);
    assert_true(drift_error_ppm <= 1);
}

static void a_16_ms_latency_timer_leaves_a_millisecond(void **state)
{
    (void)state;
    double p99_us, drift_error_ppm;
    forty_draws("16 ms latency timer", 16e3, 0, &p99_us, &drift_error_ppm);
    assert_true(p99_us <= 1000);
    assert_true(drift_error_ppm <= 5);
}

/* Frames each 10 ms on a grid of 16 ms: every delay is one of eight, 2 ms apart, and drift only
 * shows when a step is crossed. No method can see between the steps; the error stays about one. */
static void a_free_running_timer_leaves_one_step_of_its_grid(void **state)
{
    (void)state;
    double p99_us, drift_error_ppm;
    forty_draws("16 ms grid", 16e3, 1, &p99_us, &drift_error_ppm);
    assert_true(p99_us <= 2500);
}

/* A second in which the host did nothing (a slow disk) must not bend the line. */
static void busy_seconds_are_left_above_the_line(void **state)
{
    (void)state;
    struct truth t = draw_truth(first_seed(), 0);
    struct device_clock clock;
    device_clock_init(&clock);
    double worst_us = 0, fixed_us = NAN;
    for (int i = 0; i < 60 * RATE_HZ; i++) {
        double device_us = i * 1e6 / RATE_HZ, host_us;
        double busy_us = i / RATE_HZ % 7 == 3 ? 800e3 : 0;
        device_clock_feed(&clock, (uint64_t)device_us,
                          (uint64_t)(true_host_us(&t, device_us) + 350.7 + busy_us));
        device_clock_map(&clock, (uint64_t)device_us, &host_us);
        if (i == WARM_UP_S * RATE_HZ)
            fixed_us = host_us - true_host_us(&t, device_us);
        if (i >= WARM_UP_S * RATE_HZ)
            worst_us = fmax(worst_us, fabs(host_us - true_host_us(&t, device_us) - fixed_us));
    }
    printf("seed %lu: worst error with busy seconds %.1f us\n", first_seed(), worst_us);
    assert_true(worst_us <= 20);
    gsl_rng_free(t.rng);
}

static void a_restart_of_the_plate_begins_the_map_anew(void **state)
{
    (void)state;
    struct device_clock clock;
    double host_us = 0, drift_ppm;
    device_clock_init(&clock);
    assert_int_equal(device_clock_map(&clock, 5, &host_us), -1);
    for (uint64_t i = 0; i < 2000; i++)
        assert_int_equal(device_clock_feed(&clock, 77000 + i * 10000, 9000000000 + i * 10001), 0);
    assert_int_equal(device_clock_drift_ppm(&clock, &drift_ppm), 0);
    assert_true(fabs(drift_ppm + 100) < 1e-3);
    assert_int_equal(device_clock_feed(&clock, 1200, 9020500000), 1);
    assert_int_equal(device_clock_map(&clock, 1200, &host_us), 0);
    assert_true(fabs(host_us - 9020500000.0) < 1e-3);
    assert_int_equal(device_clock_drift_ppm(&clock, &drift_ppm), -1);
}

static void a_late_frame_changes_nothing(void **state)
{
    (void)state;
    struct device_clock clock, before;
    device_clock_init(&clock);
    for (uint64_t i = 0; i < 300; i++)
        device_clock_feed(&clock, i * 10000, 4500 + i * 10000);
    before = clock;
    assert_int_equal(device_clock_feed(&clock, 2950000, 2950001), 0);
    assert_memory_equal(&clock, &before, sizeof clock);
}

/* At full speed an hour passes in a minute: that is no crystal, and no drift is claimed. */
static void a_plate_out_of_real_time_has_no_drift(void **state)
{
    (void)state;
    struct device_clock clock;
    double drift_ppm;
    device_clock_init(&clock);
    for (uint64_t i = 0; i < 3000; i++)
        device_clock_feed(&clock, i * 10000, 4500 + i * 9000);
    assert_int_equal(device_clock_drift_ppm(&clock, &drift_ppm), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usb_delays_leave_a_tenth_of_a_millisecond),
        cmocka_unit_test(a_16_ms_latency_timer_leaves_a_millisecond),
        cmocka_unit_test(a_free_running_timer_leaves_one_step_of_its_grid),
        cmocka_unit_test(busy_seconds_are_left_above_the_line),
        cmocka_unit_test(a_restart_of_the_plate_begins_the_map_anew),
        cmocka_unit_test(a_late_frame_changes_nothing),
        cmocka_unit_test(a_plate_out_of_real_time_has_no_drift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
