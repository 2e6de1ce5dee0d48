/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board: the newest sheet wins, a viewer that sleeps costs nothing, nobody sees half a sheet or
 * an older one after a newer, and whoever waits is woken. */
#include "driver/daemon/live_board.h"
#include "tests/support/failing_malloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct live_sheet *sheet_of(unsigned number)
{
    char text[600];
    int n = snprintf(text, sizeof text, "%08u:", number);
    memset(text + n, 'a' + (int)(number % 26), sizeof text - (size_t)n);
    return live_sheet_make(text, sizeof text);
}

/* Its number, when the whole of it is of one make. */
static unsigned number_of(const struct live_sheet *sheet)
{
    size_t n;
    const char *text = live_sheet_text(sheet, &n);
    unsigned number = (unsigned)strtoul(text, NULL, 10);
    assert_int_equal(n, 600);
    for (size_t i = 9; i < n; i++)
        assert_int_equal(text[i], 'a' + (int)(number % 26));
    return number;
}

static struct live_board *board(void)
{
    struct problem why;
    struct live_board *made = live_board_create(&why);
    assert_non_null(made);
    return made;
}

static void the_newest_wins_and_the_rest_is_forgotten(void **state)
{
    (void)state;
    struct live_board *b = board();
    struct live_viewer viewer = {0};
    enum live_channel channel;
    int closed;
    live_board_join(b);
    assert_null(live_board_next(b, &viewer, 0, &channel, &closed));
    assert_false(closed);
    for (unsigned i = 1; i <= 1000; i++)
        live_board_hang(b, LIVE_FRAME, sheet_of(i));
    live_board_hang(b, LIVE_FRAME, NULL);
    live_board_hang(b, LIVE_STATE, sheet_of(7));
    struct live_sheet *first = live_board_next(b, &viewer, 0, &channel, &closed);
    assert_int_equal(channel, LIVE_STATE); /* what is rare is not hidden by what is frequent */
    assert_int_equal(number_of(first), 7);
    struct live_sheet *second = live_board_next(b, &viewer, 0, &channel, &closed);
    assert_int_equal(channel, LIVE_FRAME);
    assert_int_equal(number_of(second), 1000);
    live_board_hang(b, LIVE_FRAME, sheet_of(1001)); /* what is being read stays as it is */
    assert_int_equal(number_of(second), 1000);
    live_sheet_drop(first);
    live_sheet_drop(second);
    second = live_board_newest(b, LIVE_FRAME);
    assert_int_equal(number_of(second), 1001);
    live_sheet_drop(second);
    assert_null(live_board_newest(b, LIVE_FEET));
    live_board_leave(b);
    live_board_free(b);
}

static void sheets_are_made_for_somebody_and_not_too_often(void **state)
{
    (void)state;
    struct live_board *b = board();
    uint64_t far = UINT64_MAX / 2;
    assert_true(live_board_wants(b, LIVE_FRAME, far)); /* the first, for whoever comes */
    live_board_hang(b, LIVE_FRAME, sheet_of(1));
    assert_false(live_board_wants(b, LIVE_FRAME, far));
    live_board_join(b);
    assert_int_equal(live_board_viewers(b), 1);
    assert_false(live_board_wants(b, LIVE_FRAME, far)); /* that turn was taken */
    far += LIVE_PERIOD_US;
    assert_true(live_board_wants(b, LIVE_FRAME, far));
    assert_false(live_board_wants(b, LIVE_FRAME, far));
    assert_true(live_board_wants(b, LIVE_FEET, far));
    live_board_leave(b);
    assert_false(live_board_wants(b, LIVE_FRAME, far + LIVE_PERIOD_US));
    live_board_free(b);
}

/* What the clock that is given says when each sheet of ten seconds was made. */
struct made {
    int n;
    uint64_t at_us[400];
};

/* Frames that come `period_us` apart, each up to late_us late but never before an earlier one. */
static void make_sheets(struct live_board *b, uint64_t *now_us, double period_us, unsigned late_us,
                        struct made *made)
{
    uint64_t begin_us = *now_us;
    unsigned draw = 20261123;
    made->n = 0;
    for (int i = 0; (double)i * period_us < 10e6; i++) {
        draw = draw * 1664525u + 1013904223u;
        uint64_t at_us =
            begin_us + (uint64_t)((double)i * period_us) + (late_us ? (draw >> 8) % late_us : 0);
        *now_us = at_us > *now_us ? at_us : *now_us;
        if (live_board_wants(b, LIVE_FRAME, *now_us)) {
            live_board_hang(b, LIVE_FRAME, sheet_of((unsigned)i));
            assert_true(made->n < 400);
            made->at_us[made->n++] = *now_us;
        }
    }
    *now_us = begin_us + 10000000;
}

/* The most sheets that any second has seen. */
static int most_in_a_second(const struct made *made)
{
    int most = 0;
    for (int first = 0, last = 0; last < made->n; last++) {
        while (made->at_us[last] - made->at_us[first] >= 1000000)
            first++;
        most = last - first + 1 > most ? last - first + 1 : most;
    }
    return most;
}

