/* SPDX-License-Identifier: MIT */
#include "firmware/wire/sequence.h"

#include <string.h>

void sequence_init(struct sequence_book *book)
{
    memset(book, 0, sizeof *book);
}

/* The 64-bit number nearest to the one expected next whose low half is seq; below 0 is possible. */
static int64_t extend(const struct sequence_book *book, uint32_t seq)
{
    return (int64_t)book->next + (int32_t)(seq - (uint32_t)book->next);
}

static void remove_gap(struct sequence_book *book, int at)
{
    book->n_gaps--;
    memmove(book->gaps + at, book->gaps + at + 1,
            (size_t)(book->n_gaps - at) * sizeof book->gaps[0]);
}

/* Adds a gap to the list, which is sorted. When it is full the oldest gap is forgotten, be it the
 * new one: its numbers stay lost. */
static void add_gap(struct sequence_book *book, uint64_t from, uint64_t to, int bad)
{
    if (from == to)
        return;
    int at = book->n_gaps;
    while (at > 0 && book->gaps[at - 1].from > from)
        at--;
    if (book->n_gaps == SEQUENCE_GAPS_MAX) {
        if (at == 0)
            return;
        remove_gap(book, 0);
        at--;
    }
    memmove(book->gaps + at + 1, book->gaps + at,
            (size_t)(book->n_gaps - at) * sizeof book->gaps[0]);
    book->gaps[at].from = from;
    book->gaps[at].to = to;
    book->gaps[at].bad = bad;
    book->n_gaps++;
}

/* The gap that holds a number, or -1. Late frames are mostly young: searched from the end. */
static int find_gap(const struct sequence_book *book, uint64_t number)
{
    for (int i = book->n_gaps - 1; i >= 0 && number < book->gaps[i].to; i--)
        if (number >= book->gaps[i].from)
            return i;
    return -1;
}

/* Takes one number out of a gap, leaving what is to its left and right. */
static void split_gap(struct sequence_book *book, int at, uint64_t number, int keep_as_bad)
{
    uint64_t from = book->gaps[at].from, to = book->gaps[at].to;
    remove_gap(book, at);
    add_gap(book, from, number, 0);
    if (keep_as_bad)
        add_gap(book, number, number + 1, 1);
    add_gap(book, number + 1, to, 0);
}

/* Numbers up to `to` are known to have been scanned; those not seen are lost. */
static void advance(struct sequence_book *book, uint64_t to)
{
    if (to <= book->next)
        return;
    book->lost += to - book->next;
    add_gap(book, book->next, to, 0);
    book->next = to;
}

static void begin(struct sequence_book *book, uint64_t next)
{
    if (!book->boots)
        book->boots = 1;
    book->has_start = 1;
    book->next = next;
}

/* A restart: what is missing of the old boot stays lost, the new one counts from its scan 0. */
static void restart(struct sequence_book *book, uint32_t boot_id)
{
    book->boots++;
    book->boot_id = boot_id;
    book->n_gaps = 0;
    book->has_start = 1;
    book->next = 0;
}

/* Adopts or changes the boot; then the count has begun. */
static void meet_boot(struct sequence_book *book, uint32_t boot_id, uint32_t scans)
{
    if (book->has_boot && boot_id != book->boot_id)
        restart(book, boot_id);
    if (!book->has_start)
        begin(book, scans);
    book->has_boot = 1;
    book->boot_id = boot_id;
    int64_t reached = extend(book, scans);
    if (reached > 0)
        advance(book, (uint64_t)reached);
}

void sequence_hello(struct sequence_book *book, uint32_t boot_id, uint32_t scans)
{
    meet_boot(book, boot_id, scans);
}

void sequence_status(struct sequence_book *book, uint32_t boot_id, uint32_t scans)
{
    if (!book->has_start && scans)
        book->joined_late = 1;
    meet_boot(book, boot_id, scans);
}

/* A number of a frame, whole or damaged, when nothing came before. */
static void begin_with_frame(struct sequence_book *book, uint32_t seq)
{
    if (book->has_start)
        return;
    book->joined_late = seq != 0;
    begin(book, seq);
}

enum sequence_verdict sequence_frame(struct sequence_book *book, uint32_t seq)
{
    begin_with_frame(book, seq);
    int64_t number = extend(book, seq);
    if (number >= (int64_t)book->next) {
        advance(book, (uint64_t)number);
        book->next++;
        book->delivered++;
        return SEQUENCE_NEW;
    }
    int at = number < 0 ? -1 : find_gap(book, (uint64_t)number);
    if (at < 0) {
        book->repeats++;
        return SEQUENCE_REPEAT;
    }
    book->bad -= (uint64_t)book->gaps[at].bad;
    split_gap(book, at, (uint64_t)number, 0);
    book->lost--;
    book->delivered++;
    return SEQUENCE_LATE;
}

void sequence_bad_frame(struct sequence_book *book, uint32_t seq)
{
    begin_with_frame(book, seq);
    int64_t number = extend(book, seq);
    if (number >= (int64_t)book->next) {
        advance(book, (uint64_t)number);
        book->next++;
        book->lost++;
        book->bad++;
        add_gap(book, (uint64_t)number, (uint64_t)number + 1, 1);
        return;
    }
    int at = number < 0 ? -1 : find_gap(book, (uint64_t)number);
    if (at < 0 || book->gaps[at].bad)
        return;
    split_gap(book, at, (uint64_t)number, 1);
    book->bad++;
}
