/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as pressure: the calibration inside it or another, events, restarts; and its header.
 */
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

#include "tests/support/near.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAIN 0.25

/* A calibration of the example's plate: 0.25 kPa a count, cell 4 masked. */
static char *example_calibration(const char *id, double gain, const char *serial, size_t *n)
{
    static double gains[EXAMPLE_CELLS], offsets[EXAMPLE_CELLS];
    static uint8_t masked[EXAMPLE_CELLS] = {[4] = 1};
    struct problem why;
    for (int i = 0; i < EXAMPLE_CELLS; i++)
        gains[i] = gain;
    struct calibration_spec spec = {.id = id,
                                    .date = "2026-03-01",
                                    .serial = serial,
                                    .rows = EXAMPLE_ROWS,
                                    .cols = EXAMPLE_COLS,
                                    .bits = 12,
                                    .curve = "line",
                                    .coefficients = {gains, offsets, NULL},
                                    .masked = masked,
                                    .residual_percent = NAN};
    char *text = calibration_format(&spec, n, &why);
    assert_non_null(text);
    return text;
}

static struct recording_writer *create(const char *path, const struct recording_header *header,
                                       const void *calibration, size_t n)
{
    struct problem why;
    char *json = recording_header_format(header, &why);
    assert_non_null(json);
    struct recording_writer *w = recording_create(path, json, calibration, n, &why);
    assert_non_null(w);
    free(json);
    return w;
}

static void append(struct recording_writer *w, uint8_t type, uint64_t time_us, uint64_t host_us,
                   const void *payload, size_t n)
{
    struct problem why;
    struct wire_message m = {
        .type = type, .device_time_us = time_us, .payload = payload, .payload_len = (uint32_t)n};
    assert_int_equal(recording_append_message(w, &m, host_us, &why), 0);
}

static void append_event(struct recording_writer *w, uint8_t kind, uint64_t time_us)
{
    uint8_t payload[16];
    struct wire_event event = {.kind = kind, .value = 1};
    append(w, WIRE_EVENT, time_us, 5000000, payload,
           wire_put_event(payload, sizeof payload, &event));
}

static void check_kpa(const struct pressure_item *item, double gain, int masked_cell)
{
    uint16_t counts[EXAMPLE_CELLS];
    example_counts(item->seq, counts);
    for (int i = 0; i < EXAMPLE_CELLS; i++)
        assert_near((double)item->kpa[i], i == masked_cell ? 0 : gain * counts[i], 1e-3);
}

static void frames_go_through_the_copy_inside(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr"), *other = scratch_new("other.json");
    struct recording_header h;
    struct pressure_item item;
    struct problem why;
    size_t n;
    example_header(&h);
    strcpy(h.calibration_id, "bench");
    char *copy = example_calibration("bench", GAIN, "T-0001", &n);
    struct recording_writer *w = create(path, &h, copy, n);
    free(copy);
    for (uint32_t seq = 0; seq < 5; seq++)
        example_append_frame(w, seq);
    assert_int_equal(recording_finish(w, &why), 0);

    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_non_null(r);
    for (uint32_t seq = 0; pressure_reader_next(r, &item, &why) > 0; seq++) {
        assert_int_equal(item.kind, PRESSURE_FRAME);
        assert_int_equal(item.seq, seq);
        assert_true(item.time_us == example_time_us(seq));
        check_kpa(&item, GAIN, 4);
    }
    pressure_reader_close(r);

    /* Another calibration of the same plate may be used instead; of another plate not. */
    copy = example_calibration("later", 0.5, "T-0001", &n);
    scratch_write(other, copy, n);
    free(copy);
    r = pressure_reader_open(path, other, &why);
    assert_non_null(r);
    assert_int_equal(pressure_reader_next(r, &item, &why), 1);
    check_kpa(&item, 0.5, 4);
    pressure_reader_close(r);
    copy = example_calibration("foreign", 0.5, "T-0002", &n);
    scratch_write(other, copy, n);
    free(copy);
    assert_null(pressure_reader_open(path, other, &why));
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    assert_non_null(strstr(why.text, "T-0002"));
}

