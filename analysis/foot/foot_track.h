/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet over the time of a recording: how many, which side, where they lie, and when one moved.
 *
 * Frames in; spans out. In a span the same feet lie in the same pose; a foot that shifts, turns,
 * steps off or comes ends it, and the time is kept. A shift is told from sway: the print's own
 * cells change, not only their load. Side and frame of a span come from its mean picture
 * (foot_finder, landmarks); a foot seen again keeps its side and its length, and what most of the
 * time says outvotes a doubtful span. Cheap per frame (one pass over the cells in contact); the
 * finder runs once a span. Memory: a few pictures and one record a span. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FOOT_TRACK_H
#define TENDERFOOT_ANALYSIS_FOOT_FOOT_TRACK_H

#include "analysis/foot/foot_finder.h"
#include "analysis/foot/landmarks.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct tracked_foot {
    enum side side;
    double side_confidence; /* 0.5 .. 1, of all spans together */
    struct foot_frame frame;
    double moved_mm, turned_deg; /* since the span before; NAN for a foot that has just come */
};

struct track_span {
    uint64_t from_us, to_us; /* of the first and the last frame */
    struct tracked_foot foot[2];
    int n_feet;
    char ended_by[96]; /* "the left foot moved 14 mm", "stepped off", "" at the end */
};

struct track {
    struct track_span *spans; /* owned */
    size_t n;
};

struct foot_track;
struct foot_track *foot_track_begin(const struct grid *grid, double threshold_kpa, double rate_hz,
                                    const struct foot_hints *hints, struct problem *why);
int foot_track_frame(struct foot_track *track, uint64_t time_us, const float *kpa,
                     struct problem *why);
/* Frees the handle whatever it returns. */
int foot_track_finish(struct foot_track *track, struct track *out, struct problem *why);
void foot_track_free(struct foot_track *track);
void track_free(struct track *track);

#endif
