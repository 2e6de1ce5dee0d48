/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream to a host that is slow: whole messages only, in order, and nothing lost silently:
 * sent = delivered + lost through the wire and the book of frames. */
#include "firmware/wire/sequence.h"
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define SEED UINT64_C(65537)
static const struct wire_command nothing;

static struct rig *tared_rig(unsigned rows, unsigned cols, uint64_t seed)
{
    struct rig *rig = rig_make(rows, cols, seed);
    rig_begin(rig);
    rig_tare(rig);
    rig_skip_all(rig, 0);
    return rig;
}

/* Reads all a host has got into a book; every byte must belong to a message. */
static void read_all(struct rig *rig, struct sequence_book *book, uint32_t *events)
{
    struct wire_message message;
    struct wire_status status;
    struct wire_hello hello;
    while (rig_next(rig, 0, &message)) {
        if (message.type == WIRE_FRAME)
            sequence_frame(book, message.seq);
        if (message.type == WIRE_STATUS) {
            assert_int_equal(wire_get_status(message.payload, message.payload_len, &status), 0);
            sequence_status(book, status.boot_id, status.scans);
        }
        if (message.type == WIRE_HELLO) {
            assert_int_equal(wire_get_hello(message.payload, message.payload_len, &hello), 0);
            sequence_hello(book, hello.boot_id, hello.scans);
        }
        *events += message.type == WIRE_EVENT;
    }
}

/* The host takes a random number of bytes at random times; with it ends every chance of a whole
 * message being torn. */
static void a_slow_host(uint64_t seed, unsigned most_at_once)
{
    struct rig *rig = tared_rig(16, 16, seed);
    struct sequence_book book;
    uint32_t events = 0;
    sequence_init(&book);
    rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x0100, 0x0100}});
    rig_command(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {100, 1}});
    for (unsigned i = 0; i < 3000; i++) {
        rig->take_at_once[0] = rig_random(rig, 3) ? rig_random(rig, most_at_once) : 0;
        rig->take_in_all[0] = rig_random(rig, 4) ? SIZE_MAX : rig_random(rig, 600);
        if (i % 50 == 20)
            rig_edge(rig, rig->now_us + 1, i % 100 == 20);
        rig_scans(rig, 1);
    }
    rig->take_at_once[0] = rig->take_in_all[0] = SIZE_MAX;
    rig_command(rig, 0, WIRE_CMD_STOP, nothing);
    plate_step(&rig->plate);
    read_all(rig, &book, &events);
    printf("seed %llu, up to %u bytes at once: %llu delivered, %llu lost\n",
           (unsigned long long)seed, most_at_once, (unsigned long long)book.delivered,
           (unsigned long long)book.lost);
    assert_int_equal(rig->plate.scans, 3000);
    assert_int_equal(book.delivered + book.lost, 3000);
    assert_int_equal(book.lost, rig->plate.dropped);
    assert_int_equal(book.bad, 0);
    assert_int_equal(book.repeats, 0);
    assert_int_equal(events, 60);
    assert_true(book.delivered > 100 && book.lost > 100);
    rig_free(rig);
}

static void sent_is_delivered_plus_lost(void **state)
{
    (void)state;
    a_slow_host(SEED, 100);
    a_slow_host(SEED + 1, 300);
    a_slow_host(SEED + 2, 900);
}

static void a_fast_host_loses_nothing(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(96, 96, SEED);
    struct wire_message message;
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 300);
    for (uint32_t i = 0; i < 300; i++) {
        assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
        assert_int_equal(message.seq, i);
    }
    assert_int_equal(rig->plate.dropped, 0);
    rig_free(rig);
}