static void thirty_a_second_are_shown_at_any_rate_of_the_plate(void **state)
{
    (void)state;
    static const struct {
        double rate_hz;
        unsigned late_us;
        int least, most; /* in ten seconds */
    } cases[] = {{100, 0, 298, 301},     {500, 0, 298, 301},    {40, 0, 290, 301},
                 {31, 0, 290, 301},      {25, 0, 248, 251},     {10, 0, 98, 101},
                 {90, 0, 298, 301},      {100, 4000, 290, 301}, {500, 1900, 295, 301},
                 {29.7, 0, 295, 298},    {100, 9999, 290, 301}, {100, 30000, 270, 301},
                 {500, 90000, 100, 301}, {1000, 0, 298, 301}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct live_board *b = board();
        uint64_t now_us = 7777777;
        struct made made;
        live_board_join(b);
        make_sheets(b, &now_us, 1e6 / cases[i].rate_hz, cases[i].late_us, &made);
        if (made.n < cases[i].least || made.n > cases[i].most || most_in_a_second(&made) > 30)
            print_error("%.1f frames/s, up to %u us late: %d sheets in ten seconds, %d in one\n",
                        cases[i].rate_hz, cases[i].late_us, made.n, most_in_a_second(&made));
        assert_in_range(made.n, cases[i].least, cases[i].most);
        assert_in_range(most_in_a_second(&made), 1, 30);
        live_board_free(b);
    }
}

/* One turn taken as late as can be and the next ones in time would be 31 in one second. */
static void a_late_turn_makes_no_second_of_thirty_one(void **state)
{
    (void)state;
    struct live_board *b = board();
    uint64_t begin_us = 1000000;
    int sheets = 0;
    live_board_join(b);
    assert_true(live_board_wants(b, LIVE_FRAME, begin_us));
    uint64_t late_us = begin_us + 2 * LIVE_PERIOD_US - 1;
    for (uint64_t at_us = late_us; at_us < late_us + 1000000; at_us += 1000)
        sheets += live_board_wants(b, LIVE_FRAME, at_us);
    assert_int_equal(sheets, 30);
    assert_true(live_board_wants(b, LIVE_FRAME, late_us + 1000000));
    live_board_free(b);
}

static void a_missed_turn_is_not_made_up_for(void **state)
{
    (void)state;
    struct live_board *b = board();
    uint64_t now_us = 1000000;
    live_board_join(b);
    assert_true(live_board_wants(b, LIVE_FRAME, now_us));
    now_us += 5000000; /* the plate was gone */
    assert_true(live_board_wants(b, LIVE_FRAME, now_us));
    for (uint64_t past_us = 0; past_us < LIVE_PERIOD_US; past_us += 2000)
        assert_false(live_board_wants(b, LIVE_FRAME, now_us + past_us));
    assert_true(live_board_wants(b, LIVE_FRAME, now_us + LIVE_PERIOD_US));
    live_board_free(b);
}

enum { VIEWERS = 4, SHEETS = 20000 };

static void *view(void *context)
{
    struct live_board *b = context;
    struct live_viewer viewer = {0};
    unsigned last[LIVE_CHANNELS] = {0}, seen = 0;
    for (;;) {
        enum live_channel channel;
        int closed;
        struct live_sheet *sheet = live_board_next(b, &viewer, 60000, &channel, &closed);
        if (closed)
            return (void *)(uintptr_t)seen;
        if (!sheet)
            continue;
        unsigned number = number_of(sheet);
        assert_true(number > last[channel]);
        last[channel] = number;
        seen++;
        live_sheet_drop(sheet);
    }
}

static void many_viewers_see_whole_sheets_in_order_and_are_woken_at_the_end(void **state)
{
    (void)state;
    struct live_board *b = board();
    pthread_t viewers[VIEWERS];
    for (int i = 0; i < VIEWERS; i++) {
        live_board_join(b);
        assert_int_equal(pthread_create(&viewers[i], NULL, view, b), 0);
    }
    for (unsigned i = 1; i <= SHEETS; i++)
        live_board_hang(b, (enum live_channel)(i % LIVE_CHANNELS), sheet_of(i));
    live_board_close(b); /* they wait a minute else */
    for (int i = 0; i < VIEWERS; i++) {
        void *seen;
        pthread_join(viewers[i], &seen);
        assert_true((uintptr_t)seen <= SHEETS);
    }
    live_board_free(b);
}

static void without_memory_the_old_sheet_stays(void **state)
{
    (void)state;
    struct problem why = {0};
    failing_malloc_at(1);
    assert_null(live_board_create(&why));
    assert_int_equal(failing_malloc_off(), 1);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    struct live_board *b = board();
    live_board_hang(b, LIVE_FEET, sheet_of(3));
    failing_malloc_at(1);
    live_board_hang(b, LIVE_FEET, sheet_of(4));
    assert_int_equal(failing_malloc_off(), 1);
    struct live_sheet *sheet = live_board_newest(b, LIVE_FEET);
    assert_int_equal(number_of(sheet), 3);
    live_sheet_drop(sheet);
    live_sheet_drop(NULL);
    live_board_free(b);
    live_board_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_wins_and_the_rest_is_forgotten),
        cmocka_unit_test(sheets_are_made_for_somebody_and_not_too_often),
        cmocka_unit_test(thirty_a_second_are_shown_at_any_rate_of_the_plate),
        cmocka_unit_test(a_late_turn_makes_no_second_of_thirty_one),
        cmocka_unit_test(a_missed_turn_is_not_made_up_for),
        cmocka_unit_test(many_viewers_see_whole_sheets_in_order_and_are_woken_at_the_end),
        cmocka_unit_test(without_memory_the_old_sheet_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
