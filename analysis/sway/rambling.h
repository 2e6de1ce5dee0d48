/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rambling and trembling: where the body's set point wanders, and how the path swings about it.
 *
 * Where the horizontal force is zero the person is, for an instant, in balance. Rambling is the
 * natural cubic spline through the path at those instants (force and path by a line between the two
 * samples where the sign changes), trembling the path less the spline, both from the first instant
 * to the last. Source: Zatsiorsky & Duarte 1999, Motor Control 3:28, and 2000, 4:185. The zero of
 * the force is its mean over the trial. No allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_RAMBLING_H
#define TENDERFOOT_ANALYSIS_SWAY_RAMBLING_H

#include <stddef.h>

#define RAMBLING_LEAST 5 /* instants: fewer bend no spline */

struct rambling_part {
    double rms_distance_mm; /* rambling: about its own mean; trembling: about the spline */
    double path_mm, mean_velocity_mm_s, range_mm;
};

/* All NaN with fewer than RAMBLING_LEAST instants. */
struct rambling {
    long zero_force_points;
    double from_s, to_s; /* first and last instant */
    struct rambling_part rambling, trembling;
};

/* x: path of one axis (mm), force: along the same axis (N, less its mean), n samples at rate_hz.
 * scratch holds 6 n doubles. */
void rambling_of(const double *x, const double *force, size_t n, double rate_hz, double *scratch,
                 struct rambling *out);

#endif
