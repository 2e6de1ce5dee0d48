/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands: each is answered, done once, and one host at a time has the plate. */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(99)
static const struct wire_command nothing;

static struct rig *new_rig(void)
{
    struct rig *rig = rig_make(7, 5, SEED);
    rig_begin(rig);
    return rig;
}

static void get_hello(struct rig *rig, unsigned link, struct wire_hello *hello)
{
    struct wire_message message;
    assert_true(rig_next_of(rig, link, WIRE_HELLO, &message));
    assert_int_equal(wire_get_hello(message.payload, message.payload_len, hello), 0);
}

static struct wire_command our_protocol(void)
{
    return (struct wire_command){.as.hello = {0x0100, 0x0100}};
}

static void hello_tells_what_the_plate_is(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_hello hello;
    rig_command(rig, 2, WIRE_CMD_HELLO, our_protocol());
    get_hello(rig, 2, &hello);
    assert_int_equal(rig_ack(rig, 2, NULL), WIRE_OK);
    assert_int_equal(hello.rows, 7);
    assert_int_equal(hello.cols, 5);
    assert_int_equal(hello.pitch_x_um, 5000);
    assert_int_equal(hello.bits, 12);
    assert_int_equal(hello.rate_min_hz, 10);
    assert_int_equal(hello.rate_hz, 100);
    assert_int_equal(hello.rate_max_hz, 500);
    assert_int_equal(hello.boot_id, 0xB007);
    assert_int_equal(hello.scans, 0);
    assert_int_equal(hello.temperature_cdeg, 2350);
    assert_int_equal(hello.features, WIRE_HAS_BUTTON | WIRE_HAS_LIGHT | WIRE_HAS_BUZZER |
                                         WIRE_HAS_TEMPERATURE | WIRE_HAS_SELF_TEST |
                                         WIRE_HAS_LIMIT);
    assert_string_equal(hello.serial, "RIG-0001");
    rig_free(rig);
}

/* HELLO's number is the next frame's, after a stream too. */
static void hello_tells_the_next_number(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_hello hello;
    struct wire_message message;
    rig_tare(rig);
    rig_ask(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 37);
    rig_ask(rig, 0, WIRE_CMD_STOP, nothing);
    rig_tare(rig);
    rig_command(rig, 0, WIRE_CMD_HELLO, our_protocol());
    get_hello(rig, 0, &hello);
    assert_int_equal(hello.scans, 37);
    rig_ask(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 1);
    assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
    assert_int_equal(message.seq, 37);
    rig_free(rig);
}

static void a_newer_host_is_refused_clearly(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_hello hello;
    struct wire_ack ack;
    struct wire_command newer = {.as.hello = {0x0200, 0x0300}};
    struct wire_command both = {.as.hello = {0x0100, 0x0300}};
    struct wire_command oldest = {.as.hello = {0x0100, 0x0100}};
    rig_command(rig, 0, WIRE_CMD_HELLO, newer);
    get_hello(rig, 0, &hello);                    /* it learns what we do speak */
    assert_int_equal(hello.protocol_min, 0x0100); /* minor versions only add */
    assert_int_equal(hello.protocol_max, 0x0101);
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_REFUSED);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_HELLO, both), WIRE_OK);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_HELLO, oldest), WIRE_OK);
    /* a message of a newer major version: not read, but answered */
    uint8_t payload[8] = {0x2A, 1, 0, 0, 100, 0, 0, 0};
    rig_skip_all(rig, 0);
    rig_bytes(rig, 0, WIRE_VERSION + 1, WIRE_CMD_START, payload, sizeof payload);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_REFUSED);
    assert_int_equal(ack.request, 0x12A);
    assert_false(plate_is_scanning(&rig->plate));
    rig_free(rig);
}