static void without_calibration_the_full_scale_or_nothing(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    struct recording_header h;
    struct calibration_facts facts;
    struct pressure_item item;
    struct problem why;
    example_header(&h);
    struct recording_writer *w = create(path, &h, NULL, 0);
    example_append_frame(w, 0);
    recording_finish(w, &why);
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_int_equal(pressure_reader_next(r, &item, &why), 1);
    check_kpa(&item, 700.0 / 4095, -1);
    calibration_facts(pressure_reader_calibration(r), &facts);
    assert_true(facts.is_nominal);
    pressure_reader_close(r);

    h.full_scale_kpa = 0; /* no honest kPa */
    path = scratch_new("b.tfr");
    recording_finish(create(path, &h, NULL, 0), &why);
    assert_null(pressure_reader_open(path, NULL, &why));
    assert_non_null(strstr(why.text, "--calibration"));

    h.full_scale_kpa = 700; /* a copy that should be there is never replaced by the nominal line */
    strcpy(h.calibration_id, "bench");
    path = scratch_new("c.tfr");
    recording_finish(create(path, &h, NULL, 0), &why);
    assert_null(pressure_reader_open(path, NULL, &why));
    assert_non_null(strstr(why.text, "bench"));
}

static void events_and_annotations_come_in_file_order(void **state)
{
    (void)state;
    static const char note[] = "{\"step\":\"press\"}";
    const char *path = scratch_new("a.tfr");
    struct recording_header h;
    struct pressure_item item;
    struct problem why;
    example_header(&h);
    struct recording_writer *w = create(path, &h, NULL, 0);
    example_append_hello(w, 1, 0);
    append(w, WIRE_ANNOTATION, 5, 0, note, sizeof note - 1);
    example_append_frame(w, 0);
    append_event(w, WIRE_BUTTON_DOWN, 3456);
    append_event(w, WIRE_BUTTON_UP, 4567);
    append_event(w, WIRE_LIMIT_REACHED, 5678);
    append_event(w, WIRE_TARED, 5679);
    example_append_frame(w, 0); /* a repeat */
    example_append_frame(w, 3);
    example_append_frame(w, 2);
    append(w, 200, 0, 0, "?", 1); /* a type that nobody knows yet */
    assert_int_equal(recording_finish(w, &why), 0);

    static const struct {
        enum pressure_kind kind;
        uint64_t time_us;
        int flag; /* of BUTTON: down; of FRAME: late */
    } want[] = {{PRESSURE_OTHER, 0, 0},     {PRESSURE_ANNOTATION, 5, 0}, {PRESSURE_FRAME, 0, 0},
                {PRESSURE_BUTTON, 3456, 1}, {PRESSURE_BUTTON, 4567, 0},  {PRESSURE_LIMIT, 5678, 0},
                {PRESSURE_OTHER, 5679, 0},  {PRESSURE_FRAME, 30000, 0},  {PRESSURE_FRAME, 20000, 1},
                {PRESSURE_OTHER, 30000, 0}};
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    for (int pass = 0; pass < 2; pass++) {
        size_t i = 0;
        for (; pressure_reader_next(r, &item, &why) > 0; i++) {
            assert_true(i < sizeof want / sizeof want[0]);
            assert_int_equal(item.kind, want[i].kind);
            assert_true(item.time_us == want[i].time_us);
            assert_int_equal(item.kind == PRESSURE_BUTTON ? item.down : item.late, want[i].flag);
            if (item.kind == PRESSURE_ANNOTATION)
                assert_memory_equal(item.json, note, item.n_json);
        }
        assert_int_equal(i, sizeof want / sizeof want[0]);
        pressure_reader_rewind(r);
    }
    pressure_reader_close(r);
}

/* The plate restarts after 2 s and takes 1.5 s to come back: its clock begins at 0 again. */
static void time_goes_on_over_a_restart(void **state)
{
    (void)state;
    for (int host_known = 0; host_known < 2; host_known++) {
        const char *path = scratch_new("a.tfr");
        struct recording_header h;
        struct pressure_item item;
        struct problem why;
        uint8_t frame[512];
        example_header(&h);
        struct recording_writer *w = create(path, &h, NULL, 0);
        for (uint32_t boot = 0; boot < 2; boot++) {
            example_append_hello(w, 100 + boot, 0);
            for (uint32_t seq = 0; seq < 200; seq++) {
                size_t n = example_frame(seq, frame, sizeof frame);
                uint64_t host = 7000000 + boot * 3500000 + example_time_us(seq);
                assert_int_equal(recording_append(w, frame, n, host_known ? host : 0, &why), 0);
            }
        }
        assert_int_equal(recording_finish(w, &why), 0);
        struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
        uint64_t gap = host_known ? 3500000 : 2000000; /* unknown: the next frame's time */
        int n = 0;
        while (pressure_reader_next(r, &item, &why) > 0) {
            if (item.kind != PRESSURE_FRAME)
                continue;
            assert_true(item.time_us == (n < 200 ? 0 : gap) + example_time_us(item.seq));
            n++;
        }
        assert_int_equal(n, 400);
        pressure_reader_close(r);
    }
}

