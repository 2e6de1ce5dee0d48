/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A visit that is led by a host: annotations (firmware/wire/PROTOCOL.md, 7) become deeds.
 *
 * From the first word on the visit's own operator is silent and its own presses are dropped; one
 * under way is broken off. `step` "stand" makes the person step on (who stands stays, until told
 * otherwise or 600 s are over), "sit", "press" and "end" step off; without any of them the own plan
 * of stepping on and off stays. `press` is done as led_person.h has it (tool kind "flat": standing,
 * weight_shift.h; the person steps on for it), `stopped` lifts the foot.
 * The visit ends `end_s` after "end", or `idle_s` after the person sits and nothing is said any
 * more. One thread; the visit changes at each word, so it may only be asked for times after it. */
#ifndef TENDERFOOT_SAMPLES_LED_VISIT_H
#define TENDERFOOT_SAMPLES_LED_VISIT_H

#include "samples/led_person.h"
#include "samples/visit.h"

struct led_visit;

/* The visit is borrowed and changed. Made at the first word; NULL and *why without memory. */
struct led_visit *led_visit_begin(struct visit *visit, uint64_t time_us, struct problem *why);
void led_visit_free(struct led_visit *led);

/* One annotation, NUL-terminated; what is unknown or of the wrong kind is not heeded. -1 and *why
 * when memory is short. */
int led_visit_hear(struct led_visit *led, uint64_t time_us, const char *json, struct problem *why);
void led_visit_see(struct led_visit *led, uint64_t time_us, unsigned signals);
int led_visit_next_edge(struct led_visit *led, uint64_t until_us, struct button_edge *edge);

#endif
