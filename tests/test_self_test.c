/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-test: break some cells of a resting plate, want exactly those named. */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define SEED UINT64_C(777)
#define ROW 0xFFFF

enum broken { SOUND, AT_TOP, FROZEN_LOW, FROZEN_MIDWAY };

/* What is wrong with each cell is written in rig->cells; rows 100 + n in row_fault. */
static unsigned alike_row = 999;

static void world(struct rig *rig, unsigned row, uint16_t *counts)
{
    unsigned cols = rig->config.cols, common = 30 + rig_random(rig, 9);
    for (unsigned col = 0; col < cols; col++) {
        counts[col] = (uint16_t)(38 + rig_random(rig, 5));
        switch (rig->cells[row * cols + col]) {
        case AT_TOP:
            counts[col] = (uint16_t)(4000 + rig_random(rig, 96));
            break;
        case FROZEN_LOW:
            counts[col] = 37;
            break;
        case FROZEN_MIDWAY:
            counts[col] = 2222;
            break;
        default:
            break;
        }
        if (row == alike_row)
            counts[col] = (uint16_t)common;
    }
}

struct result {
    struct wire_fault faults[64];
    size_t told;
    uint32_t total, cells;
};

static void run(struct rig *rig, struct result *result)
{
    struct wire_message message;
    struct wire_ack ack;
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SELF_TEST, (struct wire_command){0}), WIRE_RUNNING);
    rig_scans(rig, rig->config.self_test_scans ? rig->config.self_test_scans : 32);
    assert_false(plate_is_scanning(&rig->plate));
    assert_true(rig_next_of(rig, 0, WIRE_SELF_TEST_RESULT, &message));
    assert_int_equal(message.device_time_us, rig->now_us);
    assert_int_equal(wire_get_faults(message.payload, message.payload_len, result->faults, 64,
                                     &result->told, &result->total),
                     0);
    assert_int_equal(rig_ack(rig, 0, &ack), WIRE_OK);
    assert_int_equal(ack.command, WIRE_CMD_SELF_TEST);
    result->cells = ack.detail;
}

static void has(const struct result *result, unsigned row, unsigned col, unsigned kind)
{
    for (size_t i = 0; i < result->told; i++)
        if (result->faults[i].row == row && result->faults[i].col == col) {
            assert_int_equal(result->faults[i].kind, kind);
            return;
        }
    fail_msg("nothing is told of row %u, column %u", row, col);
}

static void a_sound_plate_has_no_fault(void **state)
{
    (void)state;
    struct rig *rig = rig_make(24, 20, SEED);
    struct result result;
    alike_row = 999;
    rig->world = world;
    rig_begin(rig);
    run(rig, &result);
    assert_int_equal(result.total, 0);
    assert_int_equal(result.cells, 0);
    rig_free(rig);
}

static void each_broken_cell_is_named(void **state)
{
    (void)state;
    struct rig *rig = rig_make(24, 20, SEED + 1);
    struct result result;
    alike_row = 17;
    rig->world = world;
    rig->cells[3 * 20 + 4] = AT_TOP;
    rig->cells[0] = FROZEN_LOW;
    rig->cells[23 * 20 + 19] = FROZEN_MIDWAY;
    for (unsigned col = 0; col < 20; col++) {
        rig->cells[9 * 20 + col] = AT_TOP;
        rig->cells[12 * 20 + col] = FROZEN_LOW;
        rig->cells[14 * 20 + col] = col == 11 ? SOUND : FROZEN_LOW; /* not the whole row */
    }
    rig_begin(rig);
    run(rig, &result);
    has(&result, 3, 4, WIRE_CELL_STUCK);
    has(&result, 0, 0, WIRE_CELL_DEAD);
    has(&result, 23, 19, WIRE_CELL_STUCK);
    has(&result, 9, ROW, WIRE_ROW_SHORTED);
    has(&result, 17, ROW, WIRE_ROW_SHORTED);
    has(&result, 12, ROW, WIRE_CELL_DEAD);
    has(&result, 14, 10, WIRE_CELL_DEAD);
    assert_int_equal(result.total, 6 + 19);
    assert_int_equal(result.cells, 3 + 3 * 20 + 19);
    rig_free(rig);
}

/* A cell that changes in one scan of all is not dead. */
static void sometimes(struct rig *rig, unsigned row, uint16_t *counts)
{
    world(rig, row, counts);
    if (row == 5)
        counts[5] = rig->scans == 32 ? 38 : 37;
    if (row == 6)
        counts[6] = rig->scans == 1 ? 3500 : 4095; /* left the top eighth once */
}

static void one_change_clears_a_cell(void **state)
{
    (void)state;
    struct rig *rig = rig_make(12, 12, SEED + 2);
    struct result result;
    alike_row = 999;
    rig->world = sometimes;
    rig_begin(rig);
    run(rig, &result);
    assert_int_equal(result.total, 0);
    rig_free(rig);
}

/* Without noise nothing proves a cell dead; what is stuck at the top is told all the same. */
static void a_plate_without_noise_proves_no_cell_dead(void **state)
{
    (void)state;
    struct rig *rig = rig_make(16, 16, SEED + 3);
    struct result result;
    alike_row = 999;
    for (unsigned i = 0; i < 256; i++)
        rig->cells[i] = i == 77 ? AT_TOP : FROZEN_LOW;
    rig->world = world;
    rig_begin(rig);
    run(rig, &result);
    assert_int_equal(result.total, 1);
    has(&result, 77 / 16, 77 % 16, WIRE_CELL_STUCK);
    rig_free(rig);
}

static void a_long_list_is_cut_and_counted(void **state)
{
    (void)state;
    struct rig *rig = rig_make(32, 32, SEED + 4);
    struct result result;
    alike_row = 999;
    for (unsigned i = 0; i < 1024; i += 3)
        rig->cells[i] = FROZEN_LOW;
    rig->world = world;
    rig_begin(rig);
    run(rig, &result);
    assert_int_equal(result.total, 342);
    assert_int_equal(result.cells, 342);
    assert_int_equal(result.told, 48);
    rig_free(rig);
}

static void one_job_at_a_time(void **state)
{
    (void)state;
    struct rig *rig = rig_make(8, 8, SEED + 5);
    rig_begin(rig);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_SELF_TEST, (struct wire_command){0}), WIRE_RUNNING);
    rig_scans(rig, 5);
    assert_int_equal(rig_ask(rig, 0, WIRE_CMD_TARE, (struct wire_command){0}), WIRE_FAILED);
    rig_scans(rig, 27);
    assert_int_equal(rig_ack(rig, 0, NULL), WIRE_OK);
    rig_tare(rig);
    rig_free(rig);
}

int main(void)
{
    printf("seed %llu\n", (unsigned long long)SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_plate_has_no_fault),
        cmocka_unit_test(each_broken_cell_is_named),
        cmocka_unit_test(one_change_clears_a_cell),
        cmocka_unit_test(a_plate_without_noise_proves_no_cell_dead),
        cmocka_unit_test(a_long_list_is_cut_and_counted),
        cmocka_unit_test(one_job_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
