/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The limit of a press: sum in a rectangle, signal within the same scan, told once, expiry. */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define SEED UINT64_C(31)
#define COLS 11

/* A plate resting at 40 without noise, with what lies in rig->cells on it. */
static void loaded_row(struct rig *rig, unsigned row, uint16_t *counts)
{
    for (unsigned col = 0; col < rig->config.cols; col++)
        counts[col] = (uint16_t)(40 + rig->cells[row * rig->config.cols + col]);
}

static struct rig *tared_rig(void)
{
    struct rig *rig = rig_make(9, COLS, SEED);
    rig->world = loaded_row;
    rig_begin(rig);
    rig_tare(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0}), WIRE_OK);
    return rig;
}

static void press(struct rig *rig, unsigned row, unsigned col, unsigned count)
{
    rig->cells[row * COLS + col] = (uint16_t)count;
}

static int set(struct rig *rig, unsigned row0, unsigned col0, unsigned rows, unsigned cols,
               uint32_t sum, uint32_t expiry_ms)
{
    return rig_ask(rig, 0, WIRE_CMD_SET_LIMIT, rig_limit(row0, col0, rows, cols, sum, expiry_ms));
}

static void reached_by_the_sum_of_the_rectangle(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_event event;
    uint64_t time_us;
    assert_int_equal(set(rig, 3, 4, 2, 3, 1000, 60000), WIRE_OK);
    /* all around the rectangle, much: none of it counts */
    for (unsigned row = 2; row <= 5; row++)
        for (unsigned col = 3; col <= 7; col++)
            if (row < 3 || row > 4 || col < 4 || col > 6)
                press(rig, row, col, 3000);
    for (unsigned i = 0; i < 6; i++)
        press(rig, 3 + i / 3, 4 + i % 3, 166); /* 996 in six cells */
    rig_scans(rig, 5);
    assert_false(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(rig->signals, WIRE_SIGNAL_OFF);
    press(rig, 4, 6, 170); /* 1000, at the last corner */
    rig_scans(rig, 1);
    /* within this scan: person and host know, with the scan's own time */
    assert_int_equal(rig->signals, WIRE_SIGNAL_LIGHT | WIRE_SIGNAL_BUZZER);
    assert_int_equal(rig->signal_us, rig->now_us);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.kind, WIRE_LIMIT_REACHED);
    assert_int_equal(event.value, 1000);
    assert_int_equal(time_us, rig->now_us);
    rig_free(rig);
}

/* The event is on the wire before the frame of its scan. */
static void the_event_precedes_its_frame(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_message message;
    set(rig, 0, 0, 1, 1, 500, 60000);
    press(rig, 0, 0, 777);
    rig_scans(rig, 1);
    assert_true(rig_next(rig, 0, &message));
    assert_int_equal(message.type, WIRE_EVENT);
    uint64_t event_us = message.device_time_us;
    assert_true(rig_next(rig, 0, &message));
    assert_int_equal(message.type, WIRE_FRAME);
    assert_int_equal(message.device_time_us, event_us);
    rig_free(rig);
}

static void told_once_until_set_anew(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_event event;
    uint64_t time_us;
    set(rig, 0, 0, 9, COLS, 400, 60000);
    press(rig, 8, 10, 2385);
    rig_scans(rig, 50);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.value, 2385);
    assert_false(rig_event(rig, 0, &event, &time_us));
    rig_scans(rig, 60); /* the alarm's second is over */
    assert_int_equal(rig->signals, WIRE_SIGNAL_OFF);
    set(rig, 0, 0, 9, COLS, 400, 60000);
    rig_scans(rig, 1);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(rig->signals, WIRE_SIGNAL_LIGHT | WIRE_SIGNAL_BUZZER);
    rig_free(rig);
}

