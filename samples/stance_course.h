/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a stance changes while somebody stands: weight moved to the other foot, a foot set elsewhere.
 *
 * A course is a row of phases, each a stance of its own; from one to the next pressure fades over.
 * A foot that is moved first gives its load to the other one (when there is one), and is then set
 * down in its new place. Phase 0 is the stance as it began and belongs to the visit. Read-only once
 * made; any thread. */
#ifndef TENDERFOOT_SAMPLES_STANCE_COURSE_H
#define TENDERFOOT_SAMPLES_STANCE_COURSE_H

#include "samples/stance.h"

#define STANCE_PHASES_MAX (2 * SUBJECT_EVENTS_MAX)

struct stance_phase {
    double from_s, over_s; /* since the stand began; fading takes over_s from from_s on */
    double share[2];       /* of the weight, by index of subject.feet */
    struct foot_frame frames[2];
    struct stance stance; /* owned */
};

struct stance_course {
    struct stance_phase phases[STANCE_PHASES_MAX]; /* those after the first stance */
    int n;
};

/* Makes a foot's picture of 1 N in a pose; `context` is the caller's. */
typedef int stance_course_picture(void *context, int foot, const struct foot_frame *frame,
                                  struct foot_picture *picture, struct problem *why);

/* From the subject's events on; `frames` is where the feet stand at first. */
int stance_course_make(struct stance_course *course, const struct subject *subject, double weight_n,
                       const struct foot_frame *frames, stance_course_picture *picture,
                       void *context, struct problem *why);
void stance_course_free(struct stance_course *course);

/* Weights of the stances at a time: *phase (-1 = the first one) has 1 - *next, the one after it
 * *next. */
void stance_course_at(const struct stance_course *course, double time_s, int *phase, double *next);

#endif
