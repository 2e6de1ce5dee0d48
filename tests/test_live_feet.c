/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live feet: those of a drawn person are told with their sides; when they cannot be looked for,
 * the ones before are not told on as if they were these, but for a press test, which holds them and
 * says so; and the next picture is looked at again. */
#include "driver/daemon/live_feet.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/standing_feet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 60000 };

struct rig {
    struct atlas *atlas;
    struct live_board *board;
    struct live_feet *feet;
    struct live_viewer viewer;
    struct standing person;
    uint8_t *side;
    uint64_t version;
};

static void begin(struct rig *rig)
{
    struct problem why;
    struct dice dice;
    const struct grid grid = {96, 96, 5, 5};
    struct standing_range range = standing_usual(2);
    *rig = (struct rig){.atlas = atlas_load(NULL, &why), .board = live_board_create(&why)};
    rig->feet = live_feet_create(rig->board, rig->atlas, &why);
    rig->side = malloc(grid_cells(&grid));
    assert_true(rig->atlas && rig->board && rig->feet && rig->side);
    live_board_join(rig->board);
    dice_begin(&dice, 20261123, "live");
    standing_draw(&rig->person, &grid, &range, &dice);
}

static void end(struct rig *rig)
{
    live_feet_free(rig->feet);
    live_board_free(rig->board);
    atlas_free(rig->atlas);
    standing_free(&rig->person);
    free(rig->side);
}

/* What is told of the picture, harder by `share`; the document is the caller's. */
static json_t *told_of(struct rig *rig, float share, int hold)
{
    enum live_channel channel;
    int closed;
    size_t n;
    for (size_t i = 0; i < grid_cells(&rig->person.grid); i++)
        rig->person.kpa[i] *= share;
    live_feet_offer(rig->feet, &rig->person.grid, rig->person.kpa, hold);
    struct live_sheet *sheet =
        live_board_next(rig->board, &rig->viewer, PATIENCE_MS, &channel, &closed);
    assert_non_null(sheet);
    assert_int_equal(channel, LIVE_FEET);
    json_t *told = json_loads(live_sheet_text(sheet, &n), 0, NULL);
    assert_non_null(told);
    live_sheet_drop(sheet);
    return told;
}

static int has_sides(struct rig *rig)
{
    return live_feet_sides(rig->feet, grid_cells(&rig->person.grid), rig->side, &rig->version);
}

static void expect(json_t *told, size_t feet, int held, const char *reason)
{
    const char *said = json_string_value(json_object_get(told, "no_foot_reason"));
    assert_int_equal(json_array_size(json_object_get(told, "feet")), feet);
    assert_int_equal(json_is_true(json_object_get(told, "held")), held);
    assert_int_equal(said != NULL, *reason != '\0');
    assert_true(!said || strstr(said, reason));
    json_decref(told);
}

static void what_cannot_be_looked_for_is_not_there(void **state)
{
    (void)state;
    struct rig rig;
    begin(&rig);
    expect(told_of(&rig, 1, 0), 2, 0, "");
    assert_true(has_sides(&rig));
    failing_malloc_at(1);
    json_t *told = told_of(&rig, 1.5F, 0);
    assert_int_equal(failing_malloc_off(), 1);
    expect(told, 0, 0, "memory");
    assert_false(has_sides(&rig));
    expect(told_of(&rig, 1, 0), 2, 0, ""); /* the same picture, now looked at */
    assert_true(has_sides(&rig));
    end(&rig);
}

static void a_press_test_holds_them_and_says_so(void **state)
{
    (void)state;
    struct rig rig;
    begin(&rig);
    expect(told_of(&rig, 1, 1), 2, 0, "");
    failing_malloc_at(1);
    json_t *told = told_of(&rig, 1.5F, 1);
    assert_int_equal(failing_malloc_off(), 1);
    expect(told, 2, 1, "");
    assert_true(has_sides(&rig));
    expect(told_of(&rig, 0, 1), 2, 1, ""); /* a foot that is lifted for a press */
    expect(told_of(&rig, 0, 0), 0, 0, "nothing touches");
    end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_looked_for_is_not_there),
        cmocka_unit_test(a_press_test_holds_them_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
