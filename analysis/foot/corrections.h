/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operator set right by hand: a landmark, the long axis, a foot's length. It wins over the
 * print, is marked in the result as given, and has quality 1.
 *
 * Read from the member `correct` of an annotation (firmware/wire/PROTOCOL.md section 7), one object
 * or a list of them. Places are in the plate frame. A corrected heel end (HB) or toe tip (TT) moves
 * that end of the frame along the axis; any other landmark lies where it was put, and its
 * neighbours that the print does not show follow it. Later ones replace earlier ones. Plain data;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_CORRECTIONS_H
#define TENDERFOOT_ANALYSIS_FOOT_CORRECTIONS_H

#include "analysis/foot/foot_frame.h"
#include "analysis/foot/landmarks.h"

#include <stddef.h>

struct json_t;

struct foot_correction {
    double length_mm; /* 0 = not given */
    int has_axis;
    struct point heel; /* of u = 0, v = 0.5; when has_axis */
    double angle_deg;
    int has_point[LANDMARK_COUNT];
    struct point point[LANDMARK_COUNT]; /* plate frame */
};

struct corrections {
    struct foot_correction of[3]; /* by enum side */
};

/* Takes the value of a `correct` member; what is wrong in it is left out. 0, or -1 with what was
 * wrong, as a sentence, in `complaint`. */
int corrections_take(struct corrections *corrections, const struct json_t *correct, char *complaint,
                     size_t cap);

/* A line of a file of corrections (driver/NOTES.md), parsed: `correct`, `feet`, `subject`. 0, or -1
 * with the first member that may not be, its value and what is allowed, in `complaint` (at most
 * CORRECTION_COMPLAINT bytes are said). */
#define CORRECTION_COMPLAINT 240
int corrections_check(const struct json_t *line, char *complaint, size_t cap);

/* Moves a frame as the operator said. 1 when the axis or an end was given, else 0. */
int corrections_frame(const struct foot_correction *correction, struct foot_frame *frame);

/* The landmarks that were given, as places of the (corrected) frame. */
void corrections_landmarks(const struct foot_correction *correction, const struct foot_frame *frame,
                           struct given_landmarks *given);

#endif
