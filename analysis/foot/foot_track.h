/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet over the time of a recording: how many, which side, where they lie, and when one moved.
 *
 * Frames in; spans out. In a span the same feet lie in the same pose; a foot that shifts, turns,
 * steps off or comes ends it, and the time is kept. A shift is told from sway: pictures of a fifth
 * of a second are compared with the span's beginning by a movement, a turn and a gain that may tilt
 * across each foot (foot_shift.h), so that leaning and taking weight off move nothing. A foot that
 * comes back to its place within the pause between two spans has not moved. Side and frame of a
 * span come from its mean picture (foot_finder, landmarks); a foot that stays on the plate keeps
 * its side and its length from span to span: all spans together, weighed by their time, say which.
 * Cheap per frame (one pass over the cells in contact); the finder runs twice a span. Memory: a few
 * pictures and one record a span. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FOOT_TRACK_H
#define TENDERFOOT_ANALYSIS_FOOT_FOOT_TRACK_H

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/landmarks.h"
#include "analysis/pictures.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct tracked_foot {
    enum side side;
    double side_confidence; /* 0.5 .. 1, of all spans together */
    struct foot_frame frame;
    int length_is_measured; /* in this span; else of another span of this foot, entered or guessed
                             */
    double moved_mm, turned_deg; /* middle of the print since the span before, least 0 and signed as
                                    the frame's angle; NAN for a foot that has just come */
};

struct track_span {
    uint64_t from_us, to_us; /* of the first and the last frame */
    struct tracked_foot foot[2];
    int n_feet;
    char ended_by[96]; /* "the left foot moved 14 mm", "nobody stood on the plate", "" at the end */
    int moved;         /* a foot that is there again in the next span lies elsewhere */
};

struct track {
    struct track_span *spans; /* owned, in order of time */
    size_t n;
    size_t longest;       /* index of the longest span; 0 when n is 0 */
    struct pictures load; /* of its frames; no memory when n is 0 */
};

struct foot_track;
/* `hints` (or NULL) is copied: the operator's word on sides and lengths holds for all spans. */
struct foot_track *foot_track_begin(const struct grid *grid, double threshold_kpa, double rate_hz,
                                    const struct foot_hints *hints, struct problem *why);
/* What the operator says later than the beginning; counts for the spans that are not over. */
void foot_track_hints(struct foot_track *track, const struct foot_hints *hints);
/* One frame, in order of time; NaN and negative cells are no contact. */
int foot_track_frame(struct foot_track *track, uint64_t time_us, const float *kpa,
                     struct problem *why);
/* Frees the handle whatever it returns; track_free frees *out. */
int foot_track_finish(struct foot_track *track, struct track *out, struct problem *why);
void foot_track_free(struct foot_track *track);
void track_free(struct track *track);

#endif
