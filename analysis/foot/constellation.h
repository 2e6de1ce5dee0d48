/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The constellation: how the landmarks of one foot lie to each other.
 *
 * Feet differ from the template in a few common ways (the whole ball further ahead, an oblique row
 * of heads, a long second ray, a splayed forefoot, a long heel) and each landmark a little by
 * itself. Deviations from the template, in mm along and across the axis, are taken as jointly
 * normal: the covariance of two landmarks is the sum over common factors of loading x loading x
 * variance, plus each one's own variance (project choice, from the spread of the metatarsal
 * parabola and toe lengths; constellation.c has the table). What the print shows of some landmarks
 * then says where the others are to be looked for, where those lie that it does not show, and how
 * sure that is: the mean and variance of the normal distribution given the observations (kriging).
 * Along and across are independent. Plain data; pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_CONSTELLATION_H
#define TENDERFOOT_ANALYSIS_FOOT_CONSTELLATION_H

#include "analysis/foot/foot_frame.h"

struct constellation {
    struct foot_frame frame;
    double prior[2][LANDMARK_COUNT][LANDMARK_COUNT]; /* covariances by axis, mm2, scaled to the foot
                                                        (length / 250 mm) */
    int seen[LANDMARK_COUNT];
    /* By axis (0 along, 1 across): observed deviation from the template and its standard error,
     * mm; an error of INFINITY is no observation along that axis. */
    double deviation_mm[2][LANDMARK_COUNT], error_mm[2][LANDMARK_COUNT];
};

struct expected_landmark {
    struct uv at;
    double sd_along_mm, sd_across_mm;
};

void constellation_begin(struct constellation *c, const struct foot_frame *frame);
void constellation_see(struct constellation *c, enum landmark_id id, struct uv at,
                       double error_along_mm, double error_across_mm);
void constellation_forget(struct constellation *c, enum landmark_id id);

/* Where a landmark lies by all observations but its own (own = 0), or with its own (own = 1). */
struct expected_landmark constellation_expect(const struct constellation *c, enum landmark_id id,
                                              int own);

#endif
