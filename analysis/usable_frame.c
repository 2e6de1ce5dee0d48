/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/usable_frame.h"

#include "analysis/contact.h"
#include "analysis/lanes.h"

#include <float.h>
#include <stdlib.h>

static int is_usable(float kpa)
{
    return kpa >= 0 && kpa <= FLT_MAX;
}

static size_t count_unusable(const float *kpa, size_t n)
{
    size_t unusable = 0, i = 0;

    for (; i + CONTACT_BLOCK <= n; i += CONTACT_BLOCK) {
        int here = 0;

        if (contact_block_is_zero(kpa + i))
            continue;
        LANES_LOOP
        for (int k = 0; k < CONTACT_BLOCK; k++) /* vectorised */
            here += !(kpa[i + (size_t)k] >= 0) | !(kpa[i + (size_t)k] <= FLT_MAX);
        unusable += (size_t)here;
    }
    for (; i < n; i++)
        unusable += !is_usable(kpa[i]);
    return unusable;
}

const float *usable_frame(struct usable_frame *usable, const float *kpa, size_t cells)
{
    size_t unusable = count_unusable(kpa, cells);

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
