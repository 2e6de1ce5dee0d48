/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Membership: the share of each cell that belongs to a region.
 *
 * Partial (the default): the part of the cell's area inside the outline. Whole: the same
 * for cells of which at least 99.9 % are inside, else 0. A region of a foot is partial always, and
 * the regions' shares of a cell sum to exactly 1 (to the foot's mask). Outlines are cut exactly
 * (polygon.h); the curved lines between regions by 16 x 16 samples a cell. Pure functions; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_MEMBERSHIP_H
#define TENDERFOOT_ANALYSIS_LOAD_MEMBERSHIP_H

#include "analysis/result.h"

enum membership { MEMBERSHIP_PARTIAL, MEMBERSHIP_WHOLE };
#define MEMBERSHIP_WHOLE_SHARE 0.999

/* share[rows * cols] of a polygon of 3 to POLYGON_POINTS_MAX points in the plate frame. */
void membership_of_polygon(const struct grid *grid, const struct point *points, int n,
                           enum membership membership, double *share);

/* Shares of one cell in the regions; they sum to exactly 1. */
void membership_of_cell(const struct grid *grid, const struct foot_frame *frame,
                        const struct guide_lines *lines, int row, int col,
                        double share[REGION_COUNT]);

/* share[REGION_COUNT][rows * cols], one region after the other, within the foot's mask. */
void membership_of_regions(const struct grid *grid, const struct foot_result *foot, double *share);

/* The part of the foot (its mask) with u >= 0.5, and with v < 0.5. */
void membership_of_fore(const struct grid *grid, const struct foot_result *foot, double *share);
void membership_of_medial(const struct grid *grid, const struct foot_result *foot, double *share);

#endif
