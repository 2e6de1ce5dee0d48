/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plate says while somebody stands on it, and what is read from its recording, are the same
 * pressures: with creep, hysteresis and temperature taken off, read twice, through a tare and a
 * restart. */
#include "driver/live_numbers.h"
#include "driver/plate_pressure.h"
#include "driver/pressure_reader.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMES = 120, TARE_AT = 50, RESTART_AT = 80, WARM_AT = 20 };

/* 0.2 kPa a count, cell 8 dead; much creep and hysteresis. */
static struct calibration *example_calibration(char **text, size_t *n)
{
    static double gains[EXAMPLE_CELLS], offsets[EXAMPLE_CELLS];
    static uint8_t health[EXAMPLE_CELLS] = {[8] = CELL_DEAD};
    struct problem why;
    for (int i = 0; i < EXAMPLE_CELLS; i++)
        gains[i] = 0.2;
    struct calibration_spec spec = {.id = "memory",
                                    .date = "2026-03-01",
                                    .serial = "T-0001",
                                    .rows = EXAMPLE_ROWS,
                                    .cols = EXAMPLE_COLS,
                                    .bits = 12,
                                    .curve = "line",
                                    .coefficients = {gains, offsets},
                                    .residual_percent = NAN,
                                    .health = health,
                                    .has_dynamics = 1,
                                    .dynamics = {.n_creep = 2,
                                                 .creep_tau_s = {0.1, 3},
                                                 .creep_share = {0.2, 0.2},
                                                 .hysteresis = 0.4,
                                                 .reference_c = 20,
                                                 .gain_percent_per_c = 2}};
    *text = calibration_format(&spec, n, &why);
    assert_non_null(*text);
    struct calibration *c = calibration_parse(*text, *n, "f.json", &why);
    assert_non_null(c);
    return c;
}

static void append(struct recording_writer *w, uint8_t type, uint64_t time_us,
                   const uint8_t *payload, size_t n)
{
    struct problem why;
    struct wire_message m = {
        .type = type, .device_time_us = time_us, .payload = payload, .payload_len = (uint32_t)n};
    assert_int_equal(recording_append_message(w, &m, 5000000 + time_us, &why), 0);
}

static void append_status(struct recording_writer *w, uint32_t boot_id, uint32_t seq,
                          double celsius)
{
    uint8_t payload[64];
    struct wire_status status = {
        .boot_id = boot_id, .scans = seq, .temperature_cdeg = (int16_t)lrint(100 * celsius)};
    append(w, WIRE_STATUS, example_time_us(seq), payload,
           wire_put_status(payload, sizeof payload, &status));
}

static void append_tare(struct recording_writer *w, uint32_t seq)
{
    static const uint16_t zeros[EXAMPLE_CELLS];
    struct frame_shape shape = {.bits = 12, .rows = EXAMPLE_ROWS, .cols = EXAMPLE_COLS};
    uint8_t payload[256];
    for (int part = 0; part < 2; part++)
        append(
            w, WIRE_ZERO, example_time_us(seq), payload,
            zero_encode(payload, sizeof payload, part ? ZERO_FLOORS : ZERO_COUNTS, &shape, zeros));
}

/* With `retold` the plate says again, later, of what tare it is, as it does to a host that asks. */
static void write_recording_with(const char *path, const char *calibration, size_t n, int retold)
{
    struct recording_header header;
    struct problem why;
    example_header(&header);
    strcpy(header.calibration_id, "memory");
    char *json = recording_header_format(&header, &why);
    struct recording_writer *w = recording_create(path, json, calibration, n, &why);
    free(json);
    assert_non_null(w);
    example_append_hello(w, 77, 0);
    for (uint32_t seq = 0; seq < FRAMES; seq++) {
        if (seq == WARM_AT)
            append_status(w, 77, seq, 31.5);
        if (seq == TARE_AT)
            append_tare(w, seq);
        if (seq == TARE_AT + 15 && retold)
            append_tare(w, TARE_AT);
        if (seq == RESTART_AT)
            append_status(w, 78, seq, 31.5);
        example_append_frame(w, seq);
    }
    assert_int_equal(recording_finish(w, &why), 0);
}

static void write_recording(const char *path, const char *calibration, size_t n)
{
    write_recording_with(path, calibration, n, 0);
}

/* The frames' kPa as the reader gives them. */
static void read_frames(struct pressure_reader *r, float kpa[FRAMES][EXAMPLE_CELLS])
{
    struct pressure_item item;
    struct problem why;
    int frames = 0;
    while (pressure_reader_next(r, &item, &why) > 0) {
        if (item.kind == PRESSURE_FRAME)
            memcpy(kpa[frames++], item.kpa, sizeof kpa[0]);
    }
    assert_int_equal(frames, FRAMES);
}

