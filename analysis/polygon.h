/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plane polygons in the plate frame: area, containment, and exact area inside an upright rectangle.
 *
 * A polygon is n >= 3 points in order, either way round, not crossing itself; it may be concave.
 * Points and edges are mm. Pure functions without allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_POLYGON_H
#define TENDERFOOT_ANALYSIS_POLYGON_H

#include "analysis/grid.h"

/* Largest n the clipping takes. */
#define POLYGON_POINTS_MAX 96

struct box {
    double x0, y0, x1, y1; /* mm; x0 <= x1, y0 <= y1 */
};

/* Shoelace formula, >= 0; mm2. */
double polygon_area_mm2(const struct point *points, int n);

struct box polygon_box(const struct point *points, int n);

/* Even-odd rule; a place on the edge may count as either. */
int polygon_contains(const struct point *points, int n, struct point place);

/* Area of the polygon inside the box, mm2: Sutherland and Hodgman's clipping (CACM 17, 1974). The
 * bridges that it leaves in concave polygons have no area. */
double polygon_area_in_box_mm2(const struct point *points, int n, const struct box *box);

/* Keeps the part with a x + b y <= c; writes to out (room for 2 n points), returns their number. */
int polygon_clip(const struct point *points, int n, double a, double b, double c,
                 struct point *out);

#endif
