/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From pieces of contact to contacts of one foot: heel, ball and toes of a foot are joined, two
 * feet stay apart.
 *
 * Two pieces may be one foot's when both were on the ground at the same time for a good part of the
 * shorter one's life (heel and ball of one foot share half of the stance, the toes of one foot and
 * the heel of the next a fifth of it), or touched, and when together they are no larger than a foot
 * (FOOT_LENGTH_MM long, FOOT_WIDTH_MM wide, by convex hull). Candidates are joined in the order of
 * how surely they belong together: first those that touched, most cells first, then by the gap
 * between them. So a foot is whole before its neighbour's heel comes to be looked at, and by then
 * there is no room for that. Deterministic. */
#ifndef TENDERFOOT_ANALYSIS_WALK_CONTACT_JOIN_H
#define TENDERFOOT_ANALYSIS_WALK_CONTACT_JOIN_H

#include "analysis/walk/contact_track.h"

/* Contact of the longest and the widest feet, and a cell's width for what a frame smears. */
#define FOOT_LENGTH_MM 315.0
#define FOOT_WIDTH_MM 135.0

/* group[tracks->n]: 0.. by the time of the first contact. Returns how many, or -1 with `why`. */
long contact_join(const struct grid *grid, double rate_hz, const struct contact_tracks *tracks,
                  uint32_t *group, struct problem *why);

#endif
