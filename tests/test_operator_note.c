/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes that an operator types: every kind becomes an annotation that the analysis reads back;
 * warts and joints keep presses away; what is not meant is refused. */
#include "analysis/press/press_finder.h"
#include "driver/operator_note.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct atlas *atlas;

static int set_up(void **state)
{
    struct problem why;

    (void)state;
    atlas = atlas_load(NULL, &why);
    return atlas ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    atlas_free(atlas);
    return 0;
}

static void each_kind_is_read_back(void **state)
{
    static const struct {
        const char *typed;
        enum note_kind kind;
        enum side side;
        double u, v, radius_mm;
        const char *words;
    } all[] = {
        {"callus left 0.7,0.2", NOTE_CALLUS, SIDE_LEFT, 0.7, 0.2, NAN, ""},
        {"nodule right 0.46,0.38 6mm hard under the thumb", NOTE_NODULE, SIDE_RIGHT, 0.46, 0.38, 6,
         "hard under the thumb"},
        {"wart left P16 12mm", NOTE_WART, SIDE_LEFT, 0.13, 0.5, 12, ""},
        {"joint right P09", NOTE_JOINT, SIDE_RIGHT, 0.725, 0.47, NAN, ""},
        {"text left -0.1,1.1 7 days old", NOTE_TEXT, SIDE_LEFT, -0.1, 1.1, NAN, "7 days old"},
    };
    enum { N = sizeof all / sizeof all[0] };
    struct operator_notes notes = {0};
    const struct grid grid = {10, 10, 5, 5};
    struct result result = {0};
    struct problem why;

    (void)state;
    struct press_finder *finder = press_finder_begin(&grid, 5, &why);
    assert_non_null(finder);
    for (int i = 0; i < N; i++) {
        assert_int_equal(operator_notes_add(&notes, atlas, all[i].typed, &why), 0);
        json_t *annotation = json_loads(notes.json[i], 0, NULL);
        assert_int_equal(press_finder_annotation(finder, 0, annotation, &why), 0);
        json_decref(annotation);
    }
    assert_int_equal(press_finder_finish(finder, &result, &why), 0);
    assert_int_equal(result.n_notes, N);
    for (int i = 0; i < N; i++) {
        const struct operator_note *note = &result.notes[i];
        assert_true(note->kind == all[i].kind && note->side == all[i].side);
        assert_true(fabs(note->place.u - all[i].u) < 1e-6 && fabs(note->place.v - all[i].v) < 1e-6);
        assert_true(isnan(all[i].radius_mm) ? isnan(note->radius_mm)
                                            : note->radius_mm == all[i].radius_mm);
        assert_string_equal(note->text, all[i].words);
    }
    assert_int_equal(notes.n_bans, 2);
    assert_true(notes.bans[0].radius_mm == 12 && notes.bans[0].side == SIDE_LEFT);
    assert_true(notes.bans[1].radius_mm == 10 && notes.bans[1].side == SIDE_RIGHT);
    operator_notes_free(&notes);
    free(result.notes);
}

static void what_is_not_meant_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "wart",
        "wart left",
        "calus left P07",
        "wart both P07",
        "wart left P99",
        "wart left P04",
        "wart left 0.5",
        "wart left 0.5,0.5x",
        "wart left 5,0.5",
        "wart left P07 0.5mm",
        "wart left P07 500mm",
        "wart left nan,nan",
        "averylongkindofnotethatnobodywouldtype left P07",
    };
    struct operator_notes notes = {0};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct problem why = {0};
        assert_int_equal(operator_notes_add(&notes, atlas, wrong[i], &why), -1);
        assert_int_equal(why.kind, PROBLEM_USAGE);
    }
    assert_int_equal(notes.n, 0);
}

static void bytes_that_are_no_text_and_no_memory(void **state)
{
    struct operator_notes notes = {0};
    struct problem why = {0};
    char longest[400] = "callus left P07 ";

    (void)state;
    memset(longest + strlen(longest), 'x', sizeof longest - 1 - strlen(longest));
    assert_int_equal(operator_notes_add(&notes, atlas, longest, &why), 0);
    assert_int_equal(operator_notes_add(&notes, atlas, "callus left P07 \xff\xc3", &why), 0);
    for (long n = 1;; n++) {
        failing_malloc_at(n);
        int status = operator_notes_add(&notes, atlas, "nodule left P12 hard", &why);
        int failed = failing_malloc_off();
        if (!failed) {
            assert_int_equal(status, 0);
            break;
        }
    }
    while (notes.n < OPERATOR_NOTES_MAX)
        assert_int_equal(operator_notes_add(&notes, atlas, "wart left P07", &why), 0);
    assert_int_equal(operator_notes_add(&notes, atlas, "wart left P07", &why), -1);
    operator_notes_free(&notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_read_back),
        cmocka_unit_test(what_is_not_meant_is_refused),
        cmocka_unit_test(bytes_that_are_no_text_and_no_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