/* The same request again is answered and does not arm again. */
static void the_same_request_does_not_arm_again(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_event event;
    struct wire_ack ack;
    uint64_t time_us;
    struct wire_command limit = rig_limit(0, 0, 2, 2, 100, 60000);
    rig_command_as(rig, 0, WIRE_CMD_SET_LIMIT, limit, 88);
    press(rig, 1, 1, 150);
    rig_scans(rig, 1);
    assert_true(rig_event(rig, 0, &event, &time_us));
    rig_command_as(rig, 0, WIRE_CMD_SET_LIMIT, limit, 88);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.request, 88);
    rig_scans(rig, 10);
    assert_false(rig_event(rig, 0, &event, &time_us));
    rig_free(rig);
}

static void expires_at_its_own_time(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_event event;
    uint64_t time_us, set_us = rig->now_us;
    set(rig, 0, 0, 1, 1, 100, 237);
    rig_scans(rig, 23);
    assert_false(rig_event(rig, 0, &event, &time_us));
    press(rig, 0, 0, 2000); /* at the next scan, 240 ms, it is too late */
    rig_scans(rig, 10);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.kind, WIRE_LIMIT_EXPIRED);
    assert_int_equal(time_us, set_us + 237000);
    assert_false(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(rig->signals, WIRE_SIGNAL_OFF);
    rig_free(rig);
}

static void cleared_by_no_rows_and_by_stop(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    struct wire_event event;
    uint64_t time_us;
    set(rig, 0, 0, 1, 1, 100, 60000);
    assert_int_equal(set(rig, 0, 0, 0, 0, 0, 0), WIRE_OK);
    press(rig, 0, 0, 2000);
    rig_scans(rig, 5);
    assert_false(rig_event(rig, 0, &event, &time_us));
    press(rig, 0, 0, 0);
    set(rig, 0, 0, 1, 1, 100, 60000);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_STOP, (struct wire_command){0}), WIRE_OK);
    assert_false(plate_is_scanning(&rig->plate));
    rig_free(rig);
}

/* A limit alone keeps the plate scanning, and takes no numbers of frames. */
static void watched_without_a_stream(void **state)
{
    (void)state;
    struct rig *rig = rig_make(9, COLS, SEED);
    struct wire_event event;
    struct wire_message message;
    uint64_t time_us;
    rig->world = loaded_row;
    rig_begin(rig);
    rig_tare(rig);
    set(rig, 4, 4, 1, 1, 300, 60000);
    rig_scans(rig, 20);
    press(rig, 4, 4, 300);
    rig_scans(rig, 1);
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_false(plate_is_scanning(&rig->plate));
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0}), WIRE_OK);
    rig_scans(rig, 1);
    assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
    assert_int_equal(message.seq, 0);
    rig_free(rig);
}

static void bounds_are_kept(void **state)
{
    (void)state;
    struct rig *rig = tared_rig();
    assert_int_equal(set(rig, 8, 10, 1, 1, 1, 1), WIRE_OK);
    assert_int_equal(set(rig, 0, 0, 9, COLS, UINT32_MAX, 600000), WIRE_OK);
    assert_int_equal(set(rig, 8, 0, 2, 1, 100, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 0, 10, 1, 2, 100, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 65535, 65535, 1, 1, 100, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 65535, 65535, 65535, 65535, 100, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 0, 0, 1, 0, 100, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 0, 0, 1, 1, 0, 1000), WIRE_REFUSED);
    assert_int_equal(set(rig, 0, 0, 1, 1, 100, 0), WIRE_REFUSED);
    assert_int_equal(set(rig, 0, 0, 1, 1, 100, 600001), WIRE_REFUSED);
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reached_by_the_sum_of_the_rectangle),
        cmocka_unit_test(the_event_precedes_its_frame),
        cmocka_unit_test(told_once_until_set_anew),
        cmocka_unit_test(the_same_request_does_not_arm_again),
        cmocka_unit_test(expires_at_its_own_time),
        cmocka_unit_test(cleared_by_no_rows_and_by_stop),
        cmocka_unit_test(watched_without_a_stream),
        cmocka_unit_test(bounds_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
