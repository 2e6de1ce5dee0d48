/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The belt: does the plate move under the person (a treadmill's plate), and how fast?
 *
 * On a treadmill every contact slides over the cells while the foot stands still on the belt. Each
 * frame's force by row and by column is laid over that of about 50 ms before; the shift with the
 * least sum of absolute differences (refined by a parabola) is one guess of the speed, and the
 * median of all guesses is the belt's. On a fixed plate the median is that of a foot that stands
 * still: rolling over moves it by some cm/s to the front. A belt is stated from 150 mm/s on, and
 * only when the guesses agree (half of them within 0.35 of the median); it is taken as steady.
 * Memory: a fixed number of profiles and two histograms, whatever the length. One thread a handle.
 */
#ifndef TENDERFOOT_ANALYSIS_WALK_BELT_H
#define TENDERFOOT_ANALYSIS_WALK_BELT_H

#include "analysis/grid.h"
#include "firmware/wire/problem.h"

struct belt {
    int moves;
    double x_mm_s, y_mm_s; /* of contacts over the plate; 0 when it does not move */
    size_t guesses;
};

struct belt_watch;

struct belt_watch *belt_watch_begin(const struct grid *grid, double rate_hz, struct problem *why);
/* One frame in order of time, kPa; cells at or below `above` kPa are no contact. */
void belt_watch_frame(struct belt_watch *watch, const float *kpa, float above);
struct belt belt_watch_result(const struct belt_watch *watch);
void belt_watch_free(struct belt_watch *watch);

#endif