static void start_keeps_to_the_rates(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_ack ack;
    uint16_t bad[] = {1, 9, 501, 9999};
    for (int i = 0; i < 4; i++)
        assert_int_equal(
            rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {bad[i], 0}}),
            WIRE_REFUSED);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {50, 0x80}}),
                     WIRE_REFUSED);
    assert_false(plate_is_scanning(&rig->plate));
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_ack(rig, 0, &ack);
    assert_int_equal(ack.detail, 100);
    rig_command(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {60, 0}});
    rig_ack(rig, 0, &ack);
    assert_int_equal(ack.detail, 60);
    rig_free(rig);
}

/* 60 Hz does not divide a second: the times do not drift, and a new rate begins a period after the
 * last scan. */
static void frames_keep_their_rate(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_message message;
    uint64_t first_us = 0, last_us = 0;
    rig->now_us = 500;
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {60, 0}});
    rig_scans(rig, 601);
    for (int i = 0; i < 601; i++) {
        assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
        first_us = i ? first_us : message.device_time_us;
        last_us = message.device_time_us;
    }
    assert_int_equal(first_us, 500);
    assert_int_equal(last_us, 10000500);
    rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {200, 0}});
    rig_scans(rig, 1);
    assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
    assert_int_equal(message.device_time_us, last_us + 5000);
    assert_int_equal(rig->plate.overruns, 0);
    rig_free(rig);
}

static void a_request_is_done_once(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_ack ack;
    struct wire_message message;
    rig_command_as(rig, 0, WIRE_CMD_TARE, nothing, 7);
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_RUNNING);
    rig_scans(rig, 10);
    rig_command_as(rig, 0, WIRE_CMD_TARE, nothing, 7); /* the host has not heard the first ACK */
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_RUNNING);
    rig_scans(rig, 46);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.request, 7);
    rig_command_as(rig, 0, WIRE_CMD_TARE, nothing, 7); /* nor the second */
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_OK);
    assert_false(plate_is_scanning(&rig->plate));

    rig_command_as(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {1, 0}}, 8);
    rig_command_as(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {0, 0}}, 9);
    rig_command_as(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {1, 0}}, 8);
    assert_int_equal(rig->signals, WIRE_SIGNAL_OFF);

    /* START at another rate, then the first START again, late: the rate stays */
    rig_command_as(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {50, 0}}, 10);
    rig_command_as(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {200, 0}}, 11);
    rig_skip_all(rig, 0);
    rig_command_as(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {50, 0}}, 10);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.detail, 50);
    uint64_t before_us = rig->now_us;
    rig_scans(rig, 2);
    assert_int_equal(rig->now_us - before_us, 10000);
    while (rig_next_of(rig, 0, WIRE_FRAME, &message))
        ;
    rig_free(rig);
}

/* The next program on the same cable numbers its requests from the same number: HELLO makes way. */
static void hello_begins_a_session(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    for (int session = 0; session < 3; session++) {
        rig_command_as(rig, 0, WIRE_CMD_HELLO, our_protocol(), 1);
        rig_command_as(rig, 0, WIRE_CMD_START, nothing, 2);
        assert_true(plate_is_scanning(&rig->plate));
        rig_scans(rig, 3);
        rig_command_as(rig, 0, WIRE_CMD_STOP, nothing, 3);
        assert_false(plate_is_scanning(&rig->plate));
    }
    rig_free(rig);
}

static void a_second_host_is_told_busy(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_command limit = rig_limit(0, 0, 1, 1, 10, 1000);
    assert_int_equal(rig_ask(rig, 1, WIRE_CMD_START, nothing), WIRE_OK);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, nothing), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_TARE, nothing), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 2, WIRE_CMD_SELF_TEST, nothing), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 2, WIRE_CMD_SET_LIMIT, limit), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 3, WIRE_CMD_SIGNAL, nothing), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 3, WIRE_CMD_STOP, nothing), WIRE_BUSY);
    assert_int_equal(rig_ask(rig, 3, WIRE_CMD_HELLO, our_protocol()), WIRE_OK);
    assert_int_equal(rig_ask(rig, 3, WIRE_CMD_IDENTIFY, nothing), WIRE_OK);
    rig_skip_all(rig, 0);
    rig_scans(rig, 150);
    struct wire_message message;
    for (unsigned link = 0; link < 4; link += link ? 1 : 2)
        assert_false(rig_next_of(rig, link, WIRE_FRAME, &message)); /* nor STATUS, nor events */
    assert_true(rig_next_of(rig, 1, WIRE_STATUS, &message));
    rig_free(rig);
}

