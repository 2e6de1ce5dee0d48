/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guided test of whole feet, seated on a mat or by weight shifts on the bare plate: from the feet
 * that were seen to the engine, whose own steps ask for all the rest. */
#include "driver/press_lead_private.h"

static void tell_left_out(struct press_lead *lead)
{
    int is_mat = lead->o->tool->kind == TOOL_MAT;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (lead->setup.left_out[side])
            lead_tell(lead, "The %s foot is left out: %s.", side_name((enum side)side),
                      is_mat ? "something of it is excluded, and a mat spares nothing"
                             : "it was not seen on the plate, or is excluded");
}

static void tell_way(struct press_lead *lead, int turns)
{
    if (lead->o->tool->kind == TOOL_MAT)
        lead_tell(
            lead,
            "Mat of studs, %d times: step off the plate and sit down before it. One foot is then "
            "lowered onto the mat by its own leg, the other stays on the floor; nobody stands on "
            "the mat.",
            turns);
    else
        lead_tell(lead,
                  "Weight shifts, %d of them: stay where you stand, with a firm hold within reach.",
                  turns);
    lead_tell(lead, "An answer names no single place: it flags nothing, and tells what to press "
                    "with a single stud.");
}

int lead_plan_standing(struct press_lead *lead, struct problem *why)
{
    struct press_cue cue;
    int is_mat = lead->o->tool->kind == TOOL_MAT;
    if (press_setup_make(&lead->setup, lead->o, &lead->grid, lead->commands.calibration,
                         &lead->feet, lead->earlier, 1, why) ||
        (is_mat && lead_say_step(lead, "sit", why)))
        return -1;
    lead->has_feet = 1;
    press_protocol_cue(lead->setup.protocol, &cue);
    lead->result->n_places = cue.presses_left;
    tell_left_out(lead);
    tell_way(lead, cue.presses_left);
    lead_enter(lead, is_mat ? PRESS_PHASE_SIT : PRESS_PHASE_TEST);
    return 0;
}

int lead_needs_seen_feet(struct press_lead *lead)
{
    if (lead->o->tool->kind != TOOL_FLAT || !lead->wants_template)
        return 0;
    lead->wants_template = 0;
    lead_tell(lead, "Weight shifts need feet that were seen: stand still on both.");
    return 1;
}