/* What a frame would read if no frame had been before it. */
static void check_begins_anew(const float *kpa, uint32_t seq, double celsius)
{
    uint16_t counts[EXAMPLE_CELLS];
    example_counts(seq, counts);
    for (int i = 0; i < EXAMPLE_CELLS; i++) {
        double want = i == 8 ? 0 : 0.2 * counts[i] / (1 + 0.02 * (celsius - 20));
        assert_true(fabs((double)kpa[i] - want) <= 1e-5 * (1 + want));
    }
}

static void a_recording_is_filtered_the_same_each_time(void **state)
{
    (void)state;
    static float first[FRAMES][EXAMPLE_CELLS], second[FRAMES][EXAMPLE_CELLS];
    const char *path = scratch_new("a.tfr");
    struct problem why;
    char *text;
    size_t n;
    calibration_free(example_calibration(&text, &n));
    write_recording(path, text, n);
    free(text);
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_non_null(r);
    read_frames(r, first);
    pressure_reader_rewind(r);
    read_frames(r, second);
    assert_memory_equal(first, second, sizeof first);
    pressure_reader_close(r);
    check_begins_anew(first[TARE_AT], TARE_AT, 31.5);
    check_begins_anew(first[RESTART_AT], RESTART_AT, 31.5);
    /* In between it is less than the curve reads: a cell that rose all the time has crept. */
    uint16_t counts[EXAMPLE_CELLS];
    example_counts(19, counts);
    assert_true((double)first[19][2] < 0.95 * 0.2 * counts[2]);
    /* A dead cell among loaded ones stays bare: nobody fills it in. */
    for (int frame = 0; frame < FRAMES; frame++)
        assert_true(!(first[frame][8] > 0));
    assert_true(first[19][7] > 100 && first[19][1] > 100);
}

static void a_tare_that_is_told_again_changes_nothing(void **state)
{
    (void)state;
    static float kpa[2][FRAMES][EXAMPLE_CELLS];
    struct problem why;
    char *text;
    size_t n;
    calibration_free(example_calibration(&text, &n));
    for (int retold = 0; retold < 2; retold++) {
        const char *path = scratch_new("c.tfr");
        write_recording_with(path, text, n, retold);
        struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
        assert_non_null(r);
        read_frames(r, kpa[retold]);
        pressure_reader_close(r);
    }
    free(text);
    assert_memory_equal(kpa[0], kpa[1], sizeof kpa[0]);
}

static void show_live(struct live_numbers *live, const struct recording_item *item,
                      const float *kpa)
{
    struct grid grid = {EXAMPLE_ROWS, EXAMPLE_COLS, 5.08, 7.62};
    struct frame_numbers numbers, want = frame_numbers(&grid, kpa, 5, 20);
    assert_int_equal(live_numbers_of(live, &item->message, &numbers), 0);
    assert_true(fabs(numbers.force_n - want.force_n) <= 1e-5 * want.force_n);
}

static void live_numbers_are_those_of_the_recording(void **state)
{
    (void)state;
    static float kpa[FRAMES][EXAMPLE_CELLS];
    const char *path = scratch_new("b.tfr");
    struct problem why;
    char *text;
    size_t n;
    struct calibration *c = example_calibration(&text, &n);
    write_recording(path, text, n);
    free(text);
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    read_frames(r, kpa);
    pressure_reader_close(r);
    struct wire_hello hello = {.rows = EXAMPLE_ROWS,
                               .cols = EXAMPLE_COLS,
                               .bits = 12,
                               .pitch_x_um = 5080,
                               .pitch_y_um = 7620};
    struct live_numbers *live = live_numbers_create(&hello, c, &why);
    struct recording *plain = recording_open(path, &why);
    struct recording_item item;
    assert_non_null(live);
    int frames = 0, shown = 0;
    while (recording_next(plain, &item, &why) > 0) {
        live_numbers_watch(live, &item.message);
        if (item.message.type != WIRE_FRAME)
            continue;
        if (frames % 7 == 3) { /* now and then somebody looks */
            show_live(live, &item, kpa[frames]);
            shown++;
        }
        frames++;
    }
    assert_int_equal(frames, FRAMES);
    assert_true(shown > 15);
    recording_close(plain);
    live_numbers_free(live);
    calibration_free(c);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    char *text;
    size_t n;
    struct calibration *c = example_calibration(&text, &n);
    free(text);
    for (long at = 1;; at++) {
        struct problem why = {0};
        failing_malloc_at(at);
        struct plate_pressure *p = plate_pressure_create(c, &why);
        if (!failing_malloc_off()) {
            assert_non_null(p);
            plate_pressure_free(p);
            break;
        }
        assert_null(p);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    calibration_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_is_filtered_the_same_each_time),
        cmocka_unit_test(a_tare_that_is_told_again_changes_nothing),
        cmocka_unit_test(live_numbers_are_those_of_the_recording),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
