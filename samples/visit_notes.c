/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/visit_notes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Takes over `note` (NULL = memory was short) and keeps it as text. */
static int add_note(struct visit *s, uint64_t time_us, json_t *note, struct problem *why)
{
    char *text = NULL;
    if (note && !json_object_set_new(note, "schema", json_string("tenderfoot/annotation/1")))
        text = json_dumps(note, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    json_decref(note);
    if (!text)
        return problem_no_memory(why, "an annotation");
    s->notes[s->n_notes++] = (struct visit_note){time_us, text};
    return 0;
}

static const char *sex_word(enum sex sex)
{
    return sex == SEX_FEMALE ? "female" : sex == SEX_MALE ? "male" : NULL;
}

static json_t *lengths(const struct visit *s)
{
    json_t *object = json_object();
    for (int i = 0; i < s->subject.n_feet; i++)
        json_object_set_new(object, subject_side_name(s->subject.feet[i].side),
                            json_real(s->subject.feet[i].length_mm));
    return object;
}

/* The operator names feet in the order of x: left before right as the plate is seen from above. */
static json_t *feet(const struct visit *s)
{
    json_t *array = json_array();
    int first =
        s->subject.n_feet == 2 && s->subject.feet[1].heel.x_mm < s->subject.feet[0].heel.x_mm;
    for (int i = 0; i < s->subject.n_feet; i++) {
        enum side side = s->subject.feet[first ? 1 - i : i].side;
        json_array_append_new(array, json_pack("{s:s}", "side", subject_side_name(side)));
    }
    return array;
}

static json_t *first_note(const struct visit *s)
{
    const struct person *person = &s->subject.person;
    const char *sex = sex_word(person->sex);
    json_t *who = json_pack("{s:s, s:o, s:f}", "label", person->label, "sex",
                            sex ? json_string(sex) : json_null(), "age_years", person->age_years);
    if (who && s->subject.protocol.tell_length)
        json_object_set_new(who, "foot_length_mm", lengths(s));
    json_t *note = json_pack("{s:s, s:o}", "step", "empty", "subject", who);
    if (note && s->subject.protocol.tell_sides)
        json_object_set_new(note, "feet", feet(s));
    return note;
}

static json_t *exclusion_note(const struct exclusion *one)
{
    return json_pack("{s:{s:[s], s:s, s:s}}", "exclude", "zones", one->where.zone, "side",
                     subject_side_name(one->side), "why", one->why);
}

static json_t *press_object(const struct visit *s, const struct planned_press *press)
{
    const struct press_setting *setting = &s->subject.protocol.press;
    const struct press_tool *tool = &setting->tool;
    json_t *object = json_pack(
        "{s:i, s:i, s:s, s:b, s:f, s:{s:s, s:f, s:f, s:f}, s:{s:f, s:f}}", "number", press->number,
        "pass", press->pass, "side", subject_side_name(press->side), "catch", press->is_catch,
        "ceiling_kpa", press->ceiling_kpa, "tool", "name", tool->name, "tip_cm2", tool->tip_cm2,
        "footprint_cm2", tool->footprint_cm2, "footprint_factor", tool->footprint_factor, "stud",
        "x_mm", press->stud.x_mm, "y_mm", press->stud.y_mm);
    json_t *cup = setting->heel_cup
                      ? json_pack("{s:f, s:f, s:f}", "x_mm", press->cup.heel.x_mm, "y_mm",
                                  press->cup.heel.y_mm, "angle_deg", press->cup.angle_deg)
                      : json_null();
    if (object && json_object_set_new(object, "heel_cup", cup)) {
        json_decref(object);
        return NULL;
    }
    if (object && tool->pitch_mm > 0) {
        json_t *told = json_object_get(object, "tool");
        json_object_set_new(told, "kind", json_string("mat"));
        json_object_set_new(told, "pitch_mm", json_real(tool->pitch_mm));
    }
    if (object && press->zone[0])
        json_object_set_new(object, "target_zone", json_string(press->zone));
    return object;
}

static json_t *seat_note(const struct planned_seat *seat)
{
    return json_pack("{s:s, s:[{s:s}]}", "step", "sit", "feet", "side",
                     subject_side_name(seat->side));
}

/* Feet laid flat before this press and not told yet. */
static int seat_notes(struct visit *s, uint64_t until_us, int *told, struct problem *why)
{
    const struct press_plan *plan = &s->presses;
    for (; *told < plan->n_seats && plan->seats[*told].from_us < until_us; (*told)++)
        if (add_note(s, plan->seats[*told].from_us, seat_note(&plan->seats[*told]), why))
            return -1;
    return 0;
}

static int press_notes(struct visit *s, struct problem *why)
{
    const struct press_plan *plan = &s->presses;
    int seats_told = 0;
    for (int i = 0; i < plan->n; i++) {
        const struct planned_press *press = &plan->presses[i];
        if (seat_notes(s, press->begin_us, &seats_told, why))
            return -1;
        if (plan->stopped_at == i &&
            add_note(s, plan->stop_us - 1,
                     json_pack("{s:{s:s, s:s}}", "stopped", "side",
                               subject_side_name(s->subject.protocol.press.stop_side), "why",
                               s->subject.protocol.press.stop_why),
                     why))
            return -1;
        json_t *note = json_pack("{s:s, s:o}", "step", "press", "press", press_object(s, press));
        if (add_note(s, press->begin_us, note, why))
            return -1;
    }
    return seat_notes(s, UINT64_MAX, &seats_told, why);
}

/* A stop after which no press follows is said at the end of the last one. */
static int last_notes(struct visit *s, struct problem *why)
{
    const struct press_plan *plan = &s->presses;
    if (plan->stopped_at == plan->n && plan->n &&
        add_note(s, plan->end_us,
                 json_pack("{s:{s:s, s:s}}", "stopped", "side",
                           subject_side_name(s->subject.protocol.press.stop_side), "why",
                           s->subject.protocol.press.stop_why),
                 why))
        return -1;
    return add_note(s, plan->end_us, json_pack("{s:s}", "step", "end"), why);
}

int visit_notes_make(struct visit *s, struct problem *why)
{
    const struct protocol_setting *protocol = &s->subject.protocol;
    size_t cap =
        6 + (size_t)s->presses.n + (size_t)s->presses.n_seats + (size_t)protocol->n_excluded;
    s->notes = calloc(cap, sizeof *s->notes);
    if (!s->notes)
        return problem_no_memory(why, "annotations");
    if (add_note(s, 0, first_note(s), why))
        return -1;
    for (int i = 0; i < protocol->n_excluded; i++)
        if (add_note(s, 0, exclusion_note(&protocol->excluded[i]), why))
            return -1;
    if (protocol->stand_s > 0 &&
        (add_note(s, s->stand_us, json_pack("{s:s}", "step", "stand"), why) ||
         add_note(s, s->off_us, json_pack("{s:s}", "step", "sit"), why)))
        return -1;
    return press_notes(s, why) || last_notes(s, why) ? -1 : 0;
}
