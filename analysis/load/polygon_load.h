/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load inside any outline on the plate, over frames in memory: the numbers of a region by somebody
 * else's mask, `whole` or `partial` (membership.h). All frames count, and all that hold a contact
 * cell are loaded ones. Allocates two pictures and the times. One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_POLYGON_LOAD_H
#define TENDERFOOT_ANALYSIS_LOAD_POLYGON_LOAD_H

#include "analysis/analyze_frames.h"
#include "analysis/load/load.h"
#include "analysis/load/membership.h"

/* 3 to POLYGON_POINTS_MAX points in the plate frame; cells of the frames finite and not negative;
 * at least 8 cells. weight_percent is NAN. 0, or -1 and *why. */
int polygon_load(const struct frames_in_memory *frames, double threshold_kpa,
                 const struct point *points, int n_points, enum membership membership,
                 struct load_summary *summary, struct problem *why);

#endif
