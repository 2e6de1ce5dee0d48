/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The button: bounce drawn at random, the moment of the first edge wanted back to the microsecond.
 */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define SEED UINT64_C(4711)

static struct rig *streaming_rig(uint64_t seed)
{
    struct rig *rig = rig_make(4, 4, seed);
    rig_begin(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0}), WIRE_OK);
    return rig;
}

static void runs_to(struct rig *rig, uint64_t time_us)
{
    while (rig->now_us < time_us)
        rig_scans(rig, 1);
}

/* A contact that closes (or opens) at time_us and bounces for a while; returns its last edge. */
static uint64_t bounces(struct rig *rig, uint64_t time_us, int down)
{
    unsigned pairs = rig_random(rig, 8);
    rig_edge(rig, time_us, down);
    for (unsigned i = 0; i < pairs; i++) {
        time_us += 20 + rig_random(rig, 900);
        rig_edge(rig, time_us, !down);
        time_us += 20 + rig_random(rig, 900);
        rig_edge(rig, time_us, down);
    }
    return time_us;
}

static void first_edges_come_back_exactly(void **state)
{
    (void)state;
    enum { PRESSES = 120 };
    uint64_t moments_us[2 * PRESSES], time_us = 1234;
    struct rig *rig = streaming_rig(SEED);
    for (int i = 0; i < 2 * PRESSES; i++) {
        moments_us[i] = time_us;
        time_us = bounces(rig, time_us, i % 2 == 0) + 5001 + rig_random(rig, 60000);
    }
    runs_to(rig, time_us + 20000);
    for (int i = 0; i < 2 * PRESSES; i++) {
        struct wire_event event;
        uint64_t told_us;
        assert_true(rig_event(rig, 0, &event, &told_us));
        assert_int_equal(event.kind, i % 2 ? WIRE_BUTTON_UP : WIRE_BUTTON_DOWN);
        assert_int_equal(told_us, moments_us[i]);
    }
    struct wire_message none;
    assert_false(rig_next_of(rig, 0, WIRE_EVENT, &none));
    rig_free(rig);
}

static void events_wait_for_quiet(void **state)
{
    (void)state;
    struct rig *rig = streaming_rig(SEED);
    struct wire_event event;
    uint64_t time_us;
    rig_edge(rig, 9000, 1); /* scans at 0, 10000, 20000 us */
    rig_scans(rig, 2);
    assert_false(rig_event(rig, 0, &event, &time_us)); /* 1 ms of quiet at 10000 us */
    rig_scans(rig, 1);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(time_us, 9000);
    rig_free(rig);
}

static void a_glitch_is_no_press(void **state)
{
    (void)state;
    struct rig *rig = streaming_rig(SEED);
    struct wire_event event;
    uint64_t time_us;
    rig_edge(rig, 100000, 1);
    rig_edge(rig, 100300, 0); /* an induced spike */
    rig_edge(rig, 200000, 0); /* an edge to where it is anyway */
    rig_edge(rig, 300000, 1);
    rig_edge(rig, 304999, 0); /* a tap just too short */
    rig_edge(rig, 400000, 1);
    rig_edge(rig, 405000, 0); /* and one just long enough */
    runs_to(rig, 500000);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.kind, WIRE_BUTTON_DOWN);
    assert_int_equal(time_us, 400000);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.kind, WIRE_BUTTON_UP);
    assert_int_equal(time_us, 405000);
    assert_false(rig_event(rig, 0, &event, &time_us));
    rig_free(rig);
}

/* A contact gone wild: thousands of edges cost a bounded number of looks a step, and the press
 * after it is still told. */
static void chatter_is_bounded_work(void **state)
{
    (void)state;
    struct rig *rig = streaming_rig(SEED);
    struct wire_event event;
    uint64_t time_us;
    for (unsigned i = 0; i < 4000; i++)
        rig_edge(rig, 1000 + i, i % 2 == 0);
    rig_edge(rig, 900000, 1);
    for (int i = 0; i < 90; i++) {
        size_t before = rig->next_edge;
        rig_scans(rig, 1);
        assert_true(rig->next_edge - before <= PLATE_EDGES_PER_STEP);
    }
    rig_scans(rig, 3);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(time_us, 900000);
    rig_free(rig);
}

/* A host that reads nothing for a while gets every press later, each with its own time. */
static void a_slow_host_loses_no_press(void **state)
{
    (void)state;
    struct rig *rig = streaming_rig(SEED);
    struct wire_event event;
    uint64_t time_us;
    rig_skip_all(rig, 0);
    rig->take_at_once[0] = 0;
    for (unsigned i = 0; i < 200; i++)
        rig_edge(rig, 20000 + i * 10000, i % 2 == 0);
    runs_to(rig, 3000000);
    rig->take_at_once[0] = SIZE_MAX;
    rig_scans(rig, 20);
    for (unsigned i = 0; i < 200; i++) {
        assert_true(rig_event(rig, 0, &event, &time_us));
        assert_int_equal(time_us, 20000 + i * 10000);
        assert_int_equal(event.kind, i % 2 ? WIRE_BUTTON_UP : WIRE_BUTTON_DOWN);
    }
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_edges_come_back_exactly), cmocka_unit_test(events_wait_for_quiet),
        cmocka_unit_test(a_glitch_is_no_press),          cmocka_unit_test(chatter_is_bounded_work),
        cmocka_unit_test(a_slow_host_loses_no_press),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
