/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/led_visit.h"
#include "samples/weight_shift.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAND_MOST_S 600.0 /* somebody who is told to stand and then forgotten sits down again */
#define STEP_BACK_S 0.3    /* from the word to the first movement of the feet */

struct led_visit {
    struct visit *visit;
    struct led_person *person;
    double ramp_kpa_s; /* wanted, as the protocol's word has it; NAN = not said */
    uint64_t heard_us; /* the last word */
    int has_ended;     /* it was "end", or came after it */
};

static uint64_t us(double seconds)
{
    return (uint64_t)llround(seconds * 1e6);
}

static uint64_t latest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* --- Words ----------------------------------------------------------------------------------- */

static double number(const json_t *object, const char *key, double fallback)
{
    const json_t *value = json_object_get(object, key);
    double n = json_is_number(value) ? json_number_value(value) : NAN;
    return isfinite(n) ? n : fallback;
}

static double bounded(const json_t *object, const char *key, double low, double high,
                      double fallback)
{
    double n = number(object, key, fallback);
    return n >= low && n <= high ? n : fallback;
}

/* One wanted rate, or the middle of a pair [low, high]; NAN else. */
static double ramp_of(const json_t *object)
{
    const json_t *value = json_object_get(object, "ramp_kpa_s");
    double low = json_number_value(json_array_get(value, 0));
    double high = json_number_value(json_array_get(value, 1));
    double rate = json_is_array(value) ? (low + high) / 2 : number(object, "ramp_kpa_s", NAN);
    return rate >= 5 && rate <= 500 ? rate : NAN;
}

/* A place on or near any plate; anything else is no place. */
static int read_point(const json_t *object, struct point *out)
{
    out->x_mm = bounded(object, "x_mm", -1000, 14000, NAN);
    out->y_mm = bounded(object, "y_mm", -1000, 14000, NAN);
    return !isnan(out->x_mm) && !isnan(out->y_mm);
}

static int is_kind(const json_t *tool, const char *kind)
{
    const char *said = json_string_value(json_object_get(tool, "kind"));
    return said && !strcmp(said, kind);
}

static void read_tool(const json_t *object, struct press_tool *tool)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    if (name)
        snprintf(tool->name, sizeof tool->name, "%.*s", SUBJECT_NAME_MAX, name);
    if (is_kind(object, "mat"))
        tool->pitch_mm = bounded(object, "pitch_mm", 8, 60, 20);
    tool->tip_cm2 = bounded(object, "tip_cm2", 0.05, 100, tool->tip_cm2);
    tool->footprint_cm2 = bounded(object, "footprint_cm2", 0.05, 400, tool->footprint_cm2);
    tool->footprint_factor = bounded(object, "footprint_factor", 0.5, 4, tool->footprint_factor);
}

/* 1 when it is a press that can be done: a side, and a stud or, on the bare plate, a place. */
static int read_press(const json_t *object, double ramp_kpa_s, struct led_press *press)
{
    const char *side = json_string_value(json_object_get(object, "side"));
    const char *zone = json_string_value(json_object_get(object, "target_zone"));
    const json_t *cup = json_object_get(object, "heel_cup"), *aim = json_object_get(object, "aim");
    double own_ramp = ramp_of(object);
    *press = led_press_nothing();
    press->number = (int)bounded(object, "number", 0, 1e6, 0);
    press->pass = (int)bounded(object, "pass", 0, 1e6, 1);
    press->is_catch = json_is_true(json_object_get(object, "catch"));
    press->is_tap = json_is_true(json_object_get(object, "tap"));
    press->side = side && !strcmp(side, "right")  ? SIDE_RIGHT
                  : side && !strcmp(side, "left") ? SIDE_LEFT
                                                  : SIDE_UNKNOWN;
    press->ceiling_kpa = bounded(object, "ceiling_kpa", 1, 2000, NAN);
    press->ramp_kpa_s = isnan(own_ramp) ? ramp_kpa_s : own_ramp;
    if (zone)
        snprintf(press->zone, sizeof press->zone, "%.15s", zone);
    read_tool(json_object_get(object, "tool"), &press->tool);
    press->aim.u = bounded(aim, "u", -0.1, 1.1, NAN);
    press->aim.v = bounded(aim, "v", -0.1, 1.1, NAN);
    press->has_cup = read_point(cup, &press->heel);
    press->angle_deg = bounded(cup, "angle_deg", -180, 180, 0);
    press->is_flat = is_kind(json_object_get(object, "tool"), "flat");
    press->hold_s = bounded(json_object_get(object, "shift"), "hold_s", 0.5, 30, 0);
    if (is_kind(json_object_get(object, "tool"), "mat")) {
        const json_t *mark = json_object_get(object, "heel_mark");
        press->is_on_mat = read_point(mark, &press->heel);
        press->angle_deg = bounded(mark, "angle_deg", -180, 180, 0);
    }
    int has_stud = read_point(json_object_get(object, "stud"), &press->stud);
    return press->side != SIDE_UNKNOWN && (has_stud || press->is_flat);
}

