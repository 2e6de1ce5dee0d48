/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a plate tells of its tare, and what a host makes of it when the plate has lost its zeros
 * with its power: the counts that the plate itself would have sent, cell by cell. */
#include "driver/plate_zeros.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SEED UINT64_C(70417)

enum { ROWS = 11, COLS = 13, CELLS = ROWS * COLS };

/* Each cell has its own rest and noise; one is stuck, one loose; cells[] is the load. */
static void busy_world(struct rig *rig, unsigned row, uint16_t *counts)
{
    for (unsigned col = 0; col < COLS; col++) {
        unsigned noise = rig_random(rig, 2 + col % 5);
        counts[col] = (uint16_t)(30 + 5 * row + 3 * col + noise + rig->cells[row * COLS + col]);
    }
    if (row == 4)
        counts[6] = 4095;
    if (row == 7)
        counts[2] = (uint16_t)rig_random(rig, 4096);
}

static struct rig *new_plate(uint64_t seed, uint32_t boot_id)
{
    struct rig *rig = rig_make(ROWS, COLS, seed);
    rig->config.boot_id = boot_id;
    rig->world = busy_world;
    rig_begin(rig);
    return rig;
}

static void put_load_on(struct rig *rig)
{
    for (unsigned i = 0; i < CELLS; i++)
        rig->cells[i] = (uint16_t)(i % 4 ? rig_random(rig, i % 7 ? 600 : 9) : 0);
}

static struct plate_zeros *new_zeros(void)
{
    struct problem why;
    struct plate_zeros *zeros = plate_zeros_create(ROWS, COLS, &why);
    assert_non_null(zeros);
    return zeros;
}

/* Shows the host all that waits on link 0; how many ZEROs were among it. */
static int watch_all(struct rig *rig, struct plate_zeros *zeros)
{
    struct wire_message message;
    int n = 0;
    while (rig_next(rig, 0, &message)) {
        n += message.type == WIRE_ZERO;
        plate_zeros_watch(zeros, &message);
    }
    return n;
}

/* Tares with a host that watches; rig_tare would throw the messages away. */
static int tare_watched(struct rig *rig, struct plate_zeros *zeros)
{
    rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x100, 0x101}});
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, 48 + PLATE_TARE_SLICES);
    return watch_all(rig, zeros);
}

static void next_counts(struct rig *rig, struct frame_shape *shape, uint16_t *counts)
{
    struct wire_message message;
    rig_scans(rig, 1);
    assert_true(rig_next_of(rig, 0, WIRE_FRAME, &message));
    assert_int_equal(frame_decode(message.payload, message.payload_len, shape, counts, CELLS), 0);
}

static void start(struct rig *rig, uint16_t flags)
{
    rig_skip_all(rig, 0);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_START, (struct wire_command){.as.start = {0, flags}}),
                     WIRE_OK);
}

static void a_tare_is_told_before_it_is_acknowledged(void **state)
{
    (void)state;
    struct rig *rig = new_plate(SEED, 1);
    struct wire_message message;
    struct frame_shape shape;
    enum zero_part part;
    uint16_t cells[CELLS];
    uint64_t first_us = 0;
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, 48 + PLATE_TARE_SLICES);
    uint8_t types[8] = {0};
    for (int n = 0; n < 8 && rig_next(rig, 0, &message); n++) {
        types[n] = message.type;
        if (message.type != WIRE_ZERO)
            continue;
        assert_int_equal(
            zero_decode(message.payload, message.payload_len, &part, &shape, cells, CELLS), 0);
        assert_true(!first_us || message.device_time_us == first_us);
        first_us = message.device_time_us;
        assert_int_equal(shape.bits, part == ZERO_COUNTS ? 12 : 16);
        assert_memory_equal(cells, part == ZERO_COUNTS ? rig->config.zero : rig->config.floor,
                            sizeof cells);
    }
    static const uint8_t wanted[8] = {WIRE_ACK, WIRE_ZERO, WIRE_ZERO, WIRE_EVENT, WIRE_ACK};
    assert_memory_equal(types, wanted, sizeof types);
    assert_int_equal(rig->config.floor[4 * COLS + 6], ZERO_MASKED);
    rig_free(rig);
}

