/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weight shifts on the bare plate, read again once the feet are known: what the region that weight
 * was wanted on (shift_region.h) bore in each, and what all shifts say of a region.
 *
 * Followed is the load a reaction ago, dL/dt = (p - L) / 0.25 s, as in press_spread.c: at the
 * answer it is what was felt; without one, the highest. A region's load at which pain was told, or
 * borne without, names no place in it and flags nothing. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SHIFT_WATCH_H
#define TENDERFOOT_ANALYSIS_PRESS_SHIFT_WATCH_H

#include "analysis/json_writer.h"
#include "analysis/press/shift_region.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct shift_watch;

/* *watch stays NULL where no weight was shifted onto a region of a foot that was seen standing.
 * `result` is borrowed; result->shift_loads is made here and filled frame by frame. */
int shift_watch_begin(struct shift_watch **watch, struct result *result, struct problem *why);
void shift_watch_free(struct shift_watch *watch);
/* In the order of time; no allocation. */
void shift_watch_frame(struct shift_watch *watch, double time_s, const float *kpa);

/* All shifts onto one region of one foot, doubtful ones left out. */
struct shift_told {
    int shifts, reached, answers;
    double told_n, told_kpa;   /* lowest at which pain was told; NAN = never */
    double borne_n, borne_kpa; /* highest without; NAN = none */
    int told_is_bound;         /* it was told afterwards: at told_n or less */
};
struct shift_told shift_told_of(const struct result *result, enum side side,
                                enum shift_region region);

/* "left heel: pain was told at 310 N (mean 142 kPa) ..." as one sentence. */
void shift_told_words(const struct shift_told *told, enum side side, enum shift_region region,
                      char *text, size_t cap);

/* Members weight_shifts and shift_regions. */
void shift_json(struct json_writer *w, json_t *root, const struct result *result);

#endif
