/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A straight line by least squares from running sums, so that points can join and leave. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_LINE_FIT_H
#define TENDERFOOT_ANALYSIS_SWAY_LINE_FIT_H

struct line_sums {
    double n, x, y, xx, xy, yy;
};

struct line {
    double intercept, slope, residual; /* residual: sum of squares, never below 0 */
};

/* sign 1 adds the point, -1 takes it away. */
void line_sums_add(struct line_sums *sums, double x, double y, double sign);

/* At least two points with different x; else slope and intercept are NaN. */
struct line line_fit(const struct line_sums *sums);

#endif
