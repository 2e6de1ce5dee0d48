/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contact: a cell is in contact when its pressure is at or above the threshold and above 0.
 *
 * Most of a plate is empty most of the time, so cells are looked at in blocks, and a block of zeros
 * costs one test. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CONTACT_H
#define TENDERFOOT_ANALYSIS_CONTACT_H

#include "analysis/grid.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CONTACT_BLOCK 8

/* The largest float that is not yet contact: p > contact_above(t) is p >= t and p > 0, in one
 * comparison that is false for NaN. */
static inline float contact_above(double threshold_kpa)
{
    float threshold = (float)threshold_kpa;

    if ((double)threshold < threshold_kpa)
        threshold = nextafterf(threshold, INFINITY);
    return threshold > 0 ? nextafterf(threshold, -INFINITY) : 0;
}

/* 1 when CONTACT_BLOCK cells are all +0. */
static inline int contact_block_is_zero(const float *block)
{
    uint64_t bits[CONTACT_BLOCK / 2];

    memcpy(bits, block, sizeof bits);
    return !(bits[0] | bits[1] | bits[2] | bits[3]);
}

/* The first cell from i on that is not +0, or n. */
static inline size_t contact_next(const float *kpa, size_t i, size_t n)
{
    while (i < n && kpa[i] == 0)
        i += i + CONTACT_BLOCK <= n && contact_block_is_zero(kpa + i) ? CONTACT_BLOCK : 1;
    return i;
}

/* 1 for a contact cell with at most two others about it: part of a line one cell wide (the seam of
 * an insole, a hair), or alone. It is load, but shapes no foot. On coarse cells a toe may be one
 * cell, so there none is thin. */
static inline int contact_is_thin(const struct grid *grid, const float *kpa, float above, int row,
                                  int col)
{
    int cells = 0;

    if (grid->pitch_x_mm > 6 || grid->pitch_y_mm > 6)
        return 0;
    for (int r = row > 0 ? row - 1 : 0; r <= row + 1 && r < grid->rows; r++)
        for (int c = col > 0 ? col - 1 : 0; c <= col + 1 && c < grid->cols; c++)
            cells += kpa[(size_t)r * (size_t)grid->cols + (size_t)c] > above;
    return cells <= 3;
}

#endif
