/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that part a foot from toes to heel, as u at each v of the foot frame.
 *
 * Toe line: through the toe bases B1..B5. Diaphragm line: the smooth curve under the ball of the
 * foot. Waist line: straight across, through the lowest part of the outer bulge. Heel line:
 * straight across at the heel's front edge (reflexology.md 2.2, 2.3, 2.6). Pure functions; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_GUIDE_LINES_H
#define TENDERFOOT_ANALYSIS_GUIDE_LINES_H

#include "analysis/foot/foot_frame.h"

#define DIAPHRAGM_POINTS 7

struct guide_lines {
    struct uv toe_base[5];                 /* B1..B5 */
    struct uv diaphragm[DIAPHRAGM_POINTS]; /* v 0, 0.18, 0.39, 0.55, 0.71, 0.88, 1 */
    int diaphragm_measured;                /* 0 = the default line, moved with the ball peaks */
    double waist_u, heel_front_u;
};

/* From the landmarks, measured or not; the diaphragm line is the default one, shifted by as much
 * as the measured ball peaks lie off the template's. */
struct guide_lines guide_lines_from(const struct landmarks *landmarks);

/* u of a line at v; beyond the first and last point the line goes on at constant u. */
double guide_toe_u(const struct guide_lines *lines, double v);
double guide_diaphragm_u(const struct guide_lines *lines, double v);

#endif