static void append_zeros(struct recording_writer *w, enum zero_part part, const uint16_t *cells)
{
    uint8_t payload[512];
    struct frame_shape shape = {
        .bits = part == ZERO_COUNTS ? 12 : 16, .rows = EXAMPLE_ROWS, .cols = EXAMPLE_COLS};
    append(w, WIRE_ZERO, 4321, 0, payload,
           zero_encode(payload, sizeof payload, part, &shape, cells));
}

static void append_counts(struct recording_writer *w, uint32_t seq, uint8_t flags,
                          const uint16_t *counts)
{
    uint8_t payload[512];
    struct problem why;
    struct frame_shape shape = {
        .flags = flags, .bits = 12, .rows = EXAMPLE_ROWS, .cols = EXAMPLE_COLS};
    struct wire_message m = {
        .type = WIRE_FRAME, .seq = seq, .device_time_us = example_time_us(seq), .payload = payload};
    m.payload_len = (uint32_t)frame_encode(payload, sizeof payload, &shape, counts);
    assert_int_equal(recording_append_message(w, &m, 0, &why), 0);
}

/* A file of a plate that was tared, sent a frame, lost its power, and sent one as it read it. */
static void write_power_cut(const char *path, int with_zeros, uint8_t flags, const uint16_t *zero,
                            const uint16_t *floors, const uint16_t *read_after)
{
    struct recording_header h;
    struct problem why;
    uint16_t quiet[EXAMPLE_CELLS] = {0};
    example_header(&h);
    struct recording_writer *w = create(path, &h, NULL, 0);
    if (with_zeros) {
        append_zeros(w, ZERO_COUNTS, zero);
        append_zeros(w, ZERO_FLOORS, floors);
    }
    example_append_hello(w, 5, 0);
    append_counts(w, 0, flags, quiet);
    example_append_hello(w, 6, 0);
    append_counts(w, 0, 0, read_after);
    assert_int_equal(recording_finish(w, &why), 0);
}

/* Without the zeros the frame is as it came, and marked; with them it is as the plate meant it. */
static void what_comes_untared_after_a_restart_is_tared_here(void **state)
{
    (void)state;
    uint16_t zero[EXAMPLE_CELLS], floors[EXAMPLE_CELLS], counts[EXAMPLE_CELLS];
    double step_kpa = 700.0 / 4095;
    struct pressure_item item;
    struct problem why;
    for (int i = 0; i < EXAMPLE_CELLS; i++) {
        zero[i] = (uint16_t)(37 + i);
        floors[i] = i == 9 ? ZERO_MASKED : 6;
        counts[i] = (uint16_t)(zero[i] + 3 * i - 2); /* below zero, below the floor, above it */
    }
    for (int way = 0; way < 3; way++) {
        const char *path = scratch_new("a.tfr");
        int is_gated = way == 1;
        write_power_cut(path, way > 0, FRAME_TARED | (is_gated ? FRAME_GATED : 0), zero, floors,
                        counts);
        struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
        for (int pass = 0; pass < 2; pass++) {
            int n = 0;
            while (pressure_reader_next(r, &item, &why) > 0) {
                if (item.kind != PRESSURE_FRAME || n++ == 0)
                    continue;
                assert_int_equal(item.untared, way == 0);
                for (int i = 0; i < EXAMPLE_CELLS; i++) {
                    int above = 3 * i - 2, least = is_gated ? 6 : 0;
                    int want = way == 0 ? counts[i] : above < least || i == 9 ? 0 : above;
                    assert_near((double)item.kpa[i], want * step_kpa, 1e-3);
                }
            }
            assert_int_equal(n, 2);
            pressure_reader_rewind(r);
        }
        pressure_reader_close(r);
    }
}

static void frames_of_another_shape_are_counted(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    struct recording_header h;
    struct pressure_item item;
    struct problem why;
    uint8_t payload[512];
    uint16_t counts[EXAMPLE_CELLS] = {0};
    example_header(&h);
    struct recording_writer *w = create(path, &h, NULL, 0);
    struct frame_shape shapes[] = {{.bits = 12, .rows = EXAMPLE_COLS, .cols = EXAMPLE_ROWS},
                                   {.bits = 12, .rows = 2, .cols = 2},
                                   {.bits = 10, .rows = EXAMPLE_ROWS, .cols = EXAMPLE_COLS}};
    for (uint32_t i = 0; i < 3; i++) {
        size_t n = frame_encode(payload, sizeof payload, &shapes[i], counts);
        struct wire_message m = {
            .type = WIRE_FRAME, .seq = i, .payload = payload, .payload_len = (uint32_t)n};
        assert_int_equal(recording_append_message(w, &m, 0, &why), 0);
    }
    example_append_frame(w, 3);
    recording_finish(w, &why);
    struct pressure_reader *r = pressure_reader_open(path, NULL, &why);
    assert_int_equal(pressure_reader_next(r, &item, &why), 1);
    assert_int_equal(item.seq, 3);
    assert_int_equal(pressure_reader_next(r, &item, &why), 0);
    assert_int_equal(pressure_reader_unusable_frames(r), 3);
    pressure_reader_close(r);
}

