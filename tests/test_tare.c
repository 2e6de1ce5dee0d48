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

/* --- In bands -------------------------------------------------------------------------------- */

enum { ROWS = 13, COLS = 17, CELLS = ROWS * COLS };

/* Noise that every cell has the same in the part of a tare that is its band's, however large the
 * bands are: it follows from the cell and the scan's number within that part. */
static void repeating_row(struct rig *rig, unsigned row, uint16_t *counts)
{
    unsigned scan = (rig->scans - 1) % rig_band_scans(rig);
    for (unsigned col = 0; col < COLS; col++) {
        uint32_t mixed = (row * COLS + col) * UINT32_C(2654435761) + scan * UINT32_C(2246822519);
        mixed = (mixed ^ mixed >> 15) * UINT32_C(3266489917);
        counts[col] = (uint16_t)(rest_of(row, col) + (mixed >> 16) % (1 + 2 * col));
    }
    if (row == 4)
        counts[6] = 4095;
    if (row == 12)
        counts[3] = (uint16_t)(scan * 83);
}

static struct rig *banded(unsigned work_rows)
{
    struct rig *rig = rig_make(ROWS, COLS, SEED + 8);
    if (work_rows)
        rig_use_bands(rig, work_rows);
    rig->world = repeating_row;
    rig_begin(rig);
    return rig;
}

static void bands_find_what_all_rows_at_once_find(void **state)
{
    (void)state;
    struct rig *whole = banded(0);
    assert_int_equal(rig_tare(whole), 2);
    for (unsigned work_rows = 1; work_rows <= ROWS; work_rows++) {
        struct rig *rig = banded(work_rows);
        assert_int_equal(rig_bands(rig), (ROWS + work_rows - 1) / work_rows);
        assert_int_equal(rig_tare(rig), 2);
        assert_memory_equal(rig->config.zero, whole->config.zero, CELLS * sizeof(uint16_t));
        assert_memory_equal(rig->config.floor, whole->config.floor, CELLS * sizeof(uint16_t));
        assert_int_equal(rig->scans, rig_bands(rig) * rig_band_scans(rig));
        rig_free(rig);
    }
    rig_free(whole);
}

/* All of what a tare in bands says: its zeros and floors once, as they are in their place, and then
 * one event and one ACK. */
static void bands_tell_the_whole_once(void **state)
{
    (void)state;
    struct rig *rig = banded(5);
    struct wire_message message;
    struct frame_shape shape;
    enum zero_part part;
    uint16_t cells[CELLS];
    uint64_t zero_us = 0;
    uint8_t types[8] = {0};
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_wait_ms(rig, 1000 * 3 * (48 + 4) / 100 + 20);
    for (int n = 0; n < 8 && rig_next(rig, 0, &message); n++) {
        n -= message.type == WIRE_STATUS;
        if (message.type == WIRE_STATUS)
            continue;
        types[n] = message.type;
        if (message.type != WIRE_ZERO)
            continue;
        assert_int_equal(
            zero_decode(message.payload, message.payload_len, &part, &shape, cells, CELLS), 0);
        assert_memory_equal(cells, part == ZERO_COUNTS ? rig->config.zero : rig->config.floor,
                            sizeof cells);
        assert_true(!zero_us || message.device_time_us == zero_us);
        zero_us = message.device_time_us;
    }
    static const uint8_t wanted[8] = {WIRE_ACK, WIRE_ZERO, WIRE_ZERO, WIRE_EVENT, WIRE_ACK};
    assert_memory_equal(types, wanted, sizeof types);
    assert_false(plate_is_scanning(&rig->plate));
    rig_free(rig);
}

/* The rest drifts by 3 counts; a second tare takes it away while the stream goes on, band by band:
 * no frame is missing, no band is half old and half new, and all count as tared. */
