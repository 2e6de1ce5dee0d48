/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The convex hull of a path: its area and its largest diameter.
 * Source: Andrew's monotone chain (1979), then rotating calipers (Shamos 1978). */
#ifndef TENDERFOOT_ANALYSIS_SWAY_HULL_H
#define TENDERFOOT_ANALYSIS_SWAY_HULL_H

#include <stddef.h>

struct hull_point {
    double x, y;
};

struct sway_hull {
    double area_mm2, diameter_mm;
};

/* scratch holds 2 n + 2 points. */
void sway_hull(const double *ml, const double *ap, size_t n, struct hull_point *scratch,
               struct sway_hull *out);

#endif
