/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Centre of pressure excursion index (CPEI, %): how far the COP of a step bows out from the
 * straight line between its first and its last place, in % of the forefoot's width.
 *
 *   medial line  = the longest edge of the convex hull of the print (corners of the contact cells)
 *                  that faces the inner side: it spans the arch from heel to ball
 *   length       = extent of the hull along the medial line
 *   measured on  = the line across it at `distal_share` of the length from the heel (2/3: where the
 *                  distal third begins)
 *   excursion    = from the chord (first to last COP) to the COP on that line, mm; positive when
 * the COP passes on the outer side, as it does in most feet width        = of the hull along that
 * line, mm;   CPEI = 100 excursion / width
 *
 * Source: Song et al. 1996, J Am Podiatr Med Assoc 86:16, in the geometry of pressuRe 0.2.7, which
 * takes 0.667 for the share and begins the chord at the fifth frame whatever the rate; steps are
 * measured with 2/3 and from 40 ms after the first contact on (CPEI_FROM_S: the same at 100 Hz),
 * when the heel is down. Every number hangs on the contact threshold of the print. Where it cannot
 * be had `percent` is NAN and `reason` says why. Pure function, no allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_WALK_CPEI_H
#define TENDERFOOT_ANALYSIS_WALK_CPEI_H

#include "analysis/foot/foot_frame.h"

#define CPEI_DISTAL_SHARE (2.0 / 3.0)
#define CPEI_FROM_S 0.04
#define CPEI_FORCE_SHARE                                                                           \
    0.01 /* of the step's largest force: below it the COP is a cell's noise                        \
          */

struct cpei {
    double percent, excursion_mm, width_mm;
    struct point medial[2];        /* the medial line's ends on the hull, heel first */
    struct point across[2];        /* the measuring line on the hull: inner, outer end */
    struct point on_cop, on_chord; /* where COP and chord cross it */
    struct point chord[2];         /* first and last COP */
    char reason[120];              /* "" when percent is a number */
};

/* hull[n_hull]: counterclockwise (outline.h), mm; cop[n_cop]: in order of time, same frame, all
 * finite. `frame` gives the side and roughly the heel and the direction of the toes. */
struct cpei cpei_measure(const struct point *hull, size_t n_hull, const struct point *cop,
                         size_t n_cop, const struct foot_frame *frame, double distal_share);

#endif
