/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead.h"

#include "driver/clock.h"
#include "driver/press_lead_private.h"
#include "firmware/wire/problem_code.h"

#include <stdlib.h>
#include <string.h>

/* --- What the plate says --------------------------------------------------------------------- */

/* The device's clock, going on where it was when the plate has restarted. */
static uint64_t continued(struct press_lead *lead, const struct wire_message *message)
{
    uint64_t time_us = message->device_time_us + (uint64_t)lead->shift_us;
    uint64_t slack_us = 1000000;
    if (message->type == WIRE_FRAME && lead->has_time && time_us + slack_us < lead->time_us) {
        lead->shift_us = (int64_t)(lead->time_us + slack_us - message->device_time_us);
        time_us = message->device_time_us + (uint64_t)lead->shift_us;
    }
    return time_us > lead->time_us || !lead->has_time ? time_us : lead->time_us;
}

static int engine_frame(struct press_lead *lead, const float *kpa, struct problem *why)
{
    if (lead->phase != PRESS_PHASE_TEST)
        return 0;
    press_commands_refine(&lead->commands, kpa);
    return press_protocol_frame(lead->setup.protocol, lead->time_us, kpa, why);
}

static void show(struct press_lead *lead, const struct session_progress *progress)
{
    struct press_cue cue;
    struct press_view view = {.phase = lead->phase,
                              .elapsed_s = progress ? progress->elapsed_s : lead_in_phase_s(lead),
                              .stand_s = lead->o->stand_s,
                              .tool = lead->o->tool,
                              .grid = lead->grid,
                              .ramp_low_kpa_s = 30,
                              .ramp_high_kpa_s = 50};
    if (lead->stand) {
        view.is_standing = press_stand_is_on(lead->stand);
        view.stood_s = press_stand_seconds(lead->stand);
    }
    if (progress) {
        view.silent_s = progress->silent_s;
        view.is_waiting = progress->is_waiting;
        view.waiting_s = progress->waiting_s;
        view.wait_s = progress->wait_s;
    }
    if (lead->setup.protocol) {
        press_protocol_cue(lead->setup.protocol, &cue);
        view.cue = &cue;
    }
    lead->o->screen->show(lead->o->screen->context, &view);
}

static int hear_frame(struct press_lead *lead, const struct wire_message *message,
                      struct problem *why)
{
    const float *kpa = live_numbers_kpa(lead->live, message);
    lead->time_us = continued(lead, message);
    if (!lead->has_time) {
        lead->has_time = 1;
        lead_enter(lead, PRESS_PHASE_CLEAR);
        if (lead_begin(lead, why))
            return -1;
    }
    if (!kpa)
        return 0;
    lead_note_empty(lead, kpa);
    if (lead->phase == PRESS_PHASE_STAND && lead_stand_frame(lead, kpa, why))
        return -1;
    return engine_frame(lead, kpa, why);
}

static void hear_event(struct press_lead *lead, const struct wire_message *message)
{
    struct wire_event event;
    if (lead->phase != PRESS_PHASE_TEST ||
        wire_get_event(message->payload, message->payload_len, &event))
        return;
    uint64_t time_us = message->device_time_us + (uint64_t)lead->shift_us;
    if (event.kind == WIRE_BUTTON_DOWN || event.kind == WIRE_BUTTON_UP)
        press_protocol_button(lead->setup.protocol, time_us, event.kind == WIRE_BUTTON_DOWN);
    else if (event.kind == WIRE_LIMIT_REACHED)
        press_protocol_limit(lead->setup.protocol, time_us);
}

static int hear(void *context, const struct wire_message *message, struct problem *why)
{
    struct press_lead *lead = context;
    live_numbers_watch(lead->live, message);
    if (message->type == WIRE_FRAME && hear_frame(lead, message, why))
        return -1;
    if (message->type == WIRE_EVENT)
        hear_event(lead, message);
    int is_set = press_commands_hear(&lead->commands, message);
    if (is_set >= 0 && lead->phase == PRESS_PHASE_TEST) {
        if (!is_set)
            lead_tell(lead, "The plate refuses to watch the ceiling there: no press is made.");
        press_protocol_limit_set(lead->setup.protocol, is_set);
    }
    if (message->type != WIRE_FRAME)
        return 0;
    if (lead->is_auto)
        lead_play_operator(lead);
    show(lead, NULL);
    return 0;
}

/* --- What is wanted of it -------------------------------------------------------------------- */

static int wants(void *context, double elapsed_s, struct session_wish *wish)
{
    struct press_lead *lead = context;
    (void)elapsed_s;
    lead_read_keys(lead);
    if ((wish->say = lead_next_note(lead)) != NULL)
        return 1;
    if (lead_obey_engine(lead, wish) || press_commands_next(&lead->commands, host_clock_us(), wish))
        return 1;
    if (!lead_is_time_to_end(lead))
        return 0;
    lead->end_note_us = 0;
    wish->say = lead->end_note;
    return 1;
}

/* --- Meeting --------------------------------------------------------------------------------- */

