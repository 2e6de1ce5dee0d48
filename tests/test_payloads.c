/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small payloads: what is put comes back, byte for byte where PROTOCOL.md says so; short,
 * impossible and longer ones. */
#include "firmware/wire/bytes.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct wire_hello a_hello(void)
{
    struct wire_hello hello;
    memset(&hello, 0, sizeof hello); /* padding too: structs are compared as bytes */
    hello.protocol_min = 0x0100;
    hello.protocol_max = 0x0103;
    hello.rows = 96;
    hello.cols = 64;
    hello.pitch_x_um = 5000;
    hello.pitch_y_um = 8466;
    hello.bits = 12;
    hello.rate_min_hz = 10;
    hello.rate_max_hz = 500;
    hello.rate_hz = 100;
    hello.full_scale_kpa = 600;
    hello.features = WIRE_HAS_BUTTON | WIRE_IS_VIRTUAL;
    hello.temperature_cdeg = -1234;
    hello.boot_id = 0xDEADBEEF;
    hello.scans = 4711;
    strcpy(hello.serial, "TF-000123");
    strcpy(hello.firmware, "1.0.0");
    strcpy(hello.model, "123456789012345678901234"); /* fills its field */
    return hello;
}

static void test_hello_comes_back(void **state)
{
    struct wire_hello in = a_hello(), out;
    uint8_t bytes[120] = {0};
    (void)state;
    assert_int_equal(wire_put_hello(bytes, 103, &in), 0);
    assert_int_equal(wire_put_hello(bytes, sizeof bytes, &in), 104);
    memset(&out, 0, sizeof out);
    assert_int_equal(wire_get_hello(bytes, 104, &out), 0);
    assert_memory_equal(&in, &out, sizeof in);
    assert_int_equal(wire_get_hello(bytes, sizeof bytes, &out), 0); /* a newer minor appends */
    for (size_t n = 0; n < 104; n++)
        assert_int_equal(wire_get_hello(bytes, n, &out), -1);
    assert_memory_equal(bytes + 40, "TF-000123\0\0", 11);
    assert_int_equal(get_u16(bytes + 4), 96);
    assert_int_equal(get_u32(bytes + 12), 8466);
}

struct change {
    size_t at, width;
    uint32_t value;
    int result;
};

/* Each bound of HELLO: the last good and the first bad value. */
static void test_hello_bounds(void **state)
{
    static const struct change changes[] = {
        {4, 2, 0, -1},         {4, 2, 256, 0},     {4, 2, 257, -1},   {6, 2, 1, 0},
        {6, 2, 0, -1},         {6, 2, 65535, -1},  {8, 4, 499, -1},   {8, 4, 500, 0},
        {12, 4, 50000, 0},     {12, 4, 50001, -1}, {16, 1, 7, -1},    {16, 1, 8, 0},
        {16, 1, 16, 0},        {16, 1, 17, -1},    {18, 2, 0, -1},    {18, 2, 101, -1},
        {20, 2, 99, -1},       {20, 2, 10001, -1}, {22, 2, 9, -1},    {22, 2, 501, -1},
        {0, 2, 0x0104, -1},    {40, 1, 0x1B, -1},  {40, 1, 0xC3, -1}, {41, 1, 0, -1},
        {40 + 23, 1, 'x', -1}, {64, 1, 0x7F, -1},  {64, 1, 0x7E, 0},  {103, 1, 0, 0},
    };
    struct wire_hello in = a_hello(), out;
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t bytes[104];
        wire_put_hello(bytes, sizeof bytes, &in);
        for (size_t k = 0; k < changes[i].width; k++)
            bytes[changes[i].at + k] = (uint8_t)(changes[i].value >> 8 * k);
        if (wire_get_hello(bytes, sizeof bytes, &out) != changes[i].result)
            fail_msg("byte %zu = %u should give %d", changes[i].at, changes[i].value,
                     changes[i].result);
    }
}