/* One byte a call: a message begun is finished before the next, whatever is asked meanwhile. */
static void half_a_message_is_finished_first(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(4, 4, SEED);
    struct sequence_book book;
    uint32_t events = 0;
    sequence_init(&book);
    sequence_hello(&book, 0xB007, 0);
    rig->take_at_once[0] = 1;
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 100);
    rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x0100, 0x0100}});
    for (int i = 0; i < 200; i++)
        plate_step(&rig->plate);
    rig->take_at_once[0] = SIZE_MAX;
    rig_command(rig, 0, WIRE_CMD_STOP, nothing);
    plate_step(&rig->plate);
    read_all(rig, &book, &events);
    assert_int_equal(book.delivered + book.lost, 100);
    assert_false(plate_has_unsent(&rig->plate, 0));
    rig_free(rig);
}

/* A host that reads nothing and keeps asking: the outbox is bounded, what has no room is not done,
 * and asking again later works. */
static void a_stuck_host_cannot_overfill_the_plate(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(8, 8, SEED);
    struct wire_ack ack;
    rig->take_at_once[0] = 0;
    for (uint32_t i = 0; i < 500; i++)
        rig_command_as(rig, 0, WIRE_CMD_IDENTIFY, nothing, 5000 + i);
    assert_true(rig->plate.links[0].outbox_used <= PLATE_OUTBOX_BYTES);
    rig->take_at_once[0] = SIZE_MAX;
    plate_step(&rig->plate);
    unsigned answered = 0;
    while (rig_ack(rig, 0, &ack) == WIRE_OK)
        assert_int_equal(ack.request, 5000 + answered++);
    assert_true(answered > 5 && answered < 30);
    rig_command_as(rig, 0, WIRE_CMD_IDENTIFY, nothing, 5499);
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_OK);
    rig_free(rig);
}

/* The next owner waits until the last one's half frame is through, or its link is closed. */
static void a_half_frame_blocks_only_until_its_host_leaves(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(16, 16, SEED);
    struct wire_message message;
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig->take_in_all[0] = 20;
    rig_scans(rig, 1);
    rig_command(rig, 0, WIRE_CMD_STOP, nothing);
    assert_int_equal(rig_ask(rig, 1, WIRE_CMD_START, nothing), WIRE_BUSY);
    plate_link_closed(&rig->plate, 0);
    assert_int_equal(rig_ask(rig, 1, WIRE_CMD_START, nothing), WIRE_OK);
    rig_scans(rig, 1);
    assert_true(rig_next_of(rig, 1, WIRE_FRAME, &message));
    rig_free(rig);
}

static void late_scans_are_overruns(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(4, 4, SEED);
    struct wire_message message;
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 10);
    rig->now_us += 10000 + 4000; /* less than half a period late */
    assert_int_equal(plate_step(&rig->plate), 1);
    assert_int_equal(rig->plate.overruns, 0);
    uint64_t grid_us = plate_next_scan_us(&rig->plate);
    rig->now_us = grid_us + 37500; /* three slots missed whole */
    assert_int_equal(plate_step(&rig->plate), 1);
    assert_int_equal(rig->plate.overruns, 1);
    assert_int_equal(plate_next_scan_us(&rig->plate), grid_us + 40000);
    rig_scans(rig, 1);
    /* numbers run on without a gap; the gap is in the times */
    uint64_t last_us = 0;
    for (uint32_t i = 0; i < 13; i++) {
        assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
        assert_int_equal(message.seq, i);
        if (i == 11)
            assert_int_equal(message.device_time_us, grid_us + 37500);
        assert_true(i == 0 || message.device_time_us > last_us);
        last_us = message.device_time_us;
    }
    rig->now_us =
        plate_next_scan_us(&rig->plate) + 5001; /* just over half a period, no slot missed */
    assert_int_equal(plate_step(&rig->plate), 1);
    assert_int_equal(rig->plate.overruns, 2);
    rig_free(rig);
}

