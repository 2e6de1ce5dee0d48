/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The book of frames against a model that simply keeps every number it saw in a sorted list. */
#include "firmware/wire/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* One boot as the definitions have it: numbers seen, numbers seen damaged, how far it has come. */
struct model {
    uint64_t begin, next;
    uint64_t whole[4000], damaged[4000];
    size_t n_whole, n_damaged;
    uint64_t repeats;
};

static int holds(const uint64_t *numbers, size_t n, uint64_t number)
{
    for (size_t i = n; i-- > 0;)
        if (numbers[i] == number)
            return 1;
    return 0;
}

static void model_whole(struct model *m, uint64_t number)
{
    if (number < m->begin || holds(m->whole, m->n_whole, number))
        m->repeats++;
    else
        m->whole[m->n_whole++] = number;
    m->next = number >= m->next ? number + 1 : m->next;
}

static void model_damaged(struct model *m, uint64_t number)
{
    if (number >= m->begin && !holds(m->damaged, m->n_damaged, number))
        m->damaged[m->n_damaged++] = number;
    m->next = number >= m->next ? number + 1 : m->next;
}

static uint64_t model_bad(const struct model *m)
{
    uint64_t bad = 0;
    for (size_t i = 0; i < m->n_damaged; i++)
        bad += !holds(m->whole, m->n_whole, m->damaged[i]);
    return bad;
}

static unsigned draw(unsigned below)
{
    return (unsigned)rand() % below;
}

struct totals {
    uint64_t delivered, lost, bad, repeats;
};

static void add_up(struct totals *t, const struct model *m)
{
    t->delivered += m->n_whole;
    t->lost += m->next - m->begin - m->n_whole;
    t->bad += model_bad(m);
    t->repeats += m->repeats;
}

static void compare(const struct sequence_book *book, struct totals closed, const struct model *m)
{
    add_up(&closed, m);
    assert_int_equal(book->delivered, closed.delivered);
    assert_int_equal(book->lost, closed.lost);
    assert_int_equal(book->bad, closed.bad);
    assert_int_equal(book->repeats, closed.repeats);
}

/* One thing that happens on the line; number is the plate's own, unbounded. */
static void one_happening(struct sequence_book *book, struct model *m, uint32_t boot)
{
    uint64_t young = m->next > m->begin + 60 ? m->next - 60 : m->begin;
    uint64_t old = young + draw((unsigned)(m->next - young) + 1);
    switch (draw(12)) {
    case 0: /* a gap, now and then a long one */
        m->next += draw(8) ? draw(5) : draw(1000001);
        sequence_status(book, boot, (uint32_t)m->next);
        break;
    case 1: /* a repeat or a late one */
    case 2:
        sequence_frame(book, (uint32_t)old);
        model_whole(m, old);
        break;
    case 3:
        sequence_bad_frame(book, (uint32_t)old);
        model_damaged(m, old);
        break;
    case 4:
        sequence_hello(book, boot, (uint32_t)m->next);
        break;
    case 5: { /* a jump that a frame tells, damaged or whole */
        uint64_t far = m->next + draw(1000000);
        if (draw(2)) {
            sequence_bad_frame(book, (uint32_t)far);
            model_damaged(m, far);
        } else {
            sequence_frame(book, (uint32_t)far);
            model_whole(m, far);
        }
        break;
    }
    default:
        assert_int_equal(sequence_frame(book, (uint32_t)m->next), SEQUENCE_NEW);
        model_whole(m, m->next);
    }
}

/* 200 lines, each of several boots; some boots begin just below 2^32 and wrap. */
static void test_random_lines_against_the_model(void **state)
{
    static struct model m;
    static struct sequence_book book;
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        struct totals closed = {0};
        srand(seed);
        sequence_init(&book);
        unsigned boots = 1 + draw(4);
        for (uint32_t boot = 1; boot <= boots; boot++) {
            memset(&m, 0, sizeof m);
            if (boot == 1)
                m.begin = m.next = draw(2) ? 0xFFFFFFFFull - draw(300) : draw(1000);
            sequence_hello(&book, boot, (uint32_t)m.next);
            for (unsigned i = 0, n = draw(300); i < n; i++) {
                one_happening(&book, &m, boot);
                compare(&book, closed, &m);
            }
            add_up(&closed, &m);
        }
        assert_int_equal(book.boots, boots);
        assert_int_equal(book.joined_late, 0);
    }
}

