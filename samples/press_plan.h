/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press test of a virtual subject: every press with its place, ramp, threshold and answer.
 *
 * Seated; per side the route once there and once back, each press as press_model.h has it. Planned
 * in full before it is played; a person who is led (led_person.h) adds one press after the other.
 */
#ifndef TENDERFOOT_SAMPLES_PRESS_PLAN_H
#define TENDERFOOT_SAMPLES_PRESS_PLAN_H

#include "samples/press_model.h"

#define PRESS_SEATS_MAX 32

struct press_plan {
    struct planned_press *presses; /* owned */
    int n, cap;
    struct planned_seat seats[PRESS_SEATS_MAX]; /* feet laid flat, in order of time */
    int n_seats;
    int stopped_at;   /* index of the first press not made because of a stop, or -1 */
    uint64_t stop_us; /* when the subject said so */
    uint64_t end_us;  /* the last foot is away */
};

/* Plans from `begin_us` on. The subject must name zones of the atlas (visit_plan checks). */
int press_plan_make(struct press_plan *plan, const struct subject *subject,
                    const struct threshold_field *field, uint64_t begin_us, uint64_t seed,
                    struct problem *why);
void press_plan_free(struct press_plan *plan);

/* Where an operator who has the whole plate puts a cup for a foot of this length: the heel such
 * that the foot lies in the middle, along y. */
struct foot_frame press_plan_cup(const struct grid *grid, enum side side, double length_mm);

/* The foot laid flat at a time, or NULL. */
const struct planned_seat *press_plan_seat_at(const struct press_plan *plan, uint64_t time_us);

/* The press going on at a time, or NULL. */
const struct planned_press *press_plan_at(const struct press_plan *plan, uint64_t time_us);

#endif
