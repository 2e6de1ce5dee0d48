/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in the foot frame a stud presses, when the rest of the foot touches little.
 *
 * Known beforehand (struct press_foot_known): the foot's shape (length, widths: standing, seated,
 * entered, or the template), the pose it was last seen in while it lay flat and seated, and the
 * print of it to turn by. Then, for each press, what touched beside the stud:
 *   heel's pose   the fenced cup (annotated), and the flat seated foot seen near it, by the
 *                 reciprocals of their variances; without a cup the seated foot alone
 *   heel's print  the middle of force of the heel beside the stud, which lies at u = 0.10 of a
 *                 lightly resting heel; it moves the pose by its share of the variances
 *   forefoot      cells that touch ahead of the heel turn the foot about it: the angle at which
 *                 they fall best on the print of the flat foot (log likelihood of contact, with the
 *                 pose's angle as what is expected)
 * Nothing but the stud: the pose of the cup stands, or that of the flat foot is `held`. Each pose
 * carries standard errors; those of the place follow from them by the lever. Feet point to the
 * front of the plate. Values of the errors: project choices, checked by tests/test_press_place.c
 * and the cohort. Pure functions on borrowed memory unless said; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_PLACE_H
#define TENDERFOOT_ANALYSIS_PRESS_PLACE_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* A foot's length by guess: SD of adults' lengths, as a share. */
#define USUAL_LENGTH_SD 0.06

/* What is known of one foot before a press. */
struct press_foot_known {
    struct foot_frame frame;       /* the shape; heel and angle count only with has_pose */
    double length_sd;              /* share of the length */
    int has_pose;                  /* seen flat and seated, at `frame`'s heel and angle */
    const float *print;            /* borrowed, NULL = none: a picture of this foot ... */
    struct foot_frame print_frame; /* ... and how it lies in it */
    double print_kpa;              /* contact in it, at or above */
};

/* A foot of which only side and length (NAN = 250 mm) are known. */
struct press_foot_known press_foot_template(enum side side, double length_mm);

/* Where the heel is held: NULL for a free foot. */
struct press_cup {
    struct point heel;
    double angle_deg;
};

struct press_pose {
    enum place_from from; /* PLACE_UNKNOWN: nothing told where the foot lies */
    int held;
    struct foot_frame frame;
    double along_sd_mm, across_sd_mm, angle_sd_deg, length_sd; /* standard errors */
};

/* What touched beside the stud while it pressed: a mean picture, gathered frame by frame. */
struct press_touch;
struct press_touch *press_touch_new(const struct grid *grid, struct problem *why);
void press_touch_free(struct press_touch *touch);
void press_touch_clear(struct press_touch *touch);
/* One frame in which the stud is pressed; no allocation. */
void press_touch_add(struct press_touch *touch, const float *kpa);
/* The mean of the frames added; borrowed until the next call. All 0 without frames. */
const float *press_touch_mean(struct press_touch *touch);
/* Takes n cells of a mean picture that was kept instead of frames. */
void press_touch_set(struct press_touch *touch, const uint32_t *index, const float *kpa, int n);

/* The pose during a press with the stud's base (footprint_cm2) at `stud`. touch may be NULL. */
void press_pose_find(const struct press_foot_known *known, const struct press_cup *cup,
                     struct press_touch *touch, struct point stud, double footprint_cm2,
                     struct press_pose *pose);

/* The place under a point of the plate, and its standard error each way in mm. */
struct uv press_pose_place(const struct press_pose *pose, struct point at, double *sd_mm);

#endif
