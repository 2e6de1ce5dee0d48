/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead_private.h"

#include "analysis/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lead_tell(struct press_lead *lead, const char *format, ...)
{
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    lead->o->screen->tell(lead->o->screen->context, sentence);
}

/* Queues an annotation; takes `value` over. */
int lead_say(struct press_lead *lead, const char *member, json_t *value, struct problem *why)
{
    json_t *note = json_pack("{s:s, s:o}", "schema", LEAD_SCHEMA, member, value);
    if (!note || json_array_append_new(lead->notes, note))
        return problem_no_memory(why, "a press test");
    return 0;
}

int lead_say_step(struct press_lead *lead, const char *step, struct problem *why)
{
    return lead_say(lead, "step", json_string(step), why);
}

static json_t *number_or_null(double value)
{
    return value > 0 ? json_real(value) : json_null();
}

int lead_say_subject(struct press_lead *lead, struct problem *why)
{
    const struct press_run_options *o = lead->o;
    const char *sex = o->sex == STATED_FEMALE ? "female" : o->sex == STATED_MALE ? "male" : NULL;
    json_t *subject = json_object();
    if (o->client && *o->client)
        json_object_set_new(subject, "label", json_string(o->client));
    if (sex)
        json_object_set_new(subject, "sex", json_string(sex));
    if (o->length_mm[SIDE_LEFT] > 0 || o->length_mm[SIDE_RIGHT] > 0)
        json_object_set_new(subject, "foot_length_mm",
                            json_pack("{s:o, s:o}", "left", number_or_null(o->length_mm[SIDE_LEFT]),
                                      "right", number_or_null(o->length_mm[SIDE_RIGHT])));
    if (!json_object_size(subject)) {
        json_decref(subject);
        return 0;
    }
    return lead_say(lead, "subject", subject, why);
}

/* What was asked before; a virtual person who was asked nothing says so. */
int lead_say_screening(struct press_lead *lead, struct problem *why)
{
    if (!lead->o->screening)
        return lead_say(lead, "screening",
                        json_pack("{s:n, s:n, s:n, s:[], s:s}", "date", "person", "operator",
                                  "reasons", "none", "virtual"),
                        why);
    json_t *all = screening_annotations(lead->o->screening);
    int bad = !all || json_array_extend(lead->notes, all);
    json_decref(all);
    return bad ? problem_no_memory(why, "a screening") : 0;
}

/* A note that the program made itself is whole JSON. */
int lead_say_notes(struct press_lead *lead, struct problem *why)
{
    const struct operator_notes *notes = lead->o->notes;
    for (int i = 0; notes && i < notes->n; i++) {
        json_t *note = json_loads(notes->json[i], 0, NULL);
        if (!note || json_array_append_new(lead->notes, note))
            return problem_no_memory(why, "a note");
    }
    return 0;
}

/* The next queued annotation as text, or NULL. */
const char *lead_next_note(struct press_lead *lead)
{
    json_t *note = json_array_get(lead->notes, lead->next_note);
    if (!note)
        return NULL;
    free(lead->text);
    lead->text = json_dumps(note, JSON_COMPACT);
    lead->next_note++;
    return lead->text;
}

/* --- Told to the operator -------------------------------------------------------------------- */

void lead_tell_cup(struct press_lead *lead)
{
    const struct point *cup = lead->setup.cup;
    if (!lead->o->tool->has_heel_cup) {
        lead_tell(
            lead,
            "The foot to be tested points to the front, in the middle of the plate; its heel's "
            "back edge about %.0f mm from the back edge.",
            cup[SIDE_LEFT].y_mm);
        return;
    }
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        lead_tell(
            lead,
            "Heel cup for the %s foot: its back edge %.0f mm from the plate's left edge and %.0f "
            "mm from its back edge, pointing straight to the front.",
            side_name((enum side)side), cup[side].x_mm, cup[side].y_mm);
}

void lead_tell_route(struct press_lead *lead)
{
    const struct route *route = &lead->setup.route;
    lead->result->n_places = route->n;
    lead->result->n_left_out = route->n_left_out;
    lead->result->taken_up = lead->setup.take_up;
    lead_tell(lead, "Route '%s': %d place%s to press.", route_kind_name(route->kind), route->n,
              route->n == 1 ? "" : "s");
    for (int i = 0; i < route->n_left_out; i++) {
        const struct route_left_out *out = &route->left_out[i];
        lead_tell(lead, "%s, %s foot: %s: %s", out->id,
                  out->side == SIDE_LEFT    ? "left"
                  : out->side == SIDE_RIGHT ? "right"
                                            : "either",
                  out->moved ? "moved beside what is excluded" : "not pressed", out->why);
    }
    if (lead->setup.take_up)
        lead_tell(lead, "The earlier test was broken off; it is gone on with.");
}

void lead_tell_plate(struct press_lead *lead)
{
    if (lead->o->tool->kind == TOOL_MAT)
        lead_tell(lead,
                  "The plate's own limit knows no single stud of a mat: the program alone "
                  "watches, and the ceilings are %.0f %% lower. Lift at the first sound.",
                  100 * (1 - PRESS_SOFTWARE_CEILING));
    else if (lead->o->tool->kind == TOOL_FLAT)
        lead_tell(lead, "No plate can limit the force of somebody who stands: the program watches, "
                        "and the other foot takes the weight back.");
    else if (lead->result->limit_in_software)
        lead_tell(
            lead,
            "This plate has no limit of its own: the program alone watches, and the ceilings are "
            "%.0f %% lower. Lift at the first sound.",
            100 * (1 - PRESS_SOFTWARE_CEILING));
    if (lead->result->keyboard_answers)
        lead_tell(lead,
                  "This plate has no button: the operator types 3 or 4 the moment the person says "
                  "\"pain\"; such answers are less exact and are marked.");
    if (!lead->result->screened)
        lead_tell(lead, "No screening: this plate is virtual, nobody is pressed.");
}

static const char *foot_of(const struct press_left_out *out)
{
    return side_name(out->place->side);
}

/* Places that were not reached are told at once, not one by one. */
static void tell_unreached(struct press_lead *lead, int first)
{
    char list[300] = "";
    int n = 0, more = 0;
    struct press_left_out out;
    for (int i = first; press_protocol_left_out(lead->setup.protocol, i, &out); i++) {
        if (!out.is_unreached)
            continue;
        size_t at = strlen(list);
        if (at + 40 > sizeof list)
            more++;
        else
            snprintf(list + at, sizeof list - at, "%s%s %s", n ? ", " : "", foot_of(&out),
                     out.place->id);
        n++;
    }
    lead->result->n_unreached += n;
    if (n && more)
        lead_tell(lead, "Not tested, the test ended before: %s and %d more.", list, more);
    else if (n)
        lead_tell(lead, "Not tested, the test ended before: %s.", list);
}

void lead_tell_left_out(struct press_lead *lead)
{
    struct press_left_out out;
    int first = lead->left_out_told;
    if (!lead->setup.protocol)
        return;
    for (; press_protocol_left_out(lead->setup.protocol, lead->left_out_told, &out);
         lead->left_out_told++) {
        if (out.is_unreached)
            continue;
        lead->result->n_given_up++;
        lead_tell(lead, "%s: %s foot, %s: %s.",
                  out.presses ? "Not pressed again today" : "Not tested", foot_of(&out),
                  out.place->id, out.why);
    }
    if (lead->left_out_told > first)
        tell_unreached(lead, first);
}