static int check_plate(const struct press_lead *lead, const struct session_plate *plate,
                       struct problem *why)
{
    const char *serial = plate->hello->serial;
    if (plate->is_one_way)
        return problem(why, PROBLEM_REFUSED,
                       "%s hears no commands: a press test needs a plate that can be told to watch "
                       "the ceiling",
                       lead->o->uri);
    if (!plate->calibration && !plate->hello->full_scale_kpa)
        return problem_coded(
            why, PROBLEM_CODE_NO_SCALE, PROBLEM_REFUSED,
            "the plate %s states no full scale, so pressures are not known: name its "
            "--calibration",
            serial);
    if (lead->result->is_virtual)
        return 0;
    if (lead->is_auto)
        return problem(why, PROBLEM_REFUSED,
                       "a press test on a person needs somebody at the keyboard who can stop it: "
                       "run it in a terminal");
    if (!lead->o->screening)
        return problem_coded(
            why, PROBLEM_CODE_NO_SCREENING, PROBLEM_REFUSED,
            "no press test without a screening of today: 'tenderfoot screen -o FILE', "
            "then --screening FILE");
    return 0;
}

static int meet(void *context, const struct session_plate *plate, struct problem *why)
{
    struct press_lead *lead = context;
    const struct wire_hello *hello = plate->hello;
    lead->plate = hello;
    lead->result->is_virtual = (hello->features & WIRE_IS_VIRTUAL) != 0;
    lead->result->limit_in_software = !(hello->features & WIRE_HAS_LIMIT);
    lead->result->keyboard_answers = !(hello->features & WIRE_HAS_BUTTON);
    lead->result->screened = lead->o->screening != NULL;
    lead->result->tool_kind = lead->o->tool->kind;
    lead->grid =
        (struct grid){hello->rows, hello->cols, hello->pitch_x_um * 1e-3, hello->pitch_y_um * 1e-3};
    if (check_plate(lead, plate, why))
        return -1;
    const struct calibration *calibration = plate->calibration;
    if (!calibration)
        calibration = lead->nominal =
            calibration_nominal(hello->rows, hello->cols, hello->bits, hello->full_scale_kpa, why);
    if (!calibration)
        return -1;
    lead->live = live_numbers_create(hello, calibration, why);
    lead->commands = press_commands_for(hello, calibration, lead->o->tool);
    if (!lead->live)
        return -1;
    lead_tell_plate(lead);
    return 0;
}

/* --- Made ------------------------------------------------------------------------------------ */

struct press_lead *press_lead_make(const struct press_run_options *options,
                                   const struct press_feet *feet, struct press_earlier *earlier,
                                   struct press_run_result *result, struct problem *why)
{
    struct press_lead *lead = calloc(1, sizeof *lead);
    if (lead) {
        *lead = (struct press_lead){.o = options,
                                    .result = result,
                                    .earlier = earlier,
                                    .is_auto = options->keyboard_fd < 0,
                                    .has_feet = feet != NULL,
                                    .notes = json_array()};
        if (feet)
            lead->feet = *feet;
    }
    if (lead && lead->notes)
        return lead;
    problem_no_memory(why, "a press test");
    press_lead_free(lead);
    return NULL;
}

void press_lead_free(struct press_lead *lead)
{
    if (!lead)
        return;
    press_setup_free(&lead->setup);
    press_stand_free(lead->stand);
    live_numbers_free(lead->live);
    calibration_free(lead->nominal);
    json_decref(lead->notes);
    free(lead->text);
    free(lead);
}

struct session_leader press_lead_leader(struct press_lead *lead)
{
    return (struct session_leader){.context = lead, .meet = meet, .hear = hear, .wants = wants};
}

void press_lead_progress(void *context, const struct session_progress *progress)
{
    struct press_lead *lead = context;
    const struct press_screen *screen = lead->o->screen;
    double silent_s = progress->is_waiting ? progress->waiting_s : progress->silent_s;
    if (screen->progress)
        screen->progress(screen->context, progress);
    if (silent_s < 1)
        return;
    if (lead->phase == PRESS_PHASE_TEST)
        press_protocol_tick(lead->setup.protocol, lead->time_us + (uint64_t)(silent_s * 1e6));
    show(lead, progress);
}

/* However it ended: which places of the route were pressed. */
static void count_places(const struct press_lead *lead)
{
    struct press_run_result *r = lead->result;
    const struct route *route = &lead->setup.route;
    int more = 0;
    for (int i = 0; lead->o->tool->kind == TOOL_SINGLE && i < route->n; i++) {
        enum press_pressed pressed = press_protocol_pressed(lead->setup.protocol, i);
        size_t at = strlen(r->never_pressed), room = sizeof r->never_pressed - at;
        r->n_pressed += pressed == PRESSED_NOW;
        r->n_pressed_earlier += pressed == PRESSED_EARLIER;
        if (pressed == PRESSED_NEVER && room > 60)
            snprintf(r->never_pressed + at, room, "%s%s %s", at ? ", " : "",
                     side_name(route->places[i].side), route->places[i].id);
        else
            more += pressed == PRESSED_NEVER;
    }
    size_t at = strlen(r->never_pressed);
    if (more)
        snprintf(r->never_pressed + at, sizeof r->never_pressed - at, " and %d more", more);
}

void press_lead_result(const struct press_lead *lead)
{
    struct press_cue cue;
    if (lead->setup.protocol)
        count_places(lead);
    if (!lead->setup.protocol || lead->result->is_finished)
        return;
    press_protocol_cue(lead->setup.protocol, &cue);
    lead->result->presses = cue.presses_done;
}
