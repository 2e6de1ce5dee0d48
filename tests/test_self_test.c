/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self-test: break some cells of a resting plate, want exactly those named. */
#include "tests/support/plate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
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
    rig_scans(rig,
              rig_bands(rig) * (rig->config.self_test_scans ? rig->config.self_test_scans : 32));
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

/* --- In bands -------------------------------------------------------------------------------- */

/* Rows of 24 x 20 that are frozen, and one cell at the top. */
static struct result frozen_rows(unsigned from, unsigned to, unsigned work_rows)
{
    struct rig *rig = rig_make(24, 20, SEED + 6);
    struct result result = {.total = 0};
    alike_row = 20;
    rig->world = world;
    for (unsigned i = from * 20; i < to * 20; i++)
        rig->cells[i] = FROZEN_LOW;
    rig->cells[23 * 20 + 2] = AT_TOP;
    rig->cells[22 * 20 + 3] = FROZEN_MIDWAY;
    if (work_rows)
        rig_use_bands(rig, work_rows);
    rig_begin(rig);
    run(rig, &result);
    rig_free(rig);
    return result;
}

/* Whether a plate has noise is for all of it to say: a band that has none is dead on a plate that
 * has, and proves nothing on one that has not. */
static void bands_find_what_all_rows_at_once_find(void **state)
{
    (void)state;
    for (unsigned frozen = 0; frozen <= 20; frozen += 4) {
        struct result wanted = frozen_rows(0, frozen, 0);
        assert_int_equal(wanted.total, frozen < 12 ? frozen + 3 : 2);
        for (unsigned work_rows = 1; work_rows <= 24; work_rows += work_rows < 9 ? 1 : 5) {
            struct result result = frozen_rows(0, frozen, work_rows);
            assert_int_equal(result.total, wanted.total);
            assert_int_equal(result.cells, wanted.cells);
            assert_int_equal(result.told, wanted.told);
            for (size_t i = 0; i < wanted.told; i++)
                has(&result, wanted.faults[i].row, wanted.faults[i].col, wanted.faults[i].kind);
        }
    }
}

/* What a self-test that was ended had found is forgotten; a tare is untouched by all this. */
static void one_that_is_ended_leaves_nothing_behind(void **state)
{
    (void)state;
    struct rig *rig = rig_make(24, 20, SEED + 7);
    struct result result;
    alike_row = 999;
    rig->world = world;
    rig_use_bands(rig, 7);
    rig_begin(rig);
    rig_tare(rig);
    for (unsigned col = 0; col < 20; col++)
        rig->cells[3 * 20 + col] = AT_TOP;
    for (unsigned scans = 5; scans < 4 * 32; scans += 40) {
        rig_ask(rig, 0, WIRE_CMD_SELF_TEST, (struct wire_command){0});
        rig_scans(rig, scans);
        assert_int_equal(rig_ask(rig, 1, WIRE_CMD_SELF_TEST, (struct wire_command){0}), WIRE_BUSY);
        rig_command(rig, 0, WIRE_CMD_STOP, (struct wire_command){0});
        assert_int_equal(rig_ack(rig, 0, NULL), WIRE_FAILED);
        assert_true(rig->plate.tared);
    }
    memset(rig->cells, 0, 24 * 20 * sizeof *rig->cells);
    run(rig, &result);
    assert_int_equal(result.total, 0);
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
        cmocka_unit_test(bands_find_what_all_rows_at_once_find),
        cmocka_unit_test(one_that_is_ended_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
