/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tare: draw a plate with its own zero and noise in each cell, tare it, want both back. */
#include "tests/support/plate_rig.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SEED UINT64_C(20230)

/* Cell (row, col): resting count 20 + 7 row + 3 col; a sum of 4 even draws makes noise near to
 * normal, of standard deviation sigma_of(col) counts. */
static unsigned rest_of(unsigned row, unsigned col)
{
    return 20 + 7 * row + 3 * col;
}

static unsigned spread_of(unsigned col)
{
    return col % 4; /* each draw is -spread..spread */
}

static double sigma_of(unsigned col)
{
    double width = 2.0 * spread_of(col) + 1;
    return sqrt(4 * (width * width - 1) / 12);
}

static uint16_t noisy(struct rig *rig, unsigned row, unsigned col)
{
    unsigned spread = spread_of(col), count = rest_of(row, col);
    for (int i = 0; i < 4; i++)
        count += rig_random(rig, 2 * spread + 1) - spread;
    return (uint16_t)count;
}

static void noisy_row(struct rig *rig, unsigned row, uint16_t *counts)
{
    for (unsigned col = 0; col < rig->config.cols; col++)
        counts[col] = (uint16_t)(noisy(rig, row, col) + rig->cells[row * rig->config.cols + col]);
}

static void next_frame(struct rig *rig, struct frame_shape *shape, uint16_t *counts)
{
    struct wire_message message;
    assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
    assert_int_equal(frame_decode(message.payload, message.payload_len, shape, counts, 65536), 0);
}

static void gives_zero_and_noise_back(void **state)
{
    (void)state;
    struct rig *rig = rig_make(13, 17, SEED);
    rig->config.tare_scans = 1000;
    rig->world = noisy_row;
    rig_begin(rig);
    assert_int_equal(rig_tare(rig), 0);
    for (unsigned i = 0; i < 13 * 17; i++) {
        unsigned row = i / 17, col = i % 17;
        double sigma = sigma_of(col);
        /* the zero within 5 standard errors and a rounding, the floor within 15 % and a rounding */
        assert_true(fabs(rig->config.zero[i] - (double)rest_of(row, col)) <=
                    0.5 + 5 * sigma / sqrt(500));
        double floor_wanted = fmax(1, 4 * sigma);
        assert_true(rig->config.floor[i] >= floor_wanted * 0.85);
        assert_true(rig->config.floor[i] <= floor_wanted * 1.15 + 1.5);
    }
    rig_free(rig);
}

static void an_empty_plate_is_silent_after_it(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(32, 32, SEED + 1);
    struct frame_shape shape;
    rig->world = noisy_row;
    rig_begin(rig);
    rig_tare(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0}), WIRE_OK);
    unsigned loud = 0;
    rig_scans(rig, 200);
    for (int frame = 0; frame < 200; frame++) {
        next_frame(rig, &shape, counts);
        assert_int_equal(shape.flags, FRAME_TARED | FRAME_GATED);
        for (int i = 0; i < 1024; i++)
            loud += counts[i] != 0;
    }
    /* 4 sigma of a floor from 24 scans: well under 1 in 1000 cells */
    printf("seed %llu: %u of %u empty cells above their floor\n", (unsigned long long)SEED + 1,
           loud, 200 * 1024);
    assert_true(loud < 205);
    rig_free(rig);
}

static void load_comes_through_less_the_zero(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(8, 8, SEED + 2);
    struct frame_shape shape;
    rig->world = noisy_row;
    rig_begin(rig);
    rig_tare(rig);
    rig->cells[3 * 8 + 4] = 1237; /* column 4 has no noise */
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0});
    rig_scans(rig, 1);
    next_frame(rig, &shape, counts);
    assert_int_equal(counts[3 * 8 + 4], 1237);
    rig_free(rig);
}

static void start_flags_take_gate_and_zero_off(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(4, 4, SEED + 3);
    struct frame_shape shape;
    rig->rest_noise = 0;
    rig_begin(rig);
    rig_tare(rig);
    rig->rest_count = 43; /* three counts over the zero of 40, floor 1 */
    for (unsigned i = 0; i < 16; i++)
        rig->config.floor[i] = 5;
    uint16_t flags[] = {0, WIRE_START_UNGATED, WIRE_START_RAW, WIRE_START_RAW | WIRE_START_UNGATED};
    uint16_t wanted[] = {0, 3, 43, 43};
    uint8_t told[] = {FRAME_TARED | FRAME_GATED, FRAME_TARED, 0, 0};
    for (int i = 0; i < 4; i++) {
        rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {0, flags[i]}});
        rig_scans(rig, 1);
        next_frame(rig, &shape, counts);
        assert_int_equal(counts[7], wanted[i]);
        assert_int_equal(shape.flags, told[i]);
    }
    rig_free(rig);
}

