/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Do the feet still stand where they were seen? A picture is held against the one they were found
 * in, foot by foot, by the registration that also follows feet over a recording
 * (analysis/foot/foot_shift.h): weight that is taken off or leant elsewhere moves nothing, a foot
 * set a few millimetres elsewhere does. About a millisecond a picture of 96 x 96. Memory: a few
 * pictures. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LIVE_POSE_H
#define TENDERFOOT_DRIVER_DAEMON_LIVE_POSE_H

#include "analysis/grid.h"

#include <stdint.h>

/* A move is seen when it is more than this, or a turn of more: as in a recording (foot_track.h). */
#define LIVE_MOVED_MM 4.0
#define LIVE_TURNED_DEG 2.5

struct live_pose; /* NULL is a pose of nobody: nothing ever moves */

/* The feet of a picture; label[cells]: 0 no foot, 1 + index (n of them, two at most). NULL: nobody,
 * or no memory (then only the picture's own change is seen, as for nobody). */
struct live_pose *live_pose_take(const struct grid *grid, const float *kpa, const uint8_t *label,
                                 int n);
void live_pose_free(struct live_pose *pose);

/* 1: in this picture, of the same grid, a foot lies elsewhere. A foot that bears less than 0.3 of
 * what it bore says nothing of its place. */
int live_pose_has_moved(struct live_pose *pose, const float *kpa);

#endif