static void after_a_restart_the_host_tares_as_the_plate_would(void **state)
{
    (void)state;
    for (uint16_t flags = 0; flags <= WIRE_START_UNGATED; flags++) {
        struct plate_zeros *zeros = new_zeros();
        struct rig *rig = new_plate(SEED + 1, 1);
        struct frame_shape shape;
        uint16_t counts[CELLS], wanted[CELLS];
        assert_int_equal(tare_watched(rig, zeros), 2);
        start(rig, flags);
        put_load_on(rig);
        next_counts(rig, &shape, counts);
        memcpy(wanted, counts, sizeof wanted);
        assert_int_equal(plate_zeros_apply(zeros, &shape, counts), ZEROS_AS_THEY_ARE);
        assert_memory_equal(counts, wanted, sizeof wanted);

        /* The power goes and comes; the load is still there. What the plate would send if it still
         * had its zeros follows from its own zero[] and floor[], which outlive rig_begin here. */
        rig->config.boot_id = 2;
        rig_begin(rig);
        rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x100, 0x101}});
        watch_all(rig, zeros);
        start(rig, flags);
        next_counts(rig, &shape, counts);
        assert_int_equal(shape.flags & FRAME_TARED, 0);
        for (int i = 0; i < CELLS; i++) {
            int above = counts[i] - rig->config.zero[i], least = rig->config.floor[i];
            int is_out = least == ZERO_MASKED || above < 0 || (!flags && above < least);
            wanted[i] = (uint16_t)(is_out ? 0 : above);
        }
        assert_int_equal(plate_zeros_apply(zeros, &shape, counts), ZEROS_TAKEN_OFF);
        assert_memory_equal(counts, wanted, sizeof wanted);

        /* A new tare counts from then on. */
        memset(rig->cells, 0, CELLS * sizeof *rig->cells);
        assert_int_equal(tare_watched(rig, zeros), 2);
        next_counts(rig, &shape, counts);
        assert_int_equal(plate_zeros_apply(zeros, &shape, counts), ZEROS_AS_THEY_ARE);
        plate_zeros_free(zeros);
        rig_free(rig);
    }
}

/* Zeros of one tare and floors of another, the parts between having been lost. */
static void expect_unknown_of_two_tares(const struct wire_message kept[2])
{
    struct plate_zeros *zeros = new_zeros();
    struct wire_message later = kept[1];
    struct frame_shape tared = {.flags = FRAME_TARED | FRAME_GATED}, untared = {0};
    uint16_t counts[CELLS] = {0};
    uint8_t payload[64];
    plate_zeros_apply(zeros, &tared, counts);
    plate_zeros_watch(zeros, &kept[0]);
    later.device_time_us++;
    plate_zeros_watch(zeros, &later);
    for (uint32_t boot_id = 1; boot_id <= 2; boot_id++) {
        struct wire_status status = {.boot_id = boot_id};
        struct wire_message message = {.type = WIRE_STATUS, .payload = payload};
        message.payload_len = (uint32_t)wire_put_status(payload, sizeof payload, &status);
        plate_zeros_watch(zeros, &message);
    }
    assert_int_equal(plate_zeros_apply(zeros, &untared, counts), ZEROS_UNKNOWN);
    plate_zeros_free(zeros);
}

/* Half a tare, another geometry, nonsense: never taken for zeros. */
static void what_is_not_whole_is_not_believed(void **state)
{
    (void)state;
    struct plate_zeros *zeros = new_zeros();
    struct rig *rig = new_plate(SEED + 2, 1);
    struct wire_message message, kept[2];
    uint8_t bytes[2][4096];
    uint16_t counts[CELLS] = {0};
    int n = 0;
    rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x100, 0x101}});
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_scans(rig, 48 + PLATE_TARE_SLICES);
    while (rig_next(rig, 0, &message)) {
        if (message.type != WIRE_ZERO) {
            plate_zeros_watch(zeros, &message);
            continue;
        }
        memcpy(bytes[n], message.payload, message.payload_len);
        kept[n] = message;
        kept[n].payload = bytes[n];
        n++;
    }
    assert_int_equal(n, 2);
    expect_unknown_of_two_tares(kept);
    struct frame_shape tared = {.flags = FRAME_TARED | FRAME_GATED}, untared = {0};
    struct wire_status status = {.boot_id = 2};
    uint8_t payload[64];
    struct wire_message restart = {.type = WIRE_STATUS, .payload = payload};
    restart.payload_len = (uint32_t)wire_put_status(payload, sizeof payload, &status);
    plate_zeros_apply(zeros, &tared, counts);

    plate_zeros_watch(zeros, &kept[1]); /* floors alone */
    plate_zeros_watch(zeros, &kept[0]); /* zeros alone */
    struct wire_message cut = kept[1];
    for (cut.payload_len = 0; cut.payload_len < kept[1].payload_len; cut.payload_len++) {
        plate_zeros_watch(zeros, &kept[0]);
        plate_zeros_watch(zeros, &cut);
    }
    plate_zeros_watch(zeros, &kept[0]); /* zeros before, floors after the restart */
    plate_zeros_watch(zeros, &restart);
    plate_zeros_watch(zeros, &kept[1]);
    assert_int_equal(plate_zeros_apply(zeros, &untared, counts), ZEROS_UNKNOWN);
    struct plate_zeros *other = plate_zeros_create(COLS, ROWS, NULL);
    plate_zeros_apply(other, &tared, counts);
    plate_zeros_watch(other, &kept[0]);
    plate_zeros_watch(other, &kept[1]);
    status.boot_id = 3;
    restart.payload_len = (uint32_t)wire_put_status(payload, sizeof payload, &status);
    plate_zeros_watch(other, &(struct wire_message){.type = WIRE_STATUS,
                                                    .payload = payload,
                                                    .payload_len = restart.payload_len});
    status.boot_id = 4;
    wire_put_status(payload, sizeof payload, &status);
    plate_zeros_watch(other, &restart);
    assert_int_equal(plate_zeros_apply(other, &untared, counts), ZEROS_UNKNOWN);
    plate_zeros_watch(zeros, &kept[0]);
    plate_zeros_watch(zeros, &kept[1]);
    assert_int_equal(plate_zeros_apply(zeros, &untared, counts), ZEROS_TAKEN_OFF);
    plate_zeros_free(other);
    plate_zeros_free(zeros);
    rig_free(rig);
}

