/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pose of live feet: a foot that is set a few millimetres elsewhere, or turned a little, is
 * followed; somebody who sways and leans is not looked at again and again. */
#include "driver/daemon/live_feet.h"
#include "driver/daemon/live_pose.h"
#include "tests/support/bench_stand.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct stand {
    struct live_board *board;
    struct atlas *atlas;
    struct live_feet *feet;
    float kpa[BENCH_CELLS];
};

/* How the left foot stands beside how it stood, and how the weight lies. */
struct pose {
    double ahead_mm, aside_mm, turn_deg;
    double left, toes; /* gains: of the left foot (2 - left of the right one), towards the toes */
};

/* Each cell by nine places in it, as a plate takes the mean. */
static float cell_kpa(const struct foot_frame *foot, struct point centre, double toes)
{
    double sum = 0;
    for (int k = 0; k < 9; k++) {
        struct point at = {centre.x_mm + (k % 3 - 1) * 5.0 / 3,
                           centre.y_mm + (k / 3 - 1) * 5.0 / 3};
        struct uv uv = foot_frame_to_uv(foot, at);
        sum += (double)bench_sole_kpa(uv) * (1 + (toes - 1) * (2 * uv.u - 1));
    }
    return (float)(sum / 9);
}

static void stand_as(struct stand *stand, const struct pose *pose)
{
    memset(stand->kpa, 0, sizeof stand->kpa);
    for (int k = 0; k < 2; k++) {
        struct point heel = {k ? 310 : 170 + pose->aside_mm, 100 + (k ? 0 : pose->ahead_mm)};
        struct foot_frame foot =
            foot_frame_template(k ? SIDE_RIGHT : SIDE_LEFT, heel, k ? 8 : -8 + pose->turn_deg, 255);
        double gain = k ? 2 - pose->left : pose->left;
        for (int i = 0; i < BENCH_CELLS; i++)
            stand->kpa[i] +=
                (float)gain * cell_kpa(&foot,
                                       grid_centre(&bench_plate, i / BENCH_COLS, i % BENCH_COLS),
                                       pose->toes);
    }
}

static int look(struct stand *stand, const struct pose *pose)
{
    stand_as(stand, pose);
    return live_feet_look(stand->feet, &bench_plate, stand->kpa, 0);
}

static const struct pose still = {0, 0, 0, 1, 1};

static struct stand *begin(void)
{
    struct problem why;
    struct stand *stand = calloc(1, sizeof *stand);
    assert_non_null(stand);
    stand->board = live_board_create(&why);
    stand->atlas = atlas_load(NULL, &why);
    assert_true(stand->board && stand->atlas);
    stand->feet = live_feet_begin(stand->board, stand->atlas, &why);
    assert_non_null(stand->feet);
    assert_int_equal(look(stand, &still), 1);
    return stand;
}

static void end(struct stand *stand)
{
    live_feet_free(stand->feet);
    live_board_free(stand->board);
    atlas_free(stand->atlas);
    free(stand);
}

static struct foot_frame left_foot(const struct stand *stand)
{
    struct live_foot seen[2];
    assert_int_equal(live_feet_seen(stand->feet, seen), 2);
    assert_int_equal(seen[0].side, SIDE_LEFT);
    assert_int_equal(seen[1].side, SIDE_RIGHT);
    return seen[0].frame;
}

/* Once a foot had to be set 60 mm elsewhere before it was looked for again. */
static void a_foot_that_shifts_is_followed(void **state)
{
    const struct pose moves[] = {{6, 0, 0, 1, 1},   {0, -7, 0, 1, 1},    {-12, 3, 0, 0.9, 1.1},
                                 {0, 0, 4, 1.1, 1}, {20, 5, -3, 1, 0.9}, {35, 0, 0, 1, 1},
                                 {60, -10, 8, 1, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        struct stand *stand = begin();
        struct foot_frame before = left_foot(stand);
        if (look(stand, &moves[i]) != 1)
            fail_msg("move %zu was not followed", i);
        struct foot_frame after = left_foot(stand);
        double ahead = after.heel.y_mm - before.heel.y_mm,
               aside = after.heel.x_mm - before.heel.x_mm;
        double turn = remainder(after.angle_deg - before.angle_deg, 360);
        if (!(fabs(ahead - moves[i].ahead_mm) < 3 && fabs(aside - moves[i].aside_mm) < 3 &&
              fabs(turn - moves[i].turn_deg) < 1.5))
            fail_msg("move %zu: seen %.1f mm ahead, %.1f aside, %.1f degrees", i, ahead, aside,
                     turn);
        assert_int_equal(look(stand, &moves[i]), 0); /* stands there now */
        end(stand);
    }
}

/* Weight to and fro, heel and toes, and millimetres that are no step. */
static void who_sways_stands_as_they_stood(void **state)
{
    struct stand *stand = begin();
    (void)state;
    for (int i = 0; i < 24; i++) {
        const struct pose sway = {1.2 * sin(i * 0.9), 0.8 * cos(i * 0.7), 0.6 * sin(i * 1.3),
                                  1 + 0.12 * sin(i * 0.5), 1 + 0.12 * cos(i * 0.4)};
        if (look(stand, &sway))
            fail_msg("sway %d was taken for a move", i);
    }
    end(stand);
}

static void a_pose_without_memory_is_nobodys(void **state)
{
    struct stand *stand = begin();
    uint8_t *label = malloc(BENCH_CELLS);
    (void)state;
    assert_non_null(label);
    for (size_t i = 0; i < BENCH_CELLS; i++)
        label[i] = stand->kpa[i] > 0 ? (uint8_t)(1 + (i % BENCH_COLS >= BENCH_COLS / 2)) : 0;
    int failed = 1;
    for (long n = 1; failed; n++) {
        failing_malloc_at(n);
        struct live_pose *pose = live_pose_take(&bench_plate, stand->kpa, label, 2);
        failed = failing_malloc_off();
        assert_true(failed ? !pose : pose != NULL);
        assert_int_equal(live_pose_has_moved(pose, stand->kpa), 0);
        live_pose_free(pose);
    }
    free(label);
    end(stand);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_foot_that_shifts_is_followed),
                                       cmocka_unit_test(who_sways_stands_as_they_stood),
                                       cmocka_unit_test(a_pose_without_memory_is_nobodys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