/* --- Begin ----------------------------------------------------------------------------------- */

/* Presses of the own plan that have not begun are forgotten, and so are edges still to come. */
static void drop_own_presses(struct visit *visit, uint64_t time_us)
{
    struct press_plan *plan = &visit->presses;
    while (plan->n && plan->presses[plan->n - 1].touch_us > time_us)
        press_free_pictures(&plan->presses[--plan->n]);
    if (plan->n)
        press_lift(&plan->presses[plan->n - 1], time_us);
    while (plan->n_seats && plan->seats[plan->n_seats - 1].to_us > time_us)
        foot_picture_free(&plan->seats[--plan->n_seats].picture);
    plan->stopped_at = -1;
    visit->press_us = latest(visit->seated_us, time_us);
    plan->end_us = plan->n ? plan->presses[plan->n - 1].end_us : time_us;
}

/* Somebody who sits and hears nothing more leaves in the end. */
static void set_end(struct led_visit *led)
{
    struct visit *visit = led->visit;
    const struct protocol_setting *protocol = &visit->subject.protocol;
    uint64_t busy_us = latest(visit->seated_us, visit->presses.end_us);
    visit->end_us =
        latest(busy_us, led->heard_us) + us(led->has_ended ? protocol->end_s : protocol->idle_s);
}

struct led_visit *led_visit_begin(struct visit *visit, uint64_t time_us, struct problem *why)
{
    struct led_visit *led = calloc(1, sizeof *led);
    if (!led) {
        problem_no_memory(why, "a led visit");
        return NULL;
    }
    drop_own_presses(visit, time_us);
    led->visit = visit;
    led->ramp_kpa_s = NAN;
    led->person = led_person_within(&visit->subject, &visit->field, &visit->grid, &visit->presses,
                                    visit->seed, why);
    if (!led->person) {
        free(led);
        return NULL;
    }
    led->heard_us = time_us;
    set_end(led);
    return led;
}

void led_visit_free(struct led_visit *led)
{
    if (led)
        led_person_free(led->person);
    free(led);
}

/* --- Steps ----------------------------------------------------------------------------------- */

/* Who already stands, or is stepping on, stays. Nobody without a stance (stand_s 0) can stand. */
static void stand(struct led_visit *led, uint64_t time_us)
{
    struct visit *visit = led->visit;
    const struct protocol_setting *protocol = &visit->subject.protocol;
    if (protocol->stand_s <= 0)
        return;
    led_person_lift(led->person, time_us);
    led_person_stood(led->person);
    if (time_us < visit->on_us || time_us >= visit->off_us) {
        visit->on_us = latest(time_us + us(STEP_BACK_S), led_person_end_us(led->person));
        visit->on_us = latest(visit->on_us, time_us >= visit->off_us ? visit->seated_us : 0);
        visit->stand_us = visit->on_us + us(protocol->step_on_s);
    }
    visit->off_us = visit->stand_us + us(STAND_MOST_S);
    visit->seated_us = visit->off_us + us(protocol->step_on_s);
}

/* Steps off; who has not stepped on yet does not any more. */
static void sit(struct led_visit *led, uint64_t time_us)
{
    struct visit *visit = led->visit;
    const struct protocol_setting *protocol = &visit->subject.protocol;
    uint64_t at_us = time_us + us(STEP_BACK_S);
    if (time_us < visit->on_us) {
        visit->on_us = visit->stand_us = visit->off_us = visit->seated_us = time_us;
        return;
    }
    if (protocol->stand_s <= 0 || at_us >= visit->off_us)
        return;
    visit->off_us = latest(at_us, visit->stand_us);
    visit->seated_us = visit->off_us + us(protocol->step_on_s);
}