/* Counts that were asked for raw stay raw; a plate that was never tared has nothing to lose. */
static void raw_counts_stay_raw(void **state)
{
    (void)state;
    struct plate_zeros *zeros = new_zeros();
    struct rig *rig = new_plate(SEED + 3, 1);
    struct frame_shape shape;
    uint16_t counts[CELLS], before[CELLS];
    tare_watched(rig, zeros);
    start(rig, WIRE_START_RAW);
    for (int boot = 1; boot <= 2; boot++) {
        next_counts(rig, &shape, counts);
        memcpy(before, counts, sizeof before);
        assert_int_equal(plate_zeros_apply(zeros, &shape, counts), ZEROS_AS_THEY_ARE);
        assert_memory_equal(before, counts, sizeof before);
        rig->config.boot_id = 2;
        rig_begin(rig);
        rig_command(rig, 0, WIRE_CMD_HELLO, (struct wire_command){.as.hello = {0x100, 0x101}});
        watch_all(rig, zeros);
        start(rig, WIRE_START_RAW);
    }
    plate_zeros_forget(zeros);
    next_counts(rig, &shape, counts);
    assert_int_equal(plate_zeros_apply(zeros, &shape, counts), ZEROS_AS_THEY_ARE);
    plate_zeros_free(zeros);
    rig_free(rig);
}

/* A host that takes little at a time: all of it arrives, frames are dropped whole and counted, and
 * the plate never waits. */
static void a_slow_host_gets_it_in_pieces(void **state)
{
    (void)state;
    struct plate_zeros *zeros = new_zeros();
    struct rig *rig = new_plate(SEED + 4, 1);
    start(rig, 0);
    rig->take_at_once[0] = 40;
    rig_command(rig, 0, WIRE_CMD_TARE, (struct wire_command){0});
    rig_wait_ms(rig, 700);
    uint32_t scans = rig->plate.scans;
    assert_in_range(scans, 69, 71);
    struct wire_message message;
    uint32_t frames = 0, told = 0, acks = 0;
    while (rig_next(rig, 0, &message)) {
        frames += message.type == WIRE_FRAME;
        told += message.type == WIRE_ZERO;
        acks += message.type == WIRE_ACK;
    }
    assert_int_equal(told, 2);
    assert_int_equal(acks, 2); /* RUNNING and OK (START's was skipped) */
    assert_in_range(frames + rig->plate.dropped, scans - 1, scans);
    plate_zeros_free(zeros);
    rig_free(rig);
}

static void an_autostarted_plate_keeps_it_to_itself(void **state)
{
    (void)state;
    struct plate_zeros *zeros = new_zeros();
    struct rig *rig = rig_make(ROWS, COLS, SEED + 5);
    rig->config.autostart = 1;
    rig_begin(rig);
    rig_wait_ms(rig, 900);
    assert_int_equal(watch_all(rig, zeros), 0);
    assert_true(rig->plate.tared && rig->plate.streaming);
    plate_zeros_free(zeros);
    rig_free(rig);
}

static void no_memory_is_a_problem(void **state)
{
    (void)state;
    struct problem why;
    for (long n = 1; n <= 4; n++) {
        why.kind = PROBLEM_NONE;
        failing_malloc_at(n);
        assert_null(plate_zeros_create(ROWS, COLS, &why));
        assert_int_equal(failing_malloc_off(), 1);
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
    plate_zeros_free(NULL);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tare_is_told_before_it_is_acknowledged),
        cmocka_unit_test(after_a_restart_the_host_tares_as_the_plate_would),
        cmocka_unit_test(what_is_not_whole_is_not_believed),
        cmocka_unit_test(raw_counts_stay_raw),
        cmocka_unit_test(a_slow_host_gets_it_in_pieces),
        cmocka_unit_test(an_autostarted_plate_keeps_it_to_itself),
        cmocka_unit_test(no_memory_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
