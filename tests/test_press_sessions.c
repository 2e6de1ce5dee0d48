/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Earlier sessions: what of other days joins today's presses, in which order, and what is refused
 * or left out. */
#include "analysis/press/press_sessions.h"
#include "analysis/press/tool.h"
#include "tests/support/failing_malloc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/chart_fixture.h"
#include "tests/support/near.h"

/* A session of n presses at 40 kPa/s with 1 cm2, after a tap and a catch trial of other numbers. */
static struct result session(const char *who, const char *began, int n, double base_kpa)
{
    struct result result = {.atlas = atlas, .n_presses = n + 2};

    snprintf(result.subject_label, sizeof result.subject_label, "%s", who);
    result.facts.started_utc = strdup(began);
    result.frames.n = (size_t)(1000 + n);
    result.presses = calloc((size_t)n + 2, sizeof *result.presses);
    assert_true(result.presses && result.facts.started_utc);
    for (int i = 0; i < n + 2; i++)
        result.presses[i] = (struct press){.number = i + 1,
                                           .pass = 1,
                                           .side = SIDE_LEFT,
                                           .place_known = 1,
                                           .is_tap = i == 0,
                                           .is_catch = i == 1,
                                           .tip_cm2 = i < 2 ? 5 : 1,
                                           .ramp_kpa_s = i < 2 ? 400 : 36 + 4 * (i % 3),
                                           .peak_kpa = base_kpa + i,
                                           .answer_kpa = NAN};
    return result;
}

static void clear(struct result *result)
{
    for (int i = 0; i < result->n_warnings; i++)
        free(result->warnings[i]);
    free(result->warnings);
    free(result->presses);
    free(result->press_zones);
    free(result->facts.started_utc);
    free(result->facts.client);
}

static void test_sessions_join_newest_first(void **state)
{
    struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    struct result old[3] = {session("A.", "2026-09-01T10:00:00Z", 4, 200),
                            session("A.", "2026-11-02T10:00:00Z", 2, 300),
                            session("A.", "2026-10-05T10:00:00Z", 5, 400)};
    const struct result *earlier[3] = {&old[0], &old[1], &old[2]};
    const double bases[] = {100, 300, 400, 200};
    const int counts[] = {5, 4, 7, 6};
    struct problem why;

    (void)state;
    assert_int_equal(press_sessions_add(&now, earlier, 3, &why), 0);
    assert_int_equal(now.n_sessions, 3);
    assert_int_equal(now.n_presses, 22);
    int i = 0;
    for (int s = 0; s < 4; s++)
        for (int k = 0; k < counts[s]; k++, i++) {
            assert_int_equal(now.presses[i].session, s);
            assert_int_equal(now.presses[i].number, k + 1);
            assert_near(now.presses[i].peak_kpa, bases[s] + k, 0);
        }
    assert_int_equal(now.n_warnings, 0);
    assert_int_equal(old[0].presses[2].session, 0); /* theirs stay as they are */
    clear(&now);
    for (int s = 0; s < 3; s++)
        clear(&old[s]);
}

/* Zones of a mat go on pointing at their own press, and at today's chart. */
static void test_zones_of_a_mat_follow_their_press(void **state)
{
    struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    struct result old = session("A.", "2026-11-02T10:00:00Z", 2, 300);
    const struct result *earlier[] = {&old};
    struct problem why;

    (void)state;
    struct atlas *theirs = atlas_load(NULL, &why);
    old.press_zones = calloc(1, sizeof *old.press_zones);
    assert_true(theirs && old.press_zones);
    old.n_press_zones = 1;
    old.press_zones[0] = (struct press_zone){3, SIDE_LEFT, atlas_find(theirs, "P09"), 0.4, 120};
    assert_int_equal(press_sessions_add(&now, earlier, 1, &why), 0);
    atlas_free(theirs);
    assert_int_equal(now.n_press_zones, 1);
    assert_ptr_equal(now.press_zones[0].zone, atlas_find(atlas, "P09"));
    assert_near(now.presses[now.press_zones[0].press].peak_kpa, 303, 0);
    clear(&now);
    clear(&old);
}

static void expect_refused(struct result *old, const char *words)
{
    struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    const struct result *earlier[] = {old};
    struct problem why = {0};

    assert_int_equal(press_sessions_add(&now, earlier, 1, &why), -1);
    assert_int_equal(why.kind, PROBLEM_REFUSED);
    if (!strstr(why.text, words))
        fail_msg("\"%s\" does not say \"%s\"", why.text, words);
    assert_int_equal(now.n_presses, 5);
    assert_int_equal(now.n_sessions, 0);
    clear(&now);
    clear(old);
}

static void test_what_cannot_be_compared_is_refused(void **state)
{
    const char *began = "2026-11-02T10:00:00Z";
    struct result old = session("B.", began, 3, 100);

    (void)state;
    expect_refused(&old, "another person");
    old = session("", began, 3, 100);
    expect_refused(&old, "does not say who");
    old = session("A.", "2026-11-23T10:00:00Z", 3, 100);
    expect_refused(&old, "is no earlier one");
    old = session("A.", began, 3, 100);
    old.n_presses = 0; /* a stand */
    expect_refused(&old, "no press of a single stud");
    old = session("A.", began, 3, 100);
    for (int i = 2; i < 5; i++)
        old.presses[i].tip_cm2 = 1.5;
    expect_refused(&old, "1.5");
    old = session("A.", began, 3, 100);
    for (int i = 2; i < 5; i++)
        old.presses[i].ramp_kpa_s = 70;
    expect_refused(&old, "70");
    old = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    expect_refused(&old, "given twice");
    /* The client's name goes before the label. */
    old = session("A.", began, 3, 100);
    old.facts.client = strdup("C.");
    expect_refused(&old, "another person");
}