static void each_wish_makes_an_owner(void **state)
{
    (void)state;
    uint8_t wishes[] = {WIRE_CMD_START, WIRE_CMD_TARE, WIRE_CMD_SELF_TEST, WIRE_CMD_SET_LIMIT};
    for (int i = 0; i < 4; i++) {
        struct rig *rig = new_rig();
        struct wire_command command = nothing;
        if (wishes[i] == WIRE_CMD_SET_LIMIT)
            command = rig_limit(0, 0, 1, 1, 10, 1000);
        assert_true(rig_ask(rig, 3, wishes[i], command) <= WIRE_RUNNING);
        assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, nothing), WIRE_BUSY);
        /* BUSY is not remembered: the same request succeeds when the plate is free */
        rig_command_as(rig, 0, WIRE_CMD_START, nothing, 5);
        plate_link_closed(&rig->plate, 3);
        assert_false(plate_is_scanning(&rig->plate));
        rig_skip_all(rig, 0);
        rig_command_as(rig, 0, WIRE_CMD_START, nothing, 5);
        assert_int_equal(rig_ack(rig, 0, NULL), WIRE_OK);
        rig_free(rig);
    }
}

static void stop_frees_the_plate_and_ends_a_job(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_ack ack;
    struct wire_message message;
    rig_ask(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 5);
    rig_command_as(rig, 0, WIRE_CMD_TARE, nothing, 50);
    rig_scans(rig, 5);
    rig_skip_all(rig, 0);
    rig_command_as(rig, 0, WIRE_CMD_STOP, nothing, 51);
    assert_true(rig_next(rig, 0, &message)); /* how far it came, so that the count is exact */
    assert_int_equal(message.type, WIRE_STATUS);
    struct wire_status status;
    assert_int_equal(wire_get_status(message.payload, message.payload_len, &status), 0);
    assert_int_equal(status.scans, 10);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_FAILED);
    assert_int_equal(ack.request, 50);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.request, 51);
    assert_int_equal(rig_ask(rig, 2, WIRE_CMD_START, nothing), WIRE_OK);
    rig_free(rig);
}

static void unknown_and_broken_commands_are_answered(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_ack ack;
    uint8_t payload[4] = {0xEF, 0xBE, 0xAD, 0xDE};
    rig_bytes(rig, 0, 0, 73, payload, 4);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_UNKNOWN);
    assert_int_equal(ack.request, 0xDEADBEEF);
    assert_int_equal(ack.command, 73);
    rig_bytes(rig, 0, 0, 127, payload, 0);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_UNKNOWN);
    rig_bytes(rig, 0, 0, WIRE_CMD_START, payload, 4); /* its rate is missing */
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_REFUSED);
    /* what is no command is no business of the plate's */
    rig_bytes(rig, 0, 0, WIRE_FRAME, payload, 4);
    rig_bytes(rig, 0, 0, WIRE_ANNOTATION, payload, 4);
    rig_bytes(rig, 0, 0, 0, payload, 4);
    assert_int_equal(rig_ack(rig, 0, NULL), -1);
    rig_free(rig);
}

