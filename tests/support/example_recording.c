/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/example_recording.h"

#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

void example_header(struct recording_header *header)
{
    *header = (struct recording_header){
        .software = "tenderfoot test",
        .created_utc = "2026-03-01T09:30:00Z",
        .client = "Frau \xc3\x96tz\"i\"",
        .protocol = "stand",
        .source = "virtual",
        .device = {.serial = "T-0001",
                   .model = "test plate",
                   .firmware = "0.0",
                   .uri = "virtual:x"},
        .rows = EXAMPLE_ROWS,
        .cols = EXAMPLE_COLS,
        .pitch_x_mm = 5.08,
        .pitch_y_mm = 7.62,
        .rate_hz = 100,
        .bits = 12,
        .full_scale_kpa = 700,
        .units = "counts",
        .calibration_id = "nominal",
    };
}

char *example_header_json(void)
{
    struct recording_header header;
    struct problem why;
    example_header(&header);
    char *json = recording_header_format(&header, &why);
    assert_non_null(json);
    return json;
}

void example_counts(uint32_t seq, uint16_t *counts)
{
    for (uint32_t i = 0; i < EXAMPLE_CELLS; i++)
        counts[i] = i % 3 ? (uint16_t)((seq * 31 + i * 77) % 4096) : 0;
}

uint64_t example_time_us(uint32_t seq)
{
    return (uint64_t)seq * 10000;
}

uint64_t example_host_us(uint32_t seq)
{
    return 5000000 + (uint64_t)seq * 10007;
}

size_t example_frame(uint32_t seq, uint8_t *out, size_t cap)
{
    struct frame_shape shape = {
        .flags = FRAME_TARED, .bits = 12, .rows = EXAMPLE_ROWS, .cols = EXAMPLE_COLS};
    uint16_t counts[EXAMPLE_CELLS];
    uint8_t payload[256];
    example_counts(seq, counts);
    struct wire_message message = {
        .type = WIRE_FRAME, .seq = seq, .device_time_us = example_time_us(seq), .payload = payload};
    message.payload_len = (uint32_t)frame_encode(payload, sizeof payload, &shape, counts);
    assert_true(message.payload_len > 0);
    size_t n = wire_encode(out, cap, &message);
    assert_true(n > 0);
    return n;
}

void example_append_hello(struct recording_writer *writer, uint32_t boot_id, uint32_t scans)
{
    struct wire_hello hello = {
        .protocol_min = 0x0100,
        .protocol_max = 0x0100,
        .rows = EXAMPLE_ROWS,
        .cols = EXAMPLE_COLS,
        .pitch_x_um = 5080,
        .pitch_y_um = 7620,
        .bits = 12,
        .rate_min_hz = 10,
        .rate_max_hz = 200,
        .rate_hz = 100,
        .full_scale_kpa = 700,
        .temperature_cdeg = WIRE_NO_TEMPERATURE,
        .boot_id = boot_id,
        .scans = scans,
        .serial = "T-0001",
        .firmware = "0.0",
        .model = "test plate",
    };
    uint8_t payload[256];
    struct problem why;
    size_t n = wire_put_hello(payload, sizeof payload, &hello);
    assert_true(n > 0);
    struct wire_message message = {
        .type = WIRE_HELLO, .payload = payload, .payload_len = (uint32_t)n};
    assert_int_equal(recording_append_message(writer, &message, example_host_us(scans), &why), 0);
}

static void append_status(struct recording_writer *writer, uint32_t boot_id, uint32_t scans)
{
    struct wire_status status = {.boot_id = boot_id,
                                 .scans = scans,
                                 .temperature_cdeg = WIRE_NO_TEMPERATURE,
                                 .tick_rate_mhz = 100000,
                                 .streaming = 1,
                                 .tared = 1};
    uint8_t payload[64];
    struct problem why;
    size_t n = wire_put_status(payload, sizeof payload, &status);
    assert_true(n > 0);
    struct wire_message message = {.type = WIRE_STATUS,
                                   .device_time_us = example_time_us(scans),
                                   .payload = payload,
                                   .payload_len = (uint32_t)n};
    assert_int_equal(recording_append_message(writer, &message, example_host_us(scans), &why), 0);
}

void example_append_frame(struct recording_writer *writer, uint32_t seq)
{
    uint8_t frame[512];
    struct problem why;
    size_t n = example_frame(seq, frame, sizeof frame);
    assert_int_equal(recording_append(writer, frame, n, example_host_us(seq), &why), 0);
}

void example_write(const char *path, uint32_t n, const void *calibration, size_t n_calibration)
{
    struct problem why;
    char *json = example_header_json();
    struct recording_writer *writer =
        recording_create(path, json, calibration, n_calibration, &why);
    free(json);
    assert_non_null(writer);
    example_append_hello(writer, 77, 0);
    for (uint32_t seq = 0; seq < n; seq++) {
        example_append_frame(writer, seq);
        if (seq % 10 == 9)
            append_status(writer, 77, seq + 1);
    }
    assert_int_equal(recording_finish(writer, &why), 0);
}

void example_check_frame(const struct wire_message *message)
{
    struct frame_shape shape;
    uint16_t counts[EXAMPLE_CELLS], truth[EXAMPLE_CELLS];
    assert_int_equal(message->type, WIRE_FRAME);
    assert_int_equal(
        frame_decode(message->payload, message->payload_len, &shape, counts, EXAMPLE_CELLS), 0);
    assert_int_equal(shape.rows, EXAMPLE_ROWS);
    assert_int_equal(shape.cols, EXAMPLE_COLS);
    example_counts(message->seq, truth);
    assert_memory_equal(counts, truth, sizeof truth);
    assert_true(message->device_time_us == example_time_us(message->seq));
}
