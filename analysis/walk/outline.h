/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outline of a contact: its convex hull, the longest way across it and its least width.
 *
 * Points are mm in any frame. Source: Andrew's monotone chain (1979). Pure functions, no
 * allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_WALK_OUTLINE_H
#define TENDERFOOT_ANALYSIS_WALK_OUTLINE_H

#include "analysis/grid.h"

/* The convex hull of points[n] (sorted in place), counterclockwise (x to the right, y to the
 * front), into hull[] (room for n + 1); without points on its edges. Returns their number. */
size_t outline_hull(struct point *points, size_t n, struct point *hull);

/* The longest distance between two of its points; 0 with fewer than two. */
double outline_length_mm(const struct point *hull, size_t n);

/* The least distance of two parallel lines that hold it between them; 0 with fewer than three. */
double outline_width_mm(const struct point *hull, size_t n);

#endif
