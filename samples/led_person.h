/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A seated virtual person who is led through a press test: does what is announced, press by press.
 *
 * For each announced press the foot is lowered onto the announced stud (with the person's own place
 * error), pressure rises at the person's own way of the announced ramp, the button is pressed when
 * this press's felt threshold has been crossed and the reaction time is over, the leg is lifted
 * 0.12 s later, or when told to (a reaction time after the buzzer), or at 1.1 x the announced
 * ceiling at the latest. A catch trial is a light touch that does not rise; a tap a quick light
 * touch, answered when it is felt. The same model as in a visit that follows its own plan
 * (press_model.h). Used by the virtual plate (subject_source.h) and by itself: no wire, no thread,
 * no clock. Times are us of the caller's clock and must not go back. The same subject, seed and
 * words give the same deeds. One thread a person. */
#ifndef TENDERFOOT_SAMPLES_LED_PERSON_H
#define TENDERFOOT_SAMPLES_LED_PERSON_H

#include "samples/press_plan.h"
#include "samples/scan_source.h"

/* A press as it is announced: plate frame, mm. */
struct led_press {
    int number, pass, is_catch, is_tap;
    enum side side;
    char zone[16]; /* target_zone, or "" */
    struct press_tool tool;
    struct point stud;
    int is_flat;   /* weight shift on the bare plate: no stud (led_person_shift) */
    double hold_s; /* ... and held so long at least; 0 = as the person likes */
    int is_on_mat; /* one foot is lowered onto the mat of which `stud` is one, seated, its heel set
                      to `heel` by a mark that does not hold it; slowly, to a quarter of the body's
                      weight at last */
    int has_cup;   /* 0 = free: the operator sets `aim` (or the zone's middle) over the stud */
    struct point heel;
    double angle_deg;
    struct uv aim;      /* NAN = not said */
    double ceiling_kpa; /* NAN = the subject's own setting for the place */
    double ramp_kpa_s;  /* wanted mean rise; NAN = as the person likes */
};

/* A press with nothing said: NAN where it says so, the stud of 1 cm2 on 4 cm2. */
struct led_press led_press_nothing(void);

/* Part of the subject's plate, in cells; may reach over its rim. */
struct led_window {
    int row0, col0, rows, cols;
};

struct led_person;

/* `subject` is copied; `atlas` is borrowed (NULL: the built-in chart is loaded). */
struct led_person *led_person_begin(const struct subject *subject, const struct atlas *atlas,
                                    uint64_t seed, struct problem *why);
/* The same with all things borrowed; presses are added to `plan`, which stays the caller's. Field,
 * grid and plan must outlive the person. */
struct led_person *led_person_within(const struct subject *subject,
                                     const struct threshold_field *field, const struct grid *grid,
                                     struct press_plan *plan, uint64_t seed, struct problem *why);
void led_person_free(struct led_person *person);

/* Announces a press. A press still under way is broken off. 0; 1 when the person has no foot of
 * that side, or a weight shift is asked of somebody who sits, so that nothing happens; -1 and *why
 * when memory is short. */
int led_person_hear(struct led_person *person, uint64_t time_us, const struct led_press *press,
                    struct problem *why);

/* A weight shift of somebody who stands, as planned: begins 0.5 s after the word, is whole 2 s
 * later, held for 1.5 s, and answered when this press's felt threshold of the place is passed. The
 * shift's stance is taken over, whatever comes of it. 0; -1 and *why when memory is short. */
struct weight_shift;
int led_person_shift(struct led_person *person, uint64_t time_us, const struct led_press *told,
                     struct weight_shift *shift, struct problem *why);

/* The person has stood up: a free foot will come to lie elsewhere (press_model.h, struct placing).
 */
void led_person_stood(struct led_person *person);

/* The person sits, and a free foot of this side has this common error from now on: for a caller
 * that lays the foot down itself. */
void led_person_sits(struct led_person *person, enum side side, const struct placing *sitting);

/* Lays a foot flat, 0.5 s after the word, until the next word, PRESS or lift. heel NULL: in the
 * middle of the plate, along y. 0; 1 when there is no such foot, or too many were laid; -1. */
int led_person_seat(struct led_person *person, uint64_t time_us, enum side side,
                    const struct point *heel, double angle_deg, struct problem *why);

/* Light and buzzer as they are now (WIRE_SIGNAL_*): the buzzer means lift. */
void led_person_see(struct led_person *person, uint64_t time_us, unsigned signals);

/* Lifts the foot now (the operator says stop). */
void led_person_lift(struct led_person *person, uint64_t time_us);

/* Mean pressure on each cell of a window (NULL = the whole plate): kpa[rows * cols] is overwritten.
 * Returns the tip pressure, kPa. */
double led_person_pressure(const struct led_person *person, uint64_t time_us,
                           const struct led_window *window, float *kpa);

/* 1: some cell of the plate then bears something, as led_person_pressure would tell. */
int led_person_touches(const struct led_person *person, uint64_t time_us);

/* The next button edge before `until_us`, each once, in order of time: 1, or 0. An edge is certain
 * once its time is over. */
int led_person_next_edge(struct led_person *person, uint64_t until_us, struct button_edge *edge);

/* Truth: the presses made so far, in order; when the last foot is away. */
const struct planned_press *led_person_presses(const struct led_person *person, int *n);
uint64_t led_person_end_us(const struct led_person *person);

/* Truth: the threshold of a place of this person, kPa at the tip. */
double led_person_threshold(const struct led_person *person, enum side side, struct uv at);

#endif
