/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames from outside: a cell that is NaN, infinite or negative is no pressure and counts as 0.
 * Allocates a frame when the first such cell comes. One thread a struct. */
#ifndef TENDERFOOT_ANALYSIS_USABLE_FRAME_H
#define TENDERFOOT_ANALYSIS_USABLE_FRAME_H

#include <stddef.h>

struct usable_frame {
    float *cleaned;
    size_t unusable_cells, frames_with_unusable;
};

/* The frame itself, or a copy (until the next call) without such cells; NULL: no memory. */
const float *usable_frame(struct usable_frame *usable, const float *kpa, size_t cells);
void usable_frame_free(struct usable_frame *usable);

#endif
