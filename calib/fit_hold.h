/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One hold of a bench session: the steady tail of what each cell said while it lay still.
 *
 * Frames go into at most 16 blocks of equal length; when all are full, neighbours are joined and
 * the length doubles, so that a hold of any length costs the same memory. The tail is its last
 * third; when the median cell still moves there by more than FIT_SETTLED_PERCENT, its last sixth;
 * when it moves there too, the hold did not settle. Of a creep hold, the whole course is sampled
 * too, six times per factor 10 of time, from 0.1 s on. */
#ifndef TENDERFOOT_CALIB_FIT_HOLD_H
#define TENDERFOOT_CALIB_FIT_HOLD_H

#include "calib/fit_note.h"

#define FIT_BLOCKS 16
#define FIT_COURSE 30
#define FIT_SETTLED_PERCENT 2.0
#define FIT_FRAMES_LEAST 6

struct fit_hold {
    struct fit_note note;
    int recording, loading; /* loading: counts up each time that the plate was bare in between */
    uint64_t begin_us, end_us;
    double temperature_c; /* over the tail, or as annotated; NaN = not known */
    size_t frames;        /* of the tail */
    double tail_begin_s, tail_end_s;
    double median, drift_percent; /* of the cells over a quarter of the plate's median answer */
    int settled;
    float *mean, *scatter; /* cells: of the tail; scatter = standard deviation of one frame */
    int n_course;          /* of a creep hold: moments that have frames, rising */
    double course_s[FIT_COURSE];
    float *course; /* n_course x cells */
};
void fit_hold_free(struct fit_hold *hold);

/* The running hold. */
struct fit_tail {
    size_t cells, per_block; /* frames in a full block */
    int n_blocks;
    uint64_t begin_us, last_us;
    uint64_t *sum, *square; /* FIT_BLOCKS x cells */
    size_t frames[FIT_BLOCKS];
    double first_s[FIT_BLOCKS], last_s[FIT_BLOCKS], celsius[FIT_BLOCKS];
    size_t n_celsius[FIT_BLOCKS];
    float *course; /* FIT_COURSE x cells, sums; NULL = not wanted */
    size_t course_frames[FIT_COURSE];
    double course_seconds[FIT_COURSE];
};

int fit_tail_make(struct fit_tail *tail, size_t cells, struct problem *why);
void fit_tail_free(struct fit_tail *tail);

/* Begins a hold. -1 only when memory is short. */
int fit_tail_begin(struct fit_tail *tail, uint64_t time_us, int with_course, struct problem *why);
void fit_tail_add(struct fit_tail *tail, uint64_t time_us, double celsius, const uint16_t *counts);

/* Ends it: fills what the tail tells of *hold. */
int fit_tail_end(struct fit_tail *tail, struct fit_hold *hold, struct problem *why);

#endif