/* A row that cannot be read gives its scan up: counted, logged once, and the watchdog starves. */
static void a_failing_row_is_counted_and_starves_the_watchdog(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(4, 4, SEED);
    struct wire_message message;
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 10);
    unsigned kicks = rig->kicks;
    rig->failing_row = 2;
    rig_scans(rig, 10);
    assert_int_equal(rig->kicks, kicks);
    assert_int_equal(rig->plate.dropped, 10);
    rig->failing_row = -1;
    rig_scans(rig, 10);
    assert_int_equal(rig->kicks, kicks + 10);
    unsigned logs = 0;
    uint32_t last = 0;
    while (rig_next(rig, 0, &message)) {
        logs += message.type == WIRE_LOG;
        last = message.type == WIRE_FRAME ? message.seq : last;
    }
    assert_int_equal(logs, 2);
    assert_int_equal(last, 29);
    rig_free(rig);
}

/* While scans are due, steps between them do not feed the watchdog; an idle plate does. */
static void the_watchdog_needs_scans(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(4, 4, SEED);
    unsigned kicks = rig->kicks;
    plate_step(&rig->plate);
    plate_step(&rig->plate);
    assert_int_equal(rig->kicks, kicks + 2); /* idle */
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 1);
    kicks = rig->kicks;
    for (int i = 0; i < 5; i++)
        plate_step(&rig->plate); /* no scan is due */
    assert_int_equal(rig->kicks, kicks);
    rig_free(rig);
}

/* Nobody can ask: HELLO, tare and stream come by themselves. */
static void autostart_needs_no_host(void **state)
{
    (void)state;
    struct rig *rig = rig_make(6, 6, SEED);
    struct wire_message message;
    struct frame_shape shape;
    uint16_t counts[36];
    rig->config.autostart = 1;
    rig->config.links = 1;
    rig_begin(rig);
    rig_scans(rig, 60);
    assert_true(rig_next(rig, 0, &message));
    assert_int_equal(message.type, WIRE_HELLO);
    assert_true(rig_next(rig, 0, &message));
    assert_int_equal(message.type, WIRE_EVENT);
    for (uint32_t i = 0; rig_next(rig, 0, &message); i++) {
        assert_int_equal(message.type, WIRE_FRAME);
        assert_int_equal(message.seq, i);
        assert_int_equal(frame_decode(message.payload, message.payload_len, &shape, counts, 36), 0);
        assert_int_equal(shape.flags, FRAME_TARED | FRAME_GATED);
    }
    assert_int_equal(rig->plate.scans, 4);
    rig_free(rig);
}

/* One step: one scan, each row once, however much the hosts have sent. */
static void a_step_is_bounded_work(void **state)
{
    (void)state;
    struct rig *rig = tared_rig(8, 8, SEED);
    rig_command(rig, 0, WIRE_CMD_START, nothing);
    rig_scans(rig, 5);
    unsigned most_sends = 0;
    for (int flood = 0; flood < 2; flood++) {
        for (int i = 0; i < 100; i++) {
            for (int k = 0; flood && k < 50; k++)
                rig_command(rig, (unsigned)k % 4, WIRE_CMD_IDENTIFY, nothing);
            unsigned rows = rig->rows_read, sends = rig->sends;
            rig->now_us = plate_next_scan_us(&rig->plate);
            plate_step(&rig->plate);
            assert_int_equal(rig->rows_read - rows, 8);
            if (!flood && rig->sends - sends > most_sends)
                most_sends = rig->sends - sends;
            assert_true(rig->sends - sends <= most_sends);
        }
    }
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sent_is_delivered_plus_lost),
        cmocka_unit_test(a_fast_host_loses_nothing),
        cmocka_unit_test(half_a_message_is_finished_first),
        cmocka_unit_test(a_stuck_host_cannot_overfill_the_plate),
        cmocka_unit_test(a_half_frame_blocks_only_until_its_host_leaves),
        cmocka_unit_test(late_scans_are_overruns),
        cmocka_unit_test(a_failing_row_is_counted_and_starves_the_watchdog),
        cmocka_unit_test(the_watchdog_needs_scans),
        cmocka_unit_test(autostart_needs_no_host),
        cmocka_unit_test(a_step_is_bounded_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