/* sent = delivered + lost: an exact figure by hand, with a number that wraps. */
static void test_wrap_by_hand(void **state)
{
    struct sequence_book book;
    (void)state;
    sequence_init(&book);
    sequence_hello(&book, 77, 0xFFFFFFFEu);
    assert_int_equal(sequence_frame(&book, 0xFFFFFFFEu), SEQUENCE_NEW);
    assert_int_equal(sequence_frame(&book, 1), SEQUENCE_NEW); /* -1 and 0 are missing */
    assert_int_equal(book.lost, 2);
    assert_int_equal(sequence_frame(&book, 0xFFFFFFFFu), SEQUENCE_LATE);
    assert_int_equal(sequence_frame(&book, 0xFFFFFFFFu), SEQUENCE_REPEAT);
    sequence_bad_frame(&book, 0);
    sequence_bad_frame(&book, 0);
    assert_int_equal(book.delivered, 3);
    assert_int_equal(book.lost, 1);
    assert_int_equal(book.bad, 1);
    assert_int_equal(book.repeats, 1);
    assert_int_equal(sequence_frame(&book, 0), SEQUENCE_LATE); /* sent again, whole this time */
    assert_int_equal(book.lost, 0);
    assert_int_equal(book.bad, 0);
}

static void test_joined_in_the_middle(void **state)
{
    struct sequence_book book;
    (void)state;
    sequence_init(&book);
    sequence_frame(&book, 500);
    sequence_frame(&book, 502);
    assert_true(book.joined_late);
    assert_int_equal(book.lost, 1);
    assert_int_equal(sequence_frame(&book, 499), SEQUENCE_REPEAT); /* before the beginning */
    sequence_status(&book, 9, 510); /* the boot becomes known; nothing begins anew */
    assert_int_equal(book.boots, 1);
    assert_int_equal(book.delivered, 2);
    assert_int_equal(book.lost, 8);

    sequence_init(&book);
    sequence_frame(&book, 0);
    assert_false(book.joined_late);
    sequence_init(&book);
    sequence_status(&book, 9, 30);
    assert_true(book.joined_late);
    assert_int_equal(book.lost, 0);
}

/* A restart is not a gap of four thousand million frames; what the new boot scanned unseen is. */
static void test_restart(void **state)
{
    struct sequence_book book;
    (void)state;
    sequence_init(&book);
    sequence_hello(&book, 1, 0);
    for (uint32_t i = 0; i < 100; i++)
        if (i != 40)
            sequence_frame(&book, i);
    sequence_hello(&book, 2, 3); /* frames 0, 1, 2 of the new boot never came */
    for (uint32_t i = 3; i < 10; i++)
        assert_int_equal(sequence_frame(&book, i), SEQUENCE_NEW);
    assert_int_equal(book.boots, 2);
    assert_int_equal(book.delivered, 99 + 7);
    assert_int_equal(book.lost, 1 + 3);
    assert_int_equal(sequence_frame(&book, 40), SEQUENCE_NEW); /* 40 of the new boot */
    assert_int_equal(book.lost, 4 + 30);
}

/* More gaps than are remembered: the totals stay exact, late frames of forgotten gaps are repeats.
 */
static void test_forgotten_gaps(void **state)
{
    struct sequence_book book;
    const uint32_t n = 3 * SEQUENCE_GAPS_MAX;
    (void)state;
    sequence_init(&book);
    sequence_hello(&book, 1, 0);
    for (uint32_t i = 1; i < 2 * n; i += 2)
        sequence_frame(&book, i);
    assert_int_equal(book.lost, n);
    for (uint32_t i = 0; i < 2 * n; i += 2)
        sequence_frame(&book, i);
    assert_int_equal(book.delivered, n + SEQUENCE_GAPS_MAX);
    assert_int_equal(book.lost, n - SEQUENCE_GAPS_MAX);
    assert_int_equal(book.repeats, n - SEQUENCE_GAPS_MAX);
}

/* Splitting gaps while the list is full forgets the oldest ones; sent = delivered + lost holds. */
static void test_splitting_when_full(void **state)
{
    struct sequence_book book;
    uint32_t last = 0;
    uint64_t came = 0;
    (void)state;
    sequence_init(&book);
    sequence_hello(&book, 1, 0);
    for (int i = 0; i <= SEQUENCE_GAPS_MAX; i++, last += 10)
        sequence_frame(&book, last);
    last -= 10;
    for (uint32_t late = 5; late < last; late += 10) {
        if (late % 20 == 5)
            sequence_bad_frame(&book, late);
        came += sequence_frame(&book, late) == SEQUENCE_LATE;
        assert_true(book.n_gaps <= SEQUENCE_GAPS_MAX);
        for (int g = 1; g < book.n_gaps; g++)
            assert_true(book.gaps[g - 1].to <= book.gaps[g].from);
        assert_int_equal(book.delivered + book.lost, last + 1);
    }
    assert_int_equal(book.delivered, SEQUENCE_GAPS_MAX + 1 + came);
    assert_true(came >= SEQUENCE_GAPS_MAX / 2 && came < SEQUENCE_GAPS_MAX);
    assert_true(book.bad <= 1); /* only one that was forgotten as it was split off */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_lines_against_the_model),
        cmocka_unit_test(test_wrap_by_hand),
        cmocka_unit_test(test_joined_in_the_middle),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_forgotten_gaps),
        cmocka_unit_test(test_splitting_when_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
