/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random people standing on a plate, for tests: pressure pictures whose feet are known.
 *
 * Uses the virtual subjects' sole (samples/), which shares no code with the foot finder. */
#ifndef TENDERFOOT_TESTS_STANDING_FEET_H
#define TENDERFOOT_TESTS_STANDING_FEET_H

#include "samples/dice.h"
#include "samples/subject.h"

struct standing {
    struct grid grid;
    struct subject_foot foot[2]; /* left, right; or one */
    struct foot_frame frame[2];
    int n;
    double newton[2]; /* on each foot */
    double gap_mm;    /* least distance between the outlines of two feet */
    float *kpa;       /* rows * cols; standing_free */
};

struct standing_range {
    double length_low_mm, length_high_mm, angle_deg, gap_low_mm, gap_high_mm;
    double arch_low, arch_high, toes_low, toes_high;
    int feet; /* 1 or 2 */
    double stagger_mm;
    double noise_kpa; /* sd, then gated at 3 sd like a plate */
};

/* Adults and children, any arch, toes mostly down. */
struct standing_range standing_usual(int feet);

/* Draws one; the grid is given (its size may cut nothing off: feet are put in its middle). */
void standing_draw(struct standing *standing, const struct grid *grid,
                   const struct standing_range *range, struct dice *dice);

/* Paints the feet of `standing` as they are set into kpa (allocates it the first time). */
void standing_paint(struct standing *standing, double noise_kpa, struct dice *dice);
void standing_free(struct standing *standing);

#endif