static void a_stream_sees_bands_change_one_by_one(void **state)
{
    (void)state;
    static uint16_t counts[65536];
    struct rig *rig = rig_make(ROWS, COLS, SEED + 9);
    struct frame_shape shape;
    unsigned frames = 0, events = 0, seen[4] = {0};
    rig_use_bands(rig, 5);
    rig->rest_noise = 0;
    rig_begin(rig);
    rig_tare(rig);
    rig->rest_count = 43;
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0});
    rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, 3 * rig_band_scans(rig) + 2);
    struct wire_message message;
    while (rig_next(rig, 0, &message)) {
        events += message.type == WIRE_EVENT;
        if (message.type != WIRE_FRAME)
            continue;
        assert_int_equal(message.seq, frames++);
        frame_decode(message.payload, message.payload_len, &shape, counts, 65536);
        assert_int_equal(shape.flags, FRAME_TARED | FRAME_GATED);
        unsigned done = 0;
        while (done < 3 && counts[done * 5 * COLS] == 0)
            done++;
        for (unsigned i = 0; i < CELLS; i++)
            assert_int_equal(counts[i], i / COLS / 5 < done ? 0 : 3);
        seen[done]++;
    }
    assert_int_equal(events, 1);
    /* the last scan of a band's part already has its new zero */
    assert_int_equal(frames, 3 * rig_band_scans(rig) + 2);
    assert_int_equal(seen[0], rig_band_scans(rig) - 1);
    assert_int_equal(seen[1], rig_band_scans(rig));
    assert_int_equal(seen[2], rig_band_scans(rig));
    assert_int_equal(seen[3], 3);
    rig_free(rig);
}

/* Tared at 40 counts; ended at any scan of a tare at 57, by STOP or by the host's going. */
static void end_early(unsigned scan, int goes_away)
{
    static uint16_t counts[65536];
    struct rig *rig = rig_make(ROWS, COLS, SEED + 10);
    struct frame_shape shape;
    struct wire_event event;
    uint64_t time_us;
    rig_use_bands(rig, 5);
    rig->config.tare_scans = 8;
    rig->rest_noise = 0;
    rig_begin(rig);
    rig_tare(rig);
    rig_skip_all(rig, 0);
    rig->rest_count = 57;
    uint32_t tare = rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, scan);
    assert_int_equal(rig_ask(rig, 1, WIRE_CMD_TARE, (struct wire_command){0}), WIRE_BUSY);
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0}); /* FAILED: one is at work */
    if (goes_away) {
        plate_link_closed(&rig->plate, 0);
    } else {
        struct wire_ack ack;
        rig_command(rig, 0, WIRE_CMD_STOP, (struct wire_command){0});
        assert_int_equal(rig_ack(rig, 0, NULL), WIRE_RUNNING);
        assert_int_equal(rig_ack(rig, 0, NULL), WIRE_FAILED);
        assert_int_equal(rig_ack(rig, 0, &ack), WIRE_FAILED);
        assert_int_equal(ack.request, tare);
        assert_false(rig_event(rig, 0, &event, &time_us));
    }
    unsigned done = scan / rig_band_scans(rig);
    for (unsigned i = 0; i < CELLS; i++) {
        assert_int_equal(rig->config.zero[i], i / COLS / 5 < done ? 57 : 40);
        assert_int_equal(rig->config.floor[i], 1);
    }
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){0}), WIRE_OK);
    rig_scans(rig, 1);
    next_frame(rig, &shape, counts);
    assert_int_equal(shape.flags, done ? 0 : FRAME_TARED | FRAME_GATED);
    for (unsigned i = 0; i < CELLS; i++)
        assert_int_equal(counts[i], done ? 57 : 17);
    assert_int_equal(rig_tare(rig), 0); /* and the next one is none the worse for it */
    assert_int_equal(rig->config.zero[CELLS - 1], 57);
    assert_true(rig->plate.tared);
    rig_free(rig);
}

static void half_a_tare_is_none(void **state)
{
    (void)state;
    for (unsigned scan = 0; scan < 3 * (8 + 4); scan++)
        end_early(scan, scan % 2);
}

/* All is in place but not told when the host goes: the plate is tared all the same. */
static void a_tare_that_is_over_is_not_undone(void **state)
{
    (void)state;
    struct rig *rig = banded(4);
    rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig->take_in_all[0] = 0;
    rig_scans(rig, rig_bands(rig) * rig_band_scans(rig));
    rig_wait_ms(rig, 50);
    assert_true(plate_has_unsent(&rig->plate, 0));
    plate_link_closed(&rig->plate, 0);
    assert_true(rig->plate.tared);
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
        cmocka_unit_test(bands_find_what_all_rows_at_once_find),
        cmocka_unit_test(bands_tell_the_whole_once),
        cmocka_unit_test(a_stream_sees_bands_change_one_by_one),
        cmocka_unit_test(half_a_tare_is_none),
        cmocka_unit_test(a_tare_that_is_over_is_not_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