static void signals_and_identify(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {3, 250}}),
                     WIRE_OK);
    assert_int_equal(rig->signals, 3);
    rig_wait_ms(rig, 249);
    assert_int_equal(rig->signals, 3);
    rig_wait_ms(rig, 1);
    assert_int_equal(rig->signals, 0);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {4, 0}}),
                     WIRE_REFUSED);
    unsigned before = rig->signal_changes;
    assert_int_equal(rig_ask(rig, 2, WIRE_CMD_IDENTIFY, nothing), WIRE_OK);
    rig_wait_ms(rig, 3000);
    assert_int_equal(rig->signal_changes - before, 10); /* five blinks */
    assert_int_equal(rig->signals, 0);
    rig_free(rig);
}

static void what_is_missing_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_make(4, 4, SEED);
    rig->config.features = WIRE_HAS_LIGHT;
    rig_begin(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SIGNAL, (struct wire_command){.as.signal = {2, 0}}),
                     WIRE_REFUSED);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_IDENTIFY, nothing), WIRE_OK);
    assert_int_equal(rig->signals, WIRE_SIGNAL_LIGHT);
    rig_free(rig);
    rig = rig_make(4, 4, SEED);
    rig->config.features = 0;
    rig_begin(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_IDENTIFY, nothing), WIRE_REFUSED);
    rig_free(rig);
}

/* Damaged bytes between commands are counted and cost no command. */
static void damage_costs_no_command(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct wire_message message;
    struct wire_status status;
    uint8_t rubbish[300];
    for (size_t i = 0; i < sizeof rubbish; i++)
        rubbish[i] = (uint8_t)rig_random(rig, 256);
    memcpy(rubbish + 290, "TFT", 3);
    plate_receive(&rig->plate, 0, rubbish, sizeof rubbish);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, nothing), WIRE_OK);
    rig_scans(rig, 101);
    assert_true(rig_next_of(rig, 0, WIRE_STATUS, &message));
    assert_int_equal(wire_get_status(message.payload, message.payload_len, &status), 0);
    assert_int_equal(status.command_crc_errors, 1);
    assert_int_equal(status.boot_id, 0xB007);
    assert_int_equal(status.scans, 101);
    assert_int_equal(status.tick_rate_mhz, 100000);
    assert_int_equal(status.temperature_cdeg, 2350);
    assert_int_equal(status.streaming, 1);
    assert_int_equal(status.tared, 0);
    rig_free(rig);
}

/* --- The way into the loader ----------------------------------------------------------------- */

struct loader_board {
    unsigned entered, signals_then;
    int is_fetched; /* the host has what was sent */
};

static struct loader_board board; /* the rig is every callback's context: there is one board */

static void enter_loader(void *context)
{
    struct rig *rig = context;
    board.entered++;
    board.signals_then = rig->signals;
}

static int has_left(void *context, unsigned link)
{
    (void)context;
    (void)link;
    return board.is_fetched;
}

static struct rig *new_rig_with_loader(void)
{
    struct rig *rig = rig_make(7, 5, SEED);
    board = (struct loader_board){0};
    rig->config.enter_loader = enter_loader;
    rig_begin(rig);
    return rig;
}

static void the_loader_is_entered_once_the_ack_has_left(void **state)
{
    (void)state;
    struct rig *rig = new_rig_with_loader();
    struct wire_hello hello;
    struct wire_command light = {.as.signal = {.signals = WIRE_SIGNAL_LIGHT}};
    rig_command(rig, 0, WIRE_CMD_HELLO, our_protocol());
    get_hello(rig, 0, &hello);
    assert_true(hello.features & WIRE_HAS_LOADER);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, nothing), WIRE_OK);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SIGNAL, light), WIRE_OK);
    rig_scans(rig, 3);
    assert_int_equal(rig_ask(rig, 2, WIRE_CMD_LOADER, nothing), WIRE_BUSY);
    rig_wait_ms(rig, 300);
    assert_int_equal(board.entered, 0);
    assert_int_equal(rig->signals, WIRE_SIGNAL_LIGHT);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_LOADER, nothing), WIRE_OK);
    assert_int_equal(board.entered, 0); /* not before a step has found the ACK gone */
    assert_false(plate_is_scanning(&rig->plate));
    rig_wait_ms(rig, 1);
    assert_int_equal(board.entered, 1);
    assert_int_equal(board.signals_then, WIRE_SIGNAL_OFF);
    rig_wait_ms(rig, 500);
    assert_int_equal(board.entered, 1);
    rig_free(rig);
}

