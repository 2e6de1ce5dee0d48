/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/usable_frame.h"

#include "analysis/lanes.h"
#include "calib/vector_clones.h"

#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int is_usable(float kpa)
{
    return kpa >= 0 && kpa <= FLT_MAX;
}

/* 1 when a cell may be unusable: its sign bit is set, or its exponent is that of infinity and NaN,
 * and adding one to the exponent sets the sign bit then. */
VECTOR_CLONES
static int is_suspect(const float *kpa, size_t n)
{
    uint32_t any = 0;

    for (size_t i = 0; i < n; i++) { /* vectorised */
        uint32_t bits;

        memcpy(&bits, kpa + i, sizeof bits);
        any |= bits | (bits + UINT32_C(0x00800000));
    }
    return any >> 31 != 0;
}

static size_t count_unusable(const float *kpa, size_t n)
{
    size_t unusable = 0;

    for (size_t i = 0; i < n; i++)
        unusable += !is_usable(kpa[i]);
    return unusable;
}

const float *usable_frame(struct usable_frame *usable, const float *kpa, size_t cells)
{
    size_t unusable = is_suspect(kpa, cells) ? count_unusable(kpa, cells) : 0;

    if (!unusable)
        return kpa;
    usable->unusable_cells += unusable;
    usable->frames_with_unusable++;
    if (!usable->cleaned)
        usable->cleaned = malloc(cells * sizeof *usable->cleaned);
    for (size_t i = 0; usable->cleaned && i < cells; i++)
        usable->cleaned[i] = is_usable(kpa[i]) ? kpa[i] : 0;
    return usable->cleaned;
}

void usable_frame_free(struct usable_frame *usable)
{
    free(usable->cleaned);
    *usable = (struct usable_frame){0};
}
