/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person who walks over a plate or on a treadmill's plate, for tests: a sole that rolls from heel
 * to toes, of which every number is known.
 *
 * Each place (u, v) of the sole is down from t_on(u, v) to t_off(u, v) of the stance and carries
 * the standing sole's pressure (samples/sole.h) in between, scaled so that the whole foot carries a
 * force of two humps. So the instants of the phases are known from t_on and t_off, and COP and CPEI
 * from the same sole on a raster of 1 mm. Shares no code with the analysis but the geometry of the
 * foot frame and, for the true CPEI, its formula. */
#ifndef TENDERFOOT_TESTS_WALKING_PERSON_H
#define TENDERFOOT_TESTS_WALKING_PERSON_H

#include "analysis/walk/walk.h"
#include "samples/dice.h"
#include "samples/sole.h"

#define WALKING_TABLE 201

struct walking {
    struct grid grid;
    double rate_hz, newton, noise_kpa;
    int steps;
    enum side first;
    double pause_s, stance_s, step_s; /* before the first step; a stance; from step to step */
    double step_mm, width_mm, toes_out_deg, heading_deg, length_mm;
    struct point start; /* middle of the way at the first heel */
    double belt_y_mm_s; /* of contacts over the plate */
    double arch, toe_contact;

    struct sole sole;             /* below: made by walking_begin */
    double weight[WALKING_TABLE]; /* sum of the raw pressures, by stance */
    double cop_u_mm[WALKING_TABLE],
        cop_v_mm[WALKING_TABLE]; /* along and across (to the outer side) */
};

/* A usual walk of `steps` over this grid, one foot after the other, from its back to its front. */
struct walking walking_usual(struct grid grid, double rate_hz, int steps);
void walking_begin(struct walking *walking); /* once its members are set */

size_t walking_frames(const struct walking *walking);
/* Frame i into kpa[rows * cols], noise added and gated as a plate does (3 sd). */
void walking_frame(const struct walking *walking, size_t i, struct dice *dice, float *kpa);

/* What is true of step k (0..). */
enum side walking_side(const struct walking *walking, int k);
double walking_start_s(const struct walking *walking, int k);
struct foot_frame walking_foot(const struct walking *walking, int k); /* ground frame */
double walking_instant(const struct walking *walking, int instant);   /* share of the stance */
/* COP at a share of the stance: mm along the foot from its heel and across to the outer side. */
struct point walking_cop(const struct walking *walking, double tau);
double walking_cpei(const struct walking *walking);

#endif
