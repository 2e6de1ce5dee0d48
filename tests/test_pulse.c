/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread that hangs is told from one that is slow, and from a computer that stood still. */
#include "driver/clock.h"
#include "driver/daemon/pulse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#define S 1000000u

/* When a thread whose last pulse was at 100 s, and which does this in each second, is said to hang:
 * s after that pulse, looked at each second from `first_s` on; 0 = not within two minutes. */
static unsigned hangs_after_s(unsigned first_s, struct pulse_work a_second)
{
    struct pulse_watch watch = {0};
    for (unsigned s = first_s; s <= 120; s++) {
        struct pulse_work work = {s * a_second.ran_us, s * a_second.delayed_us,
                                  s * a_second.sleeps};
        if (pulse_hangs(&watch, 100u * S, &work, (100u + s) * (uint64_t)S))
            return s;
    }
    return 0;
}

static void test_who_waits_hangs_and_who_works_is_slow(void **state)
{
    (void)state;
    assert_int_equal(hangs_after_s(0, (struct pulse_work){0}), 5);
    assert_int_equal(hangs_after_s(1, (struct pulse_work){0}), 5);
    assert_int_equal(hangs_after_s(0, (struct pulse_work){.ran_us = 50000}), 5);
    assert_int_equal(hangs_after_s(0, (struct pulse_work){.ran_us = 600000}), 60); /* a circle */
    assert_int_equal(hangs_after_s(0, (struct pulse_work){.ran_us = S}), 60);
}

/* A busy computer: who is seldom let is slow; who would only wake and sleep again, a hundred times
 * a second if it were let, hangs all the same (it was told after half a minute, when the load had
 * gone). */
static void test_a_busy_computer(void **state)
{
    struct pulse_work seldom_let = {.ran_us = 70000, .delayed_us = 930000, .sleeps = 3};
    struct pulse_work wakes = {.ran_us = 2000, .delayed_us = 800000, .sleeps = 20};
    (void)state;
    assert_int_equal(hangs_after_s(0, seldom_let), 60);
    assert_int_equal(hangs_after_s(0, wakes), 5);
}

static void test_who_goes_round_is_well(void **state)
{
    struct pulse_watch watch = {0};
    struct pulse_work none = {0};
    (void)state;
    for (uint64_t s = 1; s < 200; s++) /* however seldom it is let */
        assert_false(pulse_hangs(&watch, (s - s % 4) * S, &none, s * S));
    assert_false(pulse_hangs(&watch, 210u * S, &none, 200u * S)); /* a pulse after the look began */
}

/* The first look after a computer slept an hour finds an old pulse; the thread has its turn first.
 */
static void test_a_computer_that_slept(void **state)
{
    struct pulse_watch watch = {0};
    struct pulse_work some = {7, 7, 7};
    (void)state;
    assert_false(pulse_hangs(&watch, 100u * S, &some, 100u * S));
    for (uint64_t look = 0; look < PULSE_LOOKS - 1; look++)
        assert_false(pulse_hangs(&watch, 100u * S, &some, 3700u * S + look * S));
    assert_true(pulse_hangs(&watch, 100u * S, &some, 3710u * S)); /* and did not take it */
}

static uint64_t busy_us(void)
{
    struct pulse_work work = pulse_work_of((int)getpid());
    return work.ran_us + work.delayed_us;
}

static void test_work_is_counted(void **state)
{
    uint64_t begun = busy_us(), end_us = host_clock_us() + 30000;
    (void)state;
    while (host_clock_us() < end_us)
        ;
    assert_in_range(busy_us() - begun, 15000, 10u * S);
    struct pulse_work before = pulse_work_of((int)getpid());
    for (int i = 0; i < 20; i++)
        usleep(5000);
    struct pulse_work after = pulse_work_of((int)getpid());
    assert_in_range(after.ran_us - before.ran_us, 0, 50000);
    assert_in_range(after.sleeps - before.sleeps, 20, 1000);
    struct pulse_work none = pulse_work_of(0); /* none of ours */
    assert_true(!none.ran_us && !none.delayed_us && !none.sleeps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_waits_hangs_and_who_works_is_slow),
        cmocka_unit_test(test_a_busy_computer),
        cmocka_unit_test(test_who_goes_round_is_well),
        cmocka_unit_test(test_a_computer_that_slept),
        cmocka_unit_test(test_work_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
