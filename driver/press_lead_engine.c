/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead_private.h"

#include <stdio.h>
#include <string.h>

#define LAST_LIFT_S 3.0 /* the recording does not end under a foot that is still down */

static void set_limit(struct press_lead *lead, const struct press_action *action)
{
    struct problem why;
    switch (press_commands_limit(&lead->commands, action, &why)) {
    case PRESS_LIMIT_ASKED:
        return;
    case PRESS_LIMIT_IN_SOFTWARE:
        press_protocol_limit_set(lead->setup.protocol, 1);
        return;
    case PRESS_LIMIT_IMPOSSIBLE:
        lead_tell(lead, "No press here: %s.", why.text);
        press_protocol_limit_set(lead->setup.protocol, 0);
    }
}

static int is_last_word(const char *json)
{
    json_t *note = json_loads(json, 0, NULL);
    const char *step = json_string_value(json_object_get(note, "step"));
    int is_last = step && !strcmp(step, "end");
    json_decref(note);
    return is_last;
}

static int is_press(const char *json)
{
    json_t *note = json_loads(json, 0, NULL);
    int is = json_object_get(note, "press") != NULL;
    json_decref(note);
    return is;
}

/* The engine's end is kept back until nothing presses any more, so that light and buzzer are seen
 * and the last lift is in the recording. */
static void keep_last_word(struct press_lead *lead, const char *json)
{
    struct press_cue cue;
    press_protocol_cue(lead->setup.protocol, &cue);
    lead->result->is_finished = 1;
    lead->result->presses = cue.presses_done;
    snprintf(lead->result->ended, sizeof lead->result->ended, "%s", cue.ended);
    snprintf(lead->end_note, sizeof lead->end_note, "%s", json);
    lead->end_note_us = lead->time_us + 1;
    lead_enter(lead, PRESS_PHASE_OVER);
}

int lead_is_time_to_end(const struct press_lead *lead)
{
    return lead->end_note_us &&
           (lead->is_empty || (double)(lead->time_us - lead->phase_us) * 1e-6 >= LAST_LIFT_S);
}

/* The engine's next word: 1 when there is something to say. */
int lead_obey_engine(struct press_lead *lead, struct session_wish *wish)
{
    struct press_action action;
    lead_tell_left_out(lead);
    while (lead->setup.protocol &&
           (lead->phase == PRESS_PHASE_TEST || lead->phase == PRESS_PHASE_OVER) &&
           press_protocol_action(lead->setup.protocol, &action)) {
        switch (action.kind) {
        case PRESS_ACTION_ANNOTATE:
            lead->result->announced |= is_press(action.json);
            if (!is_last_word(action.json)) {
                wish->say = action.json;
                return 1;
            }
            keep_last_word(lead, action.json);
            break;
        case PRESS_ACTION_SET_LIMIT:
            set_limit(lead, &action);
            break;
        case PRESS_ACTION_CLEAR_LIMIT:
            press_commands_clear(&lead->commands);
            break;
        case PRESS_ACTION_SIGNAL:
            press_commands_signal(&lead->commands, action.duration_ms);
            break;
        case PRESS_ACTION_END:
            break;
        }
    }
    return 0;
}
