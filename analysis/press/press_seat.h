/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seated print: before the presses the foot is laid flat on the plate (step `sit`), in its heel
 * cup if there is one. Its print gives length, width, axis, and where the heel lies in the cup.
 *
 * Frames in; at the end of the step the feet on the mean picture of the frames that carried at
 * least half of the largest force. The leg's weight alone presses softly: contact is from 2 kPa.
 * The latest print of a side counts. Memory: one picture each kept foot, and one for the step that
 * goes on. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SEAT_H
#define TENDERFOOT_ANALYSIS_PRESS_SEAT_H

#include "analysis/foot/foot_finder.h"
#include "analysis/press/press_place.h"

#define SEAT_CONTACT_KPA 2.0

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
 * lengths; may be NULL. No foot found is no error. Forgets the frames. */
int press_seat_end(struct press_seat *seat, const struct foot_hints *hints, struct problem *why);

/* The foot of this side as it last lay flat, or NULL. Borrowed until the next press_seat_end. */
const struct seat_foot *press_seat_foot(const struct press_seat *seat, enum side side);

/* What is known of a foot: `standing` (NULL = it never stood) with the print `standing_print`
 * (NULL = none), the seated print (NULL = none), the entered length (0 or NAN = none). The shape of
 * a standing foot whose length was measured goes before that of a seated one, an entered length
 * before both. */
struct press_foot_known press_foot_known_of(enum side side, const struct foot_result *standing,
                                            const float *standing_print, double standing_kpa,
                                            const struct seat_foot *seated,
                                            double entered_length_mm);

#endif
