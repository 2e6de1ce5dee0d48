/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person standing on 96 x 96 cells of 5 mm, in whole numbers only: two feet of 52 x 18 cells with
 * heel, arch, ball and toes, 12-bit counts of 100 to 900 and noise on each. For tests of codes and
 * for benchmarks, where size and shape matter and not the physics (that is samples/). */
#ifndef TENDERFOOT_TESTS_STANDING_PERSON_H
#define TENDERFOOT_TESTS_STANDING_PERSON_H

#include <stdint.h>
#include <string.h>

enum { STANDING_ROWS = 96, STANDING_COLS = 96, STANDING_CELLS = 96 * 96, STANDING_BITS = 12 };

static inline uint32_t standing_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* First and last loaded column of each row of a left foot (outer side at 0), and its load. */
struct standing_row {
    uint8_t from, to;
    uint16_t load;
};

static inline struct standing_row standing_row_of(int row)
{
    static const uint8_t heel_half[] = {2, 4, 5, 5, 6, 6};
    if (row < 6)
        return (struct standing_row){(uint8_t)(7 - heel_half[row]), (uint8_t)(6 + heel_half[row]),
                                     (uint16_t)(350 + 80 * row)};
    if (row < 14)
        return (struct standing_row){1, 12, (uint16_t)(800 - 60 * (row - 6))};
    if (row < 28)
        return (struct standing_row){1, (uint8_t)(row < 18 ? 9 : 7), 160};
    if (row < 32)
        return (struct standing_row){0, (uint8_t)(8 + 2 * (row - 28)), 300};
    if (row < 42)
        return (struct standing_row){0, 17,
                                     (uint16_t)(620 - 40 * (row > 36 ? row - 36 : 36 - row))};
    return (struct standing_row){(uint8_t)(2 * (row > 45)), 17, 260};
}

/* Toes are islands: every fourth column of the last rows is free. */
static inline int standing_is_loaded(int row, int col)
{
    struct standing_row shape = standing_row_of(row);
    if (col < shape.from || col > shape.to)
        return 0;
    if (row < 43)
        return 1;
    if (row < 45)
        return 0;
    return col > 13 ? 1 : row < 50 && (col & 3) != 3;
}

/* Fills a frame; frames of other seeds differ by their noise. Returns the number of loaded cells.
 */
static inline int standing_person(uint16_t counts[STANDING_CELLS], uint32_t seed)
{
    int loaded = 0;
    uint32_t state = seed * 2654435761u + 1;
    memset(counts, 0, STANDING_CELLS * sizeof *counts);
    for (int row = 0; row < 52; row++) {
        for (int col = 0; col < 18; col++) {
            if (!standing_is_loaded(row, col))
                continue;
            struct standing_row shape = standing_row_of(row);
            int edge = col - shape.from < shape.to - col ? col - shape.from : shape.to - col;
            uint32_t load = 100u + shape.load * (uint32_t)(edge < 4 ? edge + 1 : 5) / 5u;
            uint16_t *left = counts + (row + 20) * STANDING_COLS + 20 + col;
            uint16_t *right = counts + (row + 22) * STANDING_COLS + 75 - col;
            *left = (uint16_t)(load + standing_random(&state) % 24);
            *right = (uint16_t)(load * 9 / 10 + standing_random(&state) % 24);
            loaded += 2;
        }
    }
    return loaded;
}

#endif
