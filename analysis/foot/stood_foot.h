/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A foot as it stood in one picture, and how far it lies from there in a later one: what the
 * tracking of a recording and the live feet compare by.
 *
 * The foot's cells and a margin about them are compared (what the other foot has is not), by
 * foot_shift.h. Borrowed memory, no allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_STOOD_FOOT_H
#define TENDERFOOT_ANALYSIS_FOOT_STOOD_FOOT_H

#include "analysis/foot/foot_shift.h"

/* A foot that carries less of what it carried at first says nothing of its place. */
#define STOOD_LIGHT_SHARE 0.3
/* So unlike, it must have moved. */
#define STOOD_LIKENESS_MIN 0.55

struct stood_foot {
    float *root;                /* foot_shift_prepare of this foot alone; the caller's */
    int row0, row1, col0, col1; /* its cells and their margin; row1 <= row0: it has none */
    struct point middle;
};

/* Remembers foot k (label k + 1, k below 8) of a picture in kPa. `root` holds a picture's worth of
 * cells and is written; in `use` bit k is set at the foot's cells and their margin. */
void stood_foot_take(struct stood_foot *foot, const struct grid *grid, const float *kpa,
                     const uint8_t *label, int k, float *root, uint8_t *use);

/* How foot k has moved since; `now` is foot_shift_prepare of the whole later picture. */
struct foot_shift stood_foot_shift(const struct stood_foot *foot, const struct grid *grid,
                                   const float *now, const uint8_t *use, int k, int rounds);

#endif
