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

/* When a thread whose last pulse was at 100 s, and which works this share of each second, is said
 * to hang: s after that pulse, looked at each second from `first_s` on; 0 = not within two minutes.
 */
static unsigned hangs_after_s(unsigned first_s, double share)
{
    struct pulse_watch watch = {0};
    for (unsigned s = first_s; s <= 120; s++)
        if (pulse_hangs(&watch, 100u * S, (uint64_t)(share * s * S), (100u + s) * (uint64_t)S))
            return s;
    return 0;
}

static void test_who_waits_hangs_and_who_works_is_slow(void **state)
{
    (void)state;
    assert_int_equal(hangs_after_s(0, 0), 5);
    assert_int_equal(hangs_after_s(1, 0), 5);
    assert_int_equal(hangs_after_s(0, 0.05), 5); /* wakes now and then, for nothing */
    assert_int_equal(hangs_after_s(0, 0.6), 60); /* a circle, in the end */
    assert_int_equal(hangs_after_s(0, 1), 60);
}

static void test_who_goes_round_is_well(void **state)
{
    struct pulse_watch watch = {0};
    (void)state;
    for (uint64_t s = 1; s < 200; s++) /* however seldom it is let */
        assert_false(pulse_hangs(&watch, (s - s % 4) * S, 0, s * S));
    assert_false(pulse_hangs(&watch, 210u * S, 0, 200u * S)); /* a pulse after the look began */
}

/* The first look after a computer slept an hour finds an old pulse; the thread has its turn first.
 */
static void test_a_computer_that_slept(void **state)
{
    struct pulse_watch watch = {0};
    (void)state;
    assert_false(pulse_hangs(&watch, 100u * S, 7, 100u * S));
    for (uint64_t look = 0; look < PULSE_LOOKS - 1; look++)
        assert_false(pulse_hangs(&watch, 100u * S, 7, 3700u * S + look * S));
    assert_true(pulse_hangs(&watch, 100u * S, 7, 3710u * S)); /* and did not take it */
}

static void test_work_is_counted(void **state)
{
    uint64_t begun = pulse_busy_us((int)getpid()), end_us = host_clock_us() + 30000;
    (void)state;
    while (host_clock_us() < end_us)
        ;
    assert_in_range(pulse_busy_us((int)getpid()) - begun, 15000, 10u * S);
    begun = pulse_busy_us((int)getpid());
    usleep(100000);
    assert_in_range(pulse_busy_us((int)getpid()) - begun, 0, 50000);
    assert_int_equal(pulse_busy_us(0), 0); /* none of ours */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_waits_hangs_and_who_works_is_slow),
        cmocka_unit_test(test_who_goes_round_is_well),
        cmocka_unit_test(test_a_computer_that_slept),
        cmocka_unit_test(test_work_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