static void a_header_is_given_back(void **state)
{
    (void)state;
    struct recording_header h, back;
    struct problem why;
    example_header(&h);
    h.pitch_x_mm = 8.47;
    char *json = recording_header_format(&h, &why);
    assert_int_equal(recording_header_parse(json, &back, &why), 0);
    assert_memory_equal(&h, &back, sizeof h);
    char *again = recording_header_format(&back, &why);
    assert_string_equal(json, again);
    free(json);
    free(again);
}

/* Puts `with` where `what` stands in a good header. */
static void check_header_refused(const char *what, const char *with, const char *words)
{
    struct recording_header h;
    struct problem why = {0};
    char *json = example_header_json(), text[2048];
    char *at = strstr(json, what);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - json), json, with, at + strlen(what));
    free(json);
    if (!recording_header_parse(text, &h, &why))
        fail_msg("%s was taken", with);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words))
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void a_bad_header_is_refused_by_name(void **state)
{
    (void)state;
    check_header_refused("\"rows\":5", "\"rows\":257", "rows is 257");
    check_header_refused("\"rows\":5", "\"rows\":0", "rows");
    check_header_refused("\"cols\":7", "\"cols\":7.5", "cols");
    check_header_refused("\"cols\":7", "\"cols\":1000000000000", "cols");
    check_header_refused("\"pitch_x_mm\":5.08", "\"pitch_x_mm\":0", "pitch_x_mm");
    check_header_refused("\"rate_hz\":100.0", "\"rate_hz\":\"fast\"", "rate_hz");
    check_header_refused("\"bits\":12", "\"bits\":0", "bits");
    check_header_refused("\"protocol\":\"stand\"", "\"protocol\":\"dance\"", "protocol");
    check_header_refused("\"protocol\":\"stand\"", "\"protocl\":\"stand\"", "protocol");
    check_header_refused("\"serial\":\"T-0001\"", "\"serial\":\"T-000100000000000000000000001\"",
                         "serial");
    check_header_refused("\"client\":\"Frau", "\"client\":\"\\u001b[31m", "client");
    check_header_refused("recording/1", "recording/2", "newer tenderfoot");
    check_header_refused("tenderfoot/recording/1", "something", "schema");
    check_header_refused("{", "{{", "not JSON");
}

static int open_and_read(const char *path, struct problem *why)
{
    struct pressure_item item;
    struct pressure_reader *r = pressure_reader_open(path, NULL, why);
    if (!r)
        return -1;
    int got = pressure_reader_next(r, &item, why);
    pressure_reader_close(r);
    return got == 1 ? 0 : -1;
}

static void *counted_malloc(size_t n)
{
    return malloc(n);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    const char *path = scratch_new("a.tfr");
    size_t n_copy;
    char *copy = example_calibration("bench", GAIN, "T-0001", &n_copy);
    example_write(path, 3, copy, n_copy);
    free(copy);
    json_set_alloc_funcs(counted_malloc, free);
    for (long n = 1;; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        int result = open_and_read(path, &why);
        int failed = failing_malloc_off();
        if (!failed) {
            assert_int_equal(result, 0);
            assert_true(n > 50);
            break;
        }
        assert_int_equal(result, -1);
        assert_int_not_equal(why.kind, PROBLEM_NONE);
    }
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_through_the_copy_inside),
        cmocka_unit_test(without_calibration_the_full_scale_or_nothing),
        cmocka_unit_test(events_and_annotations_come_in_file_order),
        cmocka_unit_test(time_goes_on_over_a_restart),
        cmocka_unit_test(what_comes_untared_after_a_restart_is_tared_here),
        cmocka_unit_test(frames_of_another_shape_are_counted),
        cmocka_unit_test(a_header_is_given_back),
        cmocka_unit_test(a_bad_header_is_refused_by_name),
        cmocka_unit_test(memory_may_fail_anywhere),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
