/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quiet stand within a recording: which frames of it sway is measured of.
 *
 * Body weight is the median force of the frames that carry at least half of what the heaviest 2 %
 * do. The stand is the longest stretch of frames within 20 % of it; up to 0.25 s of lost or empty
 * frames are bridged by a line and counted, more part two stretches. Where the stretch does not
 * begin with the recording (or end with it), stepping on (off) is cut away: 1 s. What the caller
 * states by from_s and to_s is taken as it is.
 *
 * A shift of the stance (a foot that was moved, weight that went elsewhere and stayed there) is a
 * step of the path: the means of up to 4 s before and after a moment, 0.5 s to either side of it
 * left out, lie at least 10 mm and three times the spread about them apart (after Duarte &
 * Zatsiorsky 1999, Motor Control 3:12, with shorter windows). A 3 cm shift multiplies the area by
 * 17, so that a found stand is the longest part between shifts; a stated one keeps them, marked.
 *
 * Times are seconds since the first frame. No global state; any thread. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_STAND_H
#define TENDERFOOT_ANALYSIS_SWAY_STAND_H

#include "analysis/sway/cop_series.h"

#define STAND_MIN_FORCE_N 20      /* of the whole plate */
#define STAND_MIN_FOOT_FORCE_N 50 /* of one foot */
#define STAND_SHIFTS_MOST 16
#define STAND_SETTLE_S 1.0
#define STAND_BRIDGE_S 0.25

/* Frames as they came: borrowed. x and y (plate frame, mm) are NAN where force is too low. */
struct stand_frames {
    size_t n;
    const double *time_s, *force_n, *x_mm, *y_mm;
    double rate_hz, min_force_n;
};

struct stand_shift {
    double time_s, x_mm, y_mm; /* when, and how far to the right and to the front */
};

struct stand {
    double from_s, to_s;                          /* first and last frame of it */
    int stated;                                   /* the caller said from where to where */
    struct stand_shift shifts[STAND_SHIFTS_MOST]; /* in the order of time */
    int n_shifts;
};

/* The stretch, without a look at shifts. from_s, to_s: NAN where the caller does not state it. -1
 * (refused) when nobody stood for 2 s. */
int stand_find(const struct stand_frames *frames, double from_s, double to_s, struct stand *out,
               struct problem *why);

/* Adds the shifts that the path of these frames shows (the plate's, then each foot's) to those
 * known; one within 1 s of another is the same. 0 or -1. */
int stand_mark_shifts(const struct stand_frames *frames, struct stand *stand, struct problem *why);

/* A found stand becomes its longest part between shifts, 1 s to either side of each left out. */
void stand_cut_at_shifts(struct stand *stand);

/* Shifts of a path in the order of time (path->n > 0): how many (at most `most`), or -1 without
 * memory. */
int stand_shifts(const struct cop_series *path, struct stand_shift *shifts, int most,
                 struct problem *why);

/* The path of `frames` within the stand: ML = x, AP = y; *bridged samples were not there and lie on
 * a line. Where frames come at odd times, the path is irregular (rate 0) and nothing is bridged. -1
 * (refused) when force is under the least for longer than can be bridged. */
int stand_path(const struct stand_frames *frames, const struct stand *stand, struct cop_series *out,
               size_t *bridged, struct problem *why);

#endif
