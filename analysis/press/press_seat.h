/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seated print: before the presses the foot is laid flat on the plate (step `sit`), in its heel
 * cup if there is one. Its print gives length, width, axis, and where the heel lies in the cup.
 *
 * Frames in; at the end of the step the feet on the mean picture of the frames that carried at
 * least half of the largest force. The leg's weight alone presses softly: contact is from 2 kPa.
 * A press has the latest print of its side before it. Memory: one picture each kept foot (the first
 * SEAT_FEET_MAX), and one for the step that goes on. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SEAT_H
#define TENDERFOOT_ANALYSIS_PRESS_SEAT_H

#include "analysis/foot/foot_finder.h"
#include "analysis/press/press_place.h"

#define SEAT_CONTACT_KPA 2.0
#define SEAT_FEET_MAX 64

struct seat_foot {
    struct foot_frame frame; /* where it lay; side as said or as found */
    int length_is_measured;
    float *print; /* owned */
};

struct press_seat;
struct press_seat *press_seat_new(const struct grid *grid, struct problem *why);
void press_seat_free(struct press_seat *seat);

/* One frame of a `sit` step; no allocation. */
void press_seat_frame(struct press_seat *seat, const float *kpa);

/* The step is over: finds its feet and keeps them. `hints`: the operator's word on sides and
 * lengths; may be NULL. A single foot of which nothing was said is that of the press to come,
 * `next` (SIDE_UNKNOWN = not known). No foot found is no error. Forgets the frames. */
int press_seat_end(struct press_seat *seat, const struct foot_hints *hints, enum side next,
                   struct problem *why);

/* Number of the print of this side that was kept last, or -1; seat may be NULL. */
int press_seat_latest(const struct press_seat *seat, enum side side);

/* A print by its number; borrowed until the next press_seat_end. NULL for -1. */
const struct seat_foot *press_seat_foot(const struct press_seat *seat, int number);

/* What is known of a foot: `standing` (NULL = it never stood) with the print `standing_print`
 * (NULL = none), the seated print (NULL = none), the entered length (0 or NAN = none). A
 * standing foot whose length was measured has the best shape; then an entered length with the
 * proportions that were seen; then the seated print's. */
struct press_foot_known press_foot_known_of(enum side side, const struct foot_result *standing,
                                            const float *standing_print, double standing_kpa,
                                            const struct seat_foot *seated,
                                            double entered_length_mm);

#endif
