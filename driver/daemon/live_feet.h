/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feet and zone outlines while somebody stands on the plate, for looking at.
 *
 * A thread of its own, so that finding feet (some ms) never makes a frame wait: pictures are
 * offered to it, the newest wins, and it looks at about five a second. What it finds hangs on the
 * board's feet channel. A picture that has hardly changed since the last one that was looked at,
 * and in which each foot lies where it lay (live_pose.h), leaves feet and zones as they are; where
 * fewer feet are seen than before while the press test runs, the old ones are held and said to be
 * held. Where there is no memory to look, no feet are told, and why. Results come from the
 * recording, never from here. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LIVE_FEET_H
#define TENDERFOOT_DRIVER_DAEMON_LIVE_FEET_H

#include "analysis/atlas/atlas.h"
#include "driver/daemon/live_board.h"

struct live_feet;

/* `atlas` is borrowed. NULL and *why: no memory or thread. */
struct live_feet *live_feet_create(struct live_board *board, const struct atlas *atlas,
                                   struct problem *why);
void live_feet_free(struct live_feet *feet);

/* A picture in kPa, copied; never waits for the thread's work. hold: feet seen before stay. */
void live_feet_offer(struct live_feet *feet, const struct grid *grid, const float *kpa, int hold);

/* The same without a thread, for who has a pace of their own (benches, tests): begin, then look at
 * one picture after the other. 1: feet were looked for anew; 0: they stand as they stood; -1: no
 * memory for the picture. Not beside live_feet_create's thread. */
struct live_feet *live_feet_begin(struct live_board *board, const struct atlas *atlas,
                                  struct problem *why);
int live_feet_look(struct live_feet *feet, const struct grid *grid, const float *kpa, int hold);

/* The feet as last seen, by x from the left; how many. Of the thread that looks. */
struct live_foot {
    enum side side;
    struct foot_frame frame;
    struct landmarks landmarks;
};
int live_feet_seen(const struct live_feet *feet, struct live_foot seen[2]);

/* Which cells are whose, as last found for a grid of this many cells: label[cells] gets an enum
 * side each (SIDE_UNKNOWN: of no foot, or of one whose side is not stated). *version is left alone
 * and label too when nothing is new. 1 when there is at least one foot with a side. */
int live_feet_sides(struct live_feet *feet, size_t cells, uint8_t *label, uint64_t *version);

#endif
