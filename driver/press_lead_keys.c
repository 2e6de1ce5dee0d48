/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead_private.h"

#include "driver/press_keys.h"

#include <stdio.h>

#define EMPTY_S 1.0      /* so long empty, and the person sits */
#define AUTO_AGAIN_S 1.0 /* "placed" is said again where once was not enough */

/* Broken off before the engine leads. */
static void end_early(struct press_lead *lead)
{
    snprintf(lead->result->ended, sizeof lead->result->ended, "before the first press");
    snprintf(lead->end_note, sizeof lead->end_note,
             "{\"schema\":\"" LEAD_SCHEMA "\",\"step\":\"end\"}");
    lead->end_note_us = lead->time_us + 1;
    lead_enter(lead, PRESS_PHASE_OVER);
}

static void take_key(struct press_lead *lead, int key)
{
    if (lead->phase == PRESS_PHASE_TEST) {
        press_protocol_key(lead->setup.protocol, lead->time_us, key);
        return;
    }
    if (key == PRESS_KEY_END && lead->phase != PRESS_PHASE_OVER)
        end_early(lead);
    else if (lead->phase == PRESS_PHASE_STAND && key == PRESS_KEY_SKIP)
        lead->wants_template = 1;
    else if (lead->phase == PRESS_PHASE_SIT && key == PRESS_KEY_GO)
        lead_begin_test(lead);
}

void lead_read_keys(struct press_lead *lead)
{
    int key;
    while (!lead->is_auto && lead->phase != PRESS_PHASE_OVER &&
           (key = press_keys_read(lead->o->keyboard_fd)) != PRESS_KEYS_NONE)
        take_key(lead, key == PRESS_KEYS_GONE ? PRESS_KEY_END : key);
}

/* Nobody at the keyboard: the virtual person has done what was asked, and no scale is answered. */
void lead_play_operator(struct press_lead *lead)
{
    struct press_cue cue;
    if (lead->phase == PRESS_PHASE_SIT && lead_empty_for(lead, EMPTY_S))
        lead_begin_test(lead);
    if (lead->phase != PRESS_PHASE_TEST)
        return;
    press_protocol_cue(lead->setup.protocol, &cue);
    int is_new = cue.step != lead->auto_step;
    int is_due = (double)(lead->time_us - lead->auto_us) * 1e-6 >= AUTO_AGAIN_S;
    int is_ours = cue.step == PRESS_STEP_PLACE || cue.step == PRESS_STEP_SKIN ||
                  cue.step == PRESS_STEP_SCALE || (cue.step == PRESS_STEP_REST && !is_new);
    lead->auto_step = cue.step;
    if (is_new && !is_ours)
        lead->auto_us = lead->time_us;
    if (!is_ours || !(is_new || is_due))
        return;
    lead->auto_us = lead->time_us;
    press_protocol_key(lead->setup.protocol, lead->time_us,
                       cue.step == PRESS_STEP_SCALE ? PRESS_KEY_SKIP : PRESS_KEY_GO);
}