static void test_event_status_ack_come_back(void **state)
{
    struct wire_event event = {.kind = WIRE_LIMIT_REACHED, .value = 123456789}, event2;
    struct wire_status status = {1, 2, 3, 4, 5, WIRE_NO_TEMPERATURE, 99987, 1, 0}, status2;
    struct wire_ack ack = {0xFFFFFFFF, WIRE_CMD_TARE, WIRE_RUNNING, 17}, ack2;
    uint8_t bytes[28];
    (void)state;
    assert_int_equal(wire_put_event(bytes, 7, &event), 0);
    assert_int_equal(wire_put_event(bytes, 8, &event), 8);
    assert_int_equal(wire_get_event(bytes, 7, &event2), -1);
    assert_int_equal(wire_get_event(bytes, 8, &event2), 0);
    assert_int_equal(event2.kind, event.kind);
    assert_int_equal(event2.value, event.value);
    bytes[0] = 0;
    assert_int_equal(wire_get_event(bytes, 8, &event2), -1);

    assert_int_equal(wire_put_status(bytes, 27, &status), 0);
    assert_int_equal(wire_put_status(bytes, 28, &status), 28);
    assert_int_equal(wire_get_status(bytes, 27, &status2), -1);
    assert_int_equal(wire_get_status(bytes, 28, &status2), 0);
    assert_int_equal(status2.boot_id, 1);
    assert_int_equal(status2.scans, 2);
    assert_int_equal(status2.dropped, 3);
    assert_int_equal(status2.overruns, 4);
    assert_int_equal(status2.command_crc_errors, 5);
    assert_int_equal(status2.temperature_cdeg, WIRE_NO_TEMPERATURE);
    assert_int_equal(status2.tick_rate_mhz, 99987);
    assert_int_equal(status2.streaming, 1);
    assert_int_equal(status2.tared, 0);
    bytes[26] = 2;
    assert_int_equal(wire_get_status(bytes, 28, &status2), -1);

    assert_int_equal(wire_put_ack(bytes, 11, &ack), 0);
    assert_int_equal(wire_put_ack(bytes, 12, &ack), 12);
    assert_int_equal(wire_get_ack(bytes, 12, &ack2), 0);
    assert_int_equal(ack2.request, ack.request);
    assert_int_equal(ack2.command, ack.command);
    assert_int_equal(ack2.status, ack.status);
    assert_int_equal(ack2.detail, ack.detail);
    bytes[8] = WIRE_STATUS; /* no command */
    assert_int_equal(wire_get_ack(bytes, 12, &ack2), -1);
}

/* Every command, with every member that it has. */
static void test_commands_come_back(void **state)
{
    static const size_t sizes[] = {8, 8, 4, 4, 4, 4, 8, 20, 4};
    (void)state;
    for (uint8_t type = WIRE_CMD_HELLO; type <= WIRE_CMD_LOADER; type++) {
        struct wire_command in, out;
        uint8_t bytes[24];
        size_t size = sizes[type - WIRE_CMD_HELLO];
        memset(&in, 0, sizeof in);
        in.request = 0xCAFE0000u + type;
        if (type == WIRE_CMD_HELLO) {
            in.as.hello.protocol_min = 0x100;
            in.as.hello.protocol_max = 0x17F;
        } else if (type == WIRE_CMD_START) {
            in.as.start.rate_hz = 250;
            in.as.start.flags = WIRE_START_UNGATED | WIRE_START_RAW;
        } else if (type == WIRE_CMD_SIGNAL) {
            in.as.signal.signals = WIRE_SIGNAL_LIGHT | WIRE_SIGNAL_BUZZER;
            in.as.signal.duration_ms = 1500;
        } else if (type == WIRE_CMD_SET_LIMIT) {
            in.as.limit.row0 = 250;
            in.as.limit.col0 = 3;
            in.as.limit.rows = 6;
            in.as.limit.cols = 253;
            in.as.limit.sum_counts = 3000000000u;
            in.as.limit.expiry_ms = 600000;
        }
        assert_int_equal(wire_put_command(bytes, size - 1, type, &in), 0);
        assert_int_equal(wire_put_command(bytes, sizeof bytes, type, &in), size);
        assert_int_equal(wire_get_command(bytes, size - 1, type, &out), -1);
        assert_int_equal(out.request, size > 4 ? in.request : 0); /* so that it can be refused */
        assert_int_equal(wire_get_command(bytes, sizeof bytes, type, &out), 0);
        assert_memory_equal(&in, &out, sizeof in);
    }
}

