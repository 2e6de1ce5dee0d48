/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press test of a virtual subject: every press with its place, ramp, threshold and answer.
 *
 * Seated; per side the route once there and once back. A press: the operator places the stud and
 * says so (annotation), the foot comes down, pressure at the tip rises, the person answers when it
 * has passed the threshold and the reaction time, the leg is lifted. A foot does not come to lie
 * exactly where the operator means it to; so each press has the cup's frame (annotated) and the
 * foot's (true). All times are us since the source began. Planned in full before it is played. */
#ifndef TENDERFOOT_SAMPLES_PRESS_PLAN_H
#define TENDERFOOT_SAMPLES_PRESS_PLAN_H

#include "samples/foot_picture.h"
#include "samples/threshold_field.h"

struct planned_press {
    int number, pass, is_catch;
    enum side side;
    char zone[SUBJECT_ZONE_MAX]; /* aimed at; "" for a bare place */
    struct point stud;           /* centre of its footprint, exact */
    struct foot_frame cup, foot; /* where the heel is held, and where the foot truly lies */
    struct uv place;             /* the stud's true place on the foot */
    double ceiling_kpa, ramp_kpa_s;
    double threshold_kpa; /* of the person at this place */
    double felt_kpa;      /* of this press: with the spread from press to press */
    double peak_kpa;      /* highest tip pressure, at the release */
    double wobble, wobble_hz, wobble_phase;
    int answered, is_false, is_missed, reached_ceiling;
    double reaction_s; /* from the crossing to the button; NAN without a true answer */
    uint64_t begin_us, touch_us, ramp_us, release_us, end_us; /* annotation .. foot away */
    uint64_t down_us, up_us;                                  /* of the button; 0 = none */
    struct foot_picture stud_picture, heel_picture;           /* 1 N each; heel may be empty */
};

struct press_plan {
    struct planned_press *presses; /* owned */
    int n;
    int stopped_at;   /* index of the first press not made because of a stop, or -1 */
    uint64_t stop_us; /* when the subject said so */
    uint64_t end_us;  /* the last foot is away */
};

/* Plans from `begin_us` on. The subject must name zones of the atlas (visit_plan checks). */
int press_plan_make(struct press_plan *plan, const struct subject *subject,
                    const struct threshold_field *field, uint64_t begin_us, uint64_t seed,
                    struct problem *why);
void press_plan_free(struct press_plan *plan);

/* Tip pressure at a time, kPa; 0 outside the press. */
double press_tip_kpa(const struct planned_press *press, uint64_t time_us);

/* How much of the heel's rest load is there at a time, 0..1. */
double press_heel_share(const struct planned_press *press, uint64_t time_us);

#endif