/* An ACK that nobody takes holds the loader up for 200 ms, one that is taken and not fetched too;
 * one that is fetched at 37 ms, until then. */
static void the_loader_waits_for_the_ack_and_not_for_ever(void **state)
{
    (void)state;
    for (int is_taken = 0; is_taken < 2; is_taken++) {
        struct rig *rig = new_rig_with_loader();
        rig->config.has_left = has_left;
        rig->take_in_all[1] = is_taken ? SIZE_MAX : 5;
        rig_command(rig, 1, WIRE_CMD_LOADER, nothing);
        rig_wait_ms(rig, 199);
        assert_int_equal(board.entered, 0);
        rig_wait_ms(rig, 1);
        assert_int_equal(board.entered, 1);
        rig_free(rig);
    }
    struct rig *rig = new_rig_with_loader();
    rig->config.has_left = has_left;
    rig_command(rig, 1, WIRE_CMD_LOADER, nothing);
    rig_wait_ms(rig, 37);
    assert_int_equal(board.entered, 0);
    board.is_fetched = 1;
    rig_wait_ms(rig, 1);
    assert_int_equal(board.entered, 1);
    rig_free(rig);
}

static void without_a_loader_it_is_refused(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_LOADER, nothing), WIRE_REFUSED);
    rig_wait_ms(rig, 300);
    assert_int_equal(rig_ask(rig, 3, WIRE_CMD_START, nothing), WIRE_OK);
    rig_free(rig);
}

static void a_wrong_config_is_named(void **state)
{
    (void)state;
    struct rig *rig = new_rig();
    struct plate plate;
    struct plate_config c;
#define REFUSES(field, value)                                                                      \
    (c = rig->config, c.field = (value), assert_non_null(plate_init(&plate, &c)))
    REFUSES(scan_row, NULL);
    REFUSES(links, 5);
    REFUSES(rows, 0);
    REFUSES(cols, 257);
    REFUSES(pitch_y_um, 499);
    REFUSES(bits, 17);
    REFUSES(rate_hz, 501);
    REFUSES(rate_min_hz, 0);
    REFUSES(serial, "a serial longer than 24 bytes");
    REFUSES(model, "bell\a");
    REFUSES(model, NULL);
    REFUSES(work, NULL);
    REFUSES(out_bytes, 50);
    REFUSES(tare_scans, 7);
    REFUSES(self_test_scans, 4097);
    REFUSES(gate_sigmas, 17);
    REFUSES(debounce_us, 100001);
    REFUSES(work_rows, (uint16_t)(c.rows + 1));
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_tells_what_the_plate_is),
        cmocka_unit_test(hello_tells_the_next_number),
        cmocka_unit_test(a_newer_host_is_refused_clearly),
        cmocka_unit_test(start_keeps_to_the_rates),
        cmocka_unit_test(frames_keep_their_rate),
        cmocka_unit_test(a_request_is_done_once),
        cmocka_unit_test(hello_begins_a_session),
        cmocka_unit_test(a_second_host_is_told_busy),
        cmocka_unit_test(each_wish_makes_an_owner),
        cmocka_unit_test(stop_frees_the_plate_and_ends_a_job),
        cmocka_unit_test(unknown_and_broken_commands_are_answered),
        cmocka_unit_test(signals_and_identify),
        cmocka_unit_test(what_is_missing_is_refused),
        cmocka_unit_test(damage_costs_no_command),
        cmocka_unit_test(the_loader_is_entered_once_the_ack_has_left),
        cmocka_unit_test(the_loader_waits_for_the_ack_and_not_for_ever),
        cmocka_unit_test(without_a_loader_it_is_refused),
        cmocka_unit_test(a_wrong_config_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