/* Weight shifts never make a flag: a stud's presses of another day would. */
static void test_weight_shifts_take_no_presses_of_a_stud(void **state)
{
    struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    struct result old = session("A.", "2026-11-02T10:00:00Z", 3, 100);
    const struct result *earlier[] = {&old};
    struct problem why = {0};

    (void)state;
    for (int i = 2; i < 5; i++) {
        now.presses[i].tip_cm2 = NAN;
        now.presses[i].tool_kind = TOOL_FLAT;
    }
    assert_int_equal(press_sessions_add(&now, earlier, 1, &why), 0);
    assert_int_equal(now.n_presses, 5);
    assert_int_equal(now.n_warnings, 1);
    assert_non_null(strstr(now.warnings[0], "No single stud was pressed"));
    clear(&now);
    clear(&old);
}

/* Within the tolerance, or without presses to compare, nobody is refused. */
static void test_what_can_be_compared_is_taken(void **state)
{
    const char *began = "2026-11-02T10:00:00Z";

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct result now = session("A.", "2026-11-22T10:00:00Z", kind == 2 ? 0 : 3, 100);
        struct result old = session("A.", began, kind == 1 ? 0 : 3, 100);
        const struct result *earlier[] = {&old};
        struct problem why;
        for (int i = 2; kind == 0 && i < 5; i++)
            old.presses[i].ramp_kpa_s = 55;
        assert_int_equal(press_sessions_add(&now, earlier, 1, &why), 0);
        assert_int_equal(now.n_sessions, 1);
        clear(&now);
        clear(&old);
    }
}

static void test_the_same_recording_twice(void **state)
{
    struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
    struct result old = session("A.", "2026-11-02T10:00:00Z", 2, 300);
    const struct result *earlier[PRESS_SESSIONS_MAX + 1] = {&old, &old};
    struct problem why;

    (void)state;
    assert_int_equal(press_sessions_add(&now, earlier, 2, &why), -1);
    assert_non_null(strstr(why.text, "given twice"));
    assert_int_equal(press_sessions_add(&now, earlier, PRESS_SESSIONS_MAX + 1, &why), -1);
    assert_int_equal(why.kind, PROBLEM_USAGE);
    assert_int_equal(press_sessions_add(&now, earlier, 0, &why), 0);
    assert_int_equal(now.n_presses, 5);
    clear(&now);
    clear(&old);
}

/* A painkiller on either day, or answers that follow nothing: left out, and said. */
static void test_days_that_are_left_out(void **state)
{
    const char *const words[] = {"before this recording", "before the earlier one", "unreliable"};

    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
        struct result old = session("A.", "2026-11-02T10:00:00Z", 2, 300);
        struct result older = session("A.", "2026-10-02T10:00:00Z", 4, 200);
        const struct result *earlier[] = {&older, &old};
        struct problem why;
        now.not_comparable = kind == 0;
        old.not_comparable = kind == 1;
        old.answers_unreliable = kind == 2;
        assert_int_equal(press_sessions_add(&now, earlier, 2, &why), 0);
        assert_int_equal(now.n_sessions, kind > 0);
        assert_int_equal(now.n_presses, kind ? 5 + 6 : 5);
        for (int i = 5; i < now.n_presses; i++)
            assert_int_equal(now.presses[i].session, 1);
        assert_int_equal(now.n_warnings, kind ? 1 : 2);
        assert_non_null(strstr(now.warnings[0], words[kind]));
        clear(&now);
        clear(&old);
        clear(&older);
    }
}

static void test_memory_that_fails_is_told(void **state)
{
    (void)state;
    for (long n = 1, over = 0; !over; n++) {
        struct result now = session("A.", "2026-11-22T10:00:00Z", 3, 100);
        struct result old = session("A.", "2026-11-02T10:00:00Z", 2, 300);
        struct result drugged = session("A.", "2026-10-02T10:00:00Z", 2, 300);
        const struct result *earlier[] = {&drugged, &old};
        struct problem why;
        drugged.not_comparable = 1;
        old.press_zones = calloc(1, sizeof *old.press_zones);
        assert_non_null(old.press_zones);
        old.press_zones[0] = (struct press_zone){3, SIDE_LEFT, atlas_find(atlas, "P09"), 0.4, 120};
        old.n_press_zones = 1;
        failing_malloc_at(n);
        int status = press_sessions_add(&now, earlier, 2, &why);
        over = !failing_malloc_off();
        assert_int_equal(status, over ? 0 : -1);
        assert_true(n < 30 && (!over || n > 4));
        clear(&now);
        clear(&old);
        clear(&drugged);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions_join_newest_first),
        cmocka_unit_test(test_zones_of_a_mat_follow_their_press),
        cmocka_unit_test(test_what_cannot_be_compared_is_refused),
        cmocka_unit_test(test_weight_shifts_take_no_presses_of_a_stud),
        cmocka_unit_test(test_what_can_be_compared_is_taken),
        cmocka_unit_test(test_the_same_recording_twice),
        cmocka_unit_test(test_days_that_are_left_out),
        cmocka_unit_test(test_memory_that_fails_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
