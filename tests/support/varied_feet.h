/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feet whose landmarks differ from the template from person to person, for tests: a print and where
 * its landmarks truly are. The sole of the virtual subjects (samples/) is drawn out of shape by a
 * smooth map, so that heads, toes and creases move while heel end, tip and tangents stay. */
#ifndef TENDERFOOT_TESTS_VARIED_FEET_H
#define TENDERFOOT_TESTS_VARIED_FEET_H

#include "samples/dice.h"
#include "samples/subject.h"

struct varied_foot {
    struct grid grid;
    struct subject_foot foot; /* side, length, width, arch, toes, angle */
    struct foot_frame frame;
    double move[5][4];      /* per ray: head u, v, toe u, v, in the frame's units */
    double heel_u, bulge_u; /* heel's front edge and bulge of the outer edge */
    struct landmarks truth; /* of this foot */
    float *kpa;             /* rows * cols; varied_free */
};

/* Draws one: `spread` scales how far its landmarks lie off the template (0 = as the template, 1 =
 * a few mm). foot.length_mm, width_scale, arch, toe_contact and angle_deg are taken as given, and
 * the foot is laid in the middle of the plate with `newton` on it. */
void varied_draw(struct varied_foot *varied, double spread, double newton, double noise_kpa,
                 struct dice *dice);
void varied_free(struct varied_foot *varied);

#endif