static int limit_is_taken(uint16_t row0, uint16_t col0, uint16_t rows, uint16_t cols, uint32_t ms)
{
    struct wire_command in = {.request = 5}, out;
    uint8_t bytes[20];
    in.as.limit.row0 = row0;
    in.as.limit.col0 = col0;
    in.as.limit.rows = rows;
    in.as.limit.cols = cols;
    in.as.limit.expiry_ms = ms;
    wire_put_command(bytes, sizeof bytes, WIRE_CMD_SET_LIMIT, &in);
    int result = wire_get_command(bytes, sizeof bytes, WIRE_CMD_SET_LIMIT, &out);
    assert_int_equal(out.request, 5);
    return result == 0;
}

static void test_limit_bounds(void **state)
{
    struct wire_command out;
    const uint8_t request[8] = {1, 2, 3, 4};
    (void)state;
    assert_true(limit_is_taken(0, 0, 256, 256, 1));
    assert_true(limit_is_taken(9, 9, 0, 0, 0)); /* clears */
    assert_false(limit_is_taken(1, 0, 256, 256, 1));
    assert_false(limit_is_taken(0, 1, 256, 256, 1));
    assert_false(limit_is_taken(65535, 0, 2, 1, 1));
    assert_false(limit_is_taken(0, 0, 1, 0, 1));
    assert_false(limit_is_taken(0, 0, 1, 1, 0));
    assert_false(limit_is_taken(0, 0, 1, 1, 600001));
    assert_int_equal(wire_get_command(request, 8, 100, &out), -1); /* no such command */
    assert_int_equal(out.request, 0x04030201);
    assert_int_equal(wire_put_command((uint8_t[24]){0}, 24, 100, &out), 0);
}

static void test_faults(void **state)
{
    const struct wire_fault in[3] = {
        {95, 12, WIRE_CELL_DEAD}, {0, 255, WIRE_CELL_STUCK}, {7, 0xFFFF, WIRE_ROW_SHORTED}};
    struct wire_fault out[3];
    uint8_t bytes[64];
    size_t filled;
    uint32_t total;
    (void)state;
    assert_int_equal(wire_put_faults(bytes, 3, in, 3, 3), 0);
    assert_int_equal(wire_put_faults(bytes, 15, in, 3, 3), 14); /* cut to two */
    assert_int_equal(wire_get_faults(bytes, 14, out, 3, &filled, &total), 0);
    assert_int_equal(filled, 2);
    assert_int_equal(total, 3);
    assert_int_equal(wire_put_faults(bytes, sizeof bytes, in, 3, 3), 19);
    assert_int_equal(wire_get_faults(bytes, 19, out, 3, &filled, &total), 0);
    assert_int_equal(filled, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(out[i].row, in[i].row);
        assert_int_equal(out[i].col, in[i].col);
        assert_int_equal(out[i].kind, in[i].kind);
    }
    assert_int_equal(wire_get_faults(bytes, 19, out, 1, &filled, &total), 0);
    assert_int_equal(filled, 1);
    assert_int_equal(wire_get_faults(bytes, 18, out, 3, &filled, &total), -1);
    assert_int_equal(wire_get_faults(bytes, 3, out, 3, &filled, &total), -1);
    put_u32(bytes, 2); /* fewer than are listed */
    assert_int_equal(wire_get_faults(bytes, 19, out, 3, &filled, &total), -1);
    put_u32(bytes, 3);
    put_u16(bytes + 6, 256); /* a column that cannot be */
    assert_int_equal(wire_get_faults(bytes, 19, out, 3, &filled, &total), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello_comes_back),
        cmocka_unit_test(test_hello_bounds),
        cmocka_unit_test(test_event_status_ack_come_back),
        cmocka_unit_test(test_commands_come_back),
        cmocka_unit_test(test_limit_bounds),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
