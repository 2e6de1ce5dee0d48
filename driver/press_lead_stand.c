/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead_private.h"

#include "analysis/frame_numbers.h"

#define CONTACT_KPA 5.0
#define EMPTY_N 20.0
#define ON_S 1.0      /* so long standing, and it is a stand */
#define NOBODY_S 30.0 /* a virtual person who does not stand by then never will */

void lead_enter(struct press_lead *lead, enum press_phase phase)
{
    lead->phase = phase;
    lead->phase_us = lead->time_us;
}

double lead_in_phase_s(const struct press_lead *lead)
{
    return (double)(lead->time_us - lead->phase_us) * 1e-6;
}

void lead_note_empty(struct press_lead *lead, const float *kpa)
{
    double force_n = frame_numbers(&lead->grid, kpa, CONTACT_KPA, 0).force_n;
    int is_empty = force_n < EMPTY_N;
    if (is_empty && !lead->is_empty)
        lead->empty_us = lead->time_us;
    lead->is_empty = is_empty;
}

int lead_empty_for(const struct press_lead *lead, double seconds)
{
    return lead->is_empty && (double)(lead->time_us - lead->empty_us) * 1e-6 >= seconds;
}

/* The feet are known: route and engine are made, and the person sits down. */
static int plan(struct press_lead *lead, struct problem *why)
{
    double share = lead->result->limit_in_software ? PRESS_SOFTWARE_CEILING : 1;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        lead_tell(lead, "%s foot: %s.", side == SIDE_LEFT ? "Left" : "Right", lead->feet.how[side]);
    if (lead->o->tool->kind != TOOL_SINGLE)
        return lead_plan_standing(lead, why);
    if (press_setup_make(&lead->setup, lead->o, &lead->grid, lead->commands.calibration,
                         &lead->feet, lead->earlier, share, why) ||
        lead_say_step(lead, "sit", why))
        return -1;
    lead->has_feet = 1;
    lead_tell_route(lead);
    lead_tell(lead, "Sit down; the plate stays empty until a place is named.");
    lead_tell_cup(lead);
    if (!lead->is_auto)
        lead_tell(lead, "Enter when the person sits and the cup is set.");
    lead_enter(lead, PRESS_PHASE_SIT);
    return 0;
}

static int use_template(struct press_lead *lead, struct problem *why)
{
    press_feet_template(lead->o->length_mm, &lead->feet);
    return plan(lead, why);
}

/* Whom the screening keeps off the plate with a foot, or from standing, sits from the beginning:
 * the other foot is pressed where a foot of the template's shape has its zones. */
static int is_kept_from_standing(struct press_lead *lead)
{
    const struct press_run_options *o = lead->o;
    struct problem inner;
    if (!o->screening ||
        !screening_permits_stand(o->screening, o->today, o->client, SIDE_UNKNOWN, &inner))
        return 0;
    lead_tell(lead, "%s", inner.text);
    lead_tell(lead, "So nobody stands, and feet of the template's shape are taken: enter their "
                    "lengths (--length), or an earlier stand (--stand).");
    return 1;
}

/* A virtual person hears "stand" and steps on; the recording calls it a stand from when somebody
 * stands. */
int lead_begin(struct press_lead *lead, struct problem *why)
{
    if (lead_say_subject(lead, why) || lead_say_screening(lead, why) || lead_say_notes(lead, why))
        return -1;
    if (lead->has_feet)
        return plan(lead, why);
    if (!(lead->o->stand_s > 0) || is_kept_from_standing(lead))
        return use_template(lead, why);
    lead->stand = press_stand_begin(&lead->grid, why);
    if (!lead->stand || (lead->result->is_virtual && lead_say_step(lead, "stand", why)) ||
        lead_say_step(lead, "empty", why))
        return -1;
    lead_tell(lead, "Stand on the plate, both feet side by side, and still for %g s.%s",
              lead->o->stand_s,
              lead->o->screening && lead->o->screening->with_support
                  ? " Only with a firm hold, as the screening asks (Q34)."
                  : "");
    lead_enter(lead, PRESS_PHASE_STAND);
    return 0;
}

/* Where a look at the feet failed somebody may stand better; a virtual person stands as it does. */
static int see_feet(struct press_lead *lead, struct problem *why)
{
    struct problem inner;
    if (!press_stand_finish(lead->stand, lead->o->length_mm, &lead->feet, &inner))
        return plan(lead, why);
    if (lead->is_auto || inner.kind != PROBLEM_REFUSED) {
        *why = inner;
        return -1;
    }
    lead_tell(lead, "%s. Stand anew; k goes on with feet of the template's shape.", inner.text);
    press_stand_free(lead->stand);
    lead->stand = press_stand_begin(&lead->grid, why);
    return lead->stand ? 0 : -1;
}

int lead_stand_frame(struct press_lead *lead, const float *kpa, struct problem *why)
{
    press_stand_frame(lead->stand, lead->time_us, kpa);
    double stood_s = press_stand_seconds(lead->stand);
    if (!lead->has_said_stand && press_stand_is_on(lead->stand) && stood_s >= ON_S) {
        lead->has_said_stand = 1;
        if (lead_say_step(lead, "stand", why))
            return -1;
    }
    if (stood_s >= lead->o->stand_s)
        return see_feet(lead, why);
    lead_needs_seen_feet(lead);
    if (lead->wants_template ||
        (lead->is_auto && !lead->has_said_stand && lead_in_phase_s(lead) > NOBODY_S))
        return use_template(lead, why);
    return 0;
}

void lead_begin_test(struct press_lead *lead)
{
    lead_enter(lead, PRESS_PHASE_TEST);
    /* With a mat the engine's first step says where it goes: it waits for its own GO. */
    if (lead->o->tool->kind == TOOL_SINGLE)
        press_protocol_key(lead->setup.protocol, lead->time_us, PRESS_KEY_GO);
}