static void step(struct led_visit *led, uint64_t time_us, const char *word)
{
    if (strcmp(word, "press")) /* a word of its own ends what is under way */
        led_person_lift(led->person, time_us);
    if (!strcmp(word, "stand"))
        stand(led, time_us);
    else if (!strcmp(word, "sit") || !strcmp(word, "press") || !strcmp(word, "end"))
        sit(led, time_us);
}

/* A step `sit` that names one foot: it is laid flat, in the cup if one is told. */
static int seat(struct led_visit *led, uint64_t time_us, const json_t *word, struct problem *why)
{
    const json_t *feet = json_object_get(word, "feet");
    const json_t *foot = json_array_get(feet, 0), *cup = json_object_get(word, "heel_cup");
    const char *side = json_string_value(json_object_get(foot, "side"));
    struct point heel;
    if (json_array_size(feet) != 1 || !side || (strcmp(side, "left") && strcmp(side, "right")))
        return 0;
    if (!cup)
        cup = json_object_get(foot, "heel_cup");
    int has_cup = read_point(cup, &heel);
    return led_person_seat(led->person, latest(time_us, led->visit->seated_us),
                           strcmp(side, "left") ? SIDE_RIGHT : SIDE_LEFT, has_cup ? &heel : NULL,
                           bounded(cup, "angle_deg", -180, 180, 0), why) < 0;
}

/* Who is to shift weight stands, or steps on for it. */
static int shift(struct led_visit *led, uint64_t time_us, const struct led_press *told,
                 struct problem *why)
{
    struct weight_shift shift;
    stand(led, time_us);
    time_us = latest(time_us, led->visit->stand_us);
    int result =
        weight_shift_plan(&shift, led->visit, time_us, told->side, told->zone, told->aim, why);
    if (result)
        return result < 0;
    return led_person_shift(led->person, time_us, told, &shift, why) < 0;
}

static int press(struct led_visit *led, uint64_t time_us, const json_t *object, struct problem *why)
{
    struct led_press told;
    if (!read_press(object, led->ramp_kpa_s, &told))
        return 0;
    if (told.is_flat)
        return shift(led, time_us, &told, why);
    sit(led, time_us);
    /* The foot comes to the stud when the person sits. */
    return led_person_hear(led->person, latest(time_us, led->visit->seated_us), &told, why) < 0;
}

/* The step of the presses is a seated one, but for shifts of weight. */
static int is_standing_press(const char *said, const json_t *press, const json_t *protocol)
{
    const char *kind = json_string_value(json_object_get(protocol, "tool_kind"));
    return !strcmp(said, "press") &&
           (is_kind(json_object_get(press, "tool"), "flat") || (kind && !strcmp(kind, "flat")));
}

int led_visit_hear(struct led_visit *led, uint64_t time_us, const char *json, struct problem *why)
{
    json_t *word = json_loads(json, 0, NULL);
    const char *said = json_string_value(json_object_get(word, "step"));
    const json_t *protocol = json_object_get(word, "protocol");
    const json_t *object = json_object_get(word, "press");
    int result = 0;
    if (protocol && !isnan(ramp_of(protocol)))
        led->ramp_kpa_s = ramp_of(protocol);
    if (json_is_object(json_object_get(word, "stopped")))
        led_person_lift(led->person, time_us);
    if (said && !is_standing_press(said, object, protocol))
        step(led, time_us, said);
    if (said && !strcmp(said, "sit") && seat(led, time_us, word, why))
        result = -1;
    if (json_is_object(object) && press(led, time_us, object, why))
        result = -1;
    if (said && !strcmp(said, "end")) {
        led_person_lift(led->person, time_us);
        led->has_ended = 1;
    }
    led->heard_us = time_us;
    set_end(led);
    json_decref(word);
    return result;
}

void led_visit_see(struct led_visit *led, uint64_t time_us, unsigned signals)
{
    led_person_see(led->person, time_us, signals);
    set_end(led);
}

int led_visit_next_edge(struct led_visit *led, uint64_t until_us, struct button_edge *edge)
{
    return led_person_next_edge(led->person, until_us, edge);
}
