/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press test of a virtual subject: every press with its place, ramp, threshold and answer.
 *
 * Seated; per side the route once there and once back, each press as press_model.h has it. Planned
 * in full before it is played; a person who is led (led_person.h) adds one press after the other.
 */
#ifndef TENDERFOOT_SAMPLES_PRESS_PLAN_H
#define TENDERFOOT_SAMPLES_PRESS_PLAN_H

#include "samples/press_model.h"

struct press_plan {
    struct planned_press *presses; /* owned */
    int n, cap;
    int stopped_at;   /* index of the first press not made because of a stop, or -1 */
    uint64_t stop_us; /* when the subject said so */
    uint64_t end_us;  /* the last foot is away */
};

/* Plans from `begin_us` on. The subject must name zones of the atlas (visit_plan checks). */
int press_plan_make(struct press_plan *plan, const struct subject *subject,
                    const struct threshold_field *field, uint64_t begin_us, uint64_t seed,
                    struct problem *why);
void press_plan_free(struct press_plan *plan);

/* The press going on at a time, or NULL. */
const struct planned_press *press_plan_at(const struct press_plan *plan, uint64_t time_us);

#endif