static void broken_row(struct rig *rig, unsigned row, uint16_t *counts)
{
    for (unsigned col = 0; col < rig->config.cols; col++)
        counts[col] = noisy(rig, row, col);
    if (row == 2)
        counts[3] = 4095; /* stuck at the top */
    if (row == 5)
        counts[6] = (uint16_t)rig_random(rig, 4096); /* a loose contact */
}

static void cells_that_fail_are_masked_and_told(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(9, 9, SEED + 4);
    struct frame_shape shape;
    struct wire_event event;
    uint64_t time_us;
    rig->world = broken_row;
    rig_begin(rig);
    rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, 48 + PLATE_TARE_SLICES);
    uint64_t end_us = rig->now_us;
    assert_true(rig_event(rig, 0, &event, &time_us));
    assert_int_equal(event.kind, WIRE_TARED);
    assert_int_equal(event.value, 2);
    assert_int_equal(time_us, end_us);
    /* masked cells are 0 with the gate on and off, and do not raise the saturated flag */
    for (uint16_t flags = 0; flags <= WIRE_START_UNGATED; flags++) {
        rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {0, flags}});
        rig_scans(rig, 1);
        next_frame(rig, &shape, counts);
        assert_int_equal(counts[2 * 9 + 3], 0);
        assert_int_equal(counts[5 * 9 + 6], 0);
        assert_int_equal(shape.flags & FRAME_SATURATED, 0);
    }
    rig_free(rig);
}

static void saturation_is_told(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(5, 5, SEED + 5);
    struct frame_shape shape;
    rig->world = noisy_row;
    rig_begin(rig);
    rig_tare(rig);
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0});
    for (int i = 0; i < 6; i++) { /* column 0 has no noise: one count below the top, and the top */
        rig->cells[10] = (uint16_t)(4095 - rest_of(2, 0) - (i % 2 ? 0 : 1));
        rig_scans(rig, 1);
        next_frame(rig, &shape, counts);
        assert_int_equal((shape.flags & FRAME_SATURATED) != 0, i % 2);
    }
    rig_free(rig);
}

/* While a tare runs, the stream goes on with the old zero and has no gap. */
static void streaming_goes_on_during_a_tare(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(6, 6, SEED + 6);
    struct frame_shape shape;
    struct wire_message message;
    rig->rest_noise = 0;
    rig_begin(rig);
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0});
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0}), WIRE_RUNNING);
    rig_scans(rig, 48 + PLATE_TARE_SLICES + 3);
    unsigned n = 0, tared = 0;
    while (rig_next_of(rig, 0, WIRE_FRAME, &message)) {
        assert_int_equal(message.seq, n++);
        frame_decode(message.payload, message.payload_len, &shape, counts, 65536);
        tared += (shape.flags & FRAME_TARED) != 0;
        assert_int_equal(counts[0], shape.flags & FRAME_TARED ? 0 : 40);
    }
    assert_int_equal(n, 59);
    assert_int_equal(tared, 4); /* the last scan of the tare already has the new zero */
    rig_free(rig);
}

/* The widest counts: 16 bits, noise over the whole range; sums must not wrap. */
static void sixteen_bits_do_not_wrap(void **state)
{
    (void)state;
    struct rig *rig = rig_make(2, 3, SEED + 7);
    rig->config.bits = 16;
    rig->config.tare_scans = 4096;
    rig->rest_count = 32767;
    rig->rest_noise = 32767;
    rig_begin(rig);
    assert_int_equal(rig_tare(rig), 6);
    rig->rest_noise = 0;
    rig->rest_count = 57000;
    assert_int_equal(rig_tare(rig), 0);
    assert_int_equal(rig->config.zero[5], 57000);
    assert_int_equal(rig->config.floor[5], 1);
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zero_and_noise_back),
        cmocka_unit_test(an_empty_plate_is_silent_after_it),
        cmocka_unit_test(load_comes_through_less_the_zero),
        cmocka_unit_test(start_flags_take_gate_and_zero_off),
        cmocka_unit_test(cells_that_fail_are_masked_and_told),
        cmocka_unit_test(saturation_is_told),
        cmocka_unit_test(streaming_goes_on_during_a_tare),
        cmocka_unit_test(sixteen_bits_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
