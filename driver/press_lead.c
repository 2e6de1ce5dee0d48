/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_lead.h"

#include "analysis/frame_numbers.h"
#include "analysis/result.h"
#include "driver/clock.h"
#include "driver/live_numbers.h"
#include "driver/press_commands.h"
#include "driver/press_keys.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/annotation/1"
#define CONTACT_KPA 5.0
#define EMPTY_N 20.0
#define EMPTY_S 1.0      /* so long empty, and the person sits */
#define ON_S 1.0         /* so long standing, and it is a stand */
#define NOBODY_S 30.0    /* a virtual person who does not stand by then never will */
#define AUTO_AGAIN_S 1.0 /* "placed" is said again where once was not enough */
#define LAST_LIFT_S 3.0  /* the recording does not end under a foot that is still down */

struct press_lead {
    const struct press_run_options *o;
    struct press_run_result *result;
    const struct wire_hello *plate;
    struct calibration *nominal; /* our own, when the session has none */
    struct live_numbers *live;
    struct grid grid;
    int is_auto;

    enum press_phase phase;
    uint64_t time_us, phase_us, empty_us; /* device clock, continued; since when empty */
    int64_t shift_us;
    int has_time, is_empty, has_said_stand, wants_template;

    struct press_stand *stand;
    struct press_feet feet;
    int has_feet;
    struct press_earlier *earlier;
    struct press_setup setup;
    struct press_commands commands;

    json_t *notes; /* array: to be said, in this order */
    size_t next_note;
    char *text;           /* of the note last given */
    char end_note[256];   /* the engine's last word, until the foot is off */
    uint64_t end_note_us; /* when it came; 0 = not yet */

    enum press_step auto_step;
    uint64_t auto_us;
};

/* --- Said ------------------------------------------------------------------------------------ */

static void tell(struct press_lead *lead, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void tell(struct press_lead *lead, const char *format, ...)
{
    char sentence[400];
    va_list list;
    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    lead->o->screen->tell(lead->o->screen->context, sentence);
}

/* Queues an annotation; takes `value` over. */
static int say(struct press_lead *lead, const char *member, json_t *value, struct problem *why)
{
    json_t *note = json_pack("{s:s, s:o}", "schema", SCHEMA, member, value);
    if (!note || json_array_append_new(lead->notes, note))
        return problem_no_memory(why, "a press test");
    return 0;
}

static int say_step(struct press_lead *lead, const char *step, struct problem *why)
{
    return say(lead, "step", json_string(step), why);
}

static json_t *number_or_null(double value)
{
    return value > 0 ? json_real(value) : json_null();
}

static int say_subject(struct press_lead *lead, struct problem *why)
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
    return say(lead, "subject", subject, why);
}

/* What was asked before; a virtual person who was asked nothing says so. */
static int say_screening(struct press_lead *lead, struct problem *why)
{
    if (!lead->o->screening)
        return say(lead, "screening",
                   json_pack("{s:n, s:n, s:n, s:[], s:s}", "date", "person", "operator", "reasons",
                             "none", "virtual"),
                   why);
    json_t *all = screening_annotations(lead->o->screening);
    int bad = !all || json_array_extend(lead->notes, all);
    json_decref(all);
    return bad ? problem_no_memory(why, "a screening") : 0;
}

/* The next queued annotation as text, or NULL. */
static const char *next_note(struct press_lead *lead)
{
    json_t *note = json_array_get(lead->notes, lead->next_note);
    if (!note)
        return NULL;
    free(lead->text);
    lead->text = json_dumps(note, JSON_COMPACT);
    lead->next_note++;
    return lead->text;
}

/* --- Phases ---------------------------------------------------------------------------------- */

static double in_phase_s(const struct press_lead *lead)
{
    return (double)(lead->time_us - lead->phase_us) * 1e-6;
}

static void enter(struct press_lead *lead, enum press_phase phase)
{
    lead->phase = phase;
    lead->phase_us = lead->time_us;
}

static void tell_cup(struct press_lead *lead)
{
    const struct point *cup = lead->setup.cup;
    if (!lead->o->tool->has_heel_cup) {
        tell(lead,
             "The foot to be tested points to the front, in the middle of the plate; its heel's "
             "back edge about %.0f mm from the back edge.",
             cup[SIDE_LEFT].y_mm);
        return;
    }
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        tell(lead,
             "Heel cup for the %s foot: its back edge %.0f mm from the plate's left edge and %.0f "
             "mm from its back edge, pointing straight to the front.",
             side == SIDE_LEFT ? "left" : "right", cup[side].x_mm, cup[side].y_mm);
}

static void tell_route(struct press_lead *lead)
{
    const struct route *route = &lead->setup.route;
    lead->result->n_places = route->n;
    lead->result->n_left_out = route->n_left_out;
    lead->result->taken_up = lead->setup.take_up;
    tell(lead, "Route '%s': %d places.", route_kind_name(route->kind), route->n);
    for (int i = 0; i < route->n_left_out; i++) {
        const struct route_left_out *out = &route->left_out[i];
        tell(lead, "%s, %s foot: %s: %s", out->id,
             out->side == SIDE_LEFT    ? "left"
             : out->side == SIDE_RIGHT ? "right"
                                       : "either",
             out->moved ? "moved beside what is excluded" : "not pressed", out->why);
    }
    if (lead->setup.take_up)
        tell(lead, "The earlier test was broken off; it is gone on with.");
}

/* The feet are known: route and engine are made, and the person sits down. */
static int plan(struct press_lead *lead, struct problem *why)
{
    double share = lead->result->limit_in_software ? PRESS_SOFTWARE_CEILING : 1;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        tell(lead, "%s foot: %s.", side == SIDE_LEFT ? "Left" : "Right", lead->feet.how[side]);
    if (press_setup_make(&lead->setup, lead->o, &lead->grid, &lead->feet, lead->earlier, share,
                         why) ||
        say_step(lead, "sit", why))
        return -1;
    lead->has_feet = 1;
    tell_route(lead);
    tell(lead, "Sit down; the plate stays empty until a place is named.");
    tell_cup(lead);
    if (!lead->is_auto)
        tell(lead, "Enter when the person sits and the cup is set.");
    enter(lead, PRESS_PHASE_SIT);
    return 0;
}

static int use_template(struct press_lead *lead, struct problem *why)
{
    press_feet_template(lead->o->length_mm, &lead->feet);
    return plan(lead, why);
}

/* A virtual person hears "stand" and steps on; the recording calls it a stand from when somebody
 * stands. */
static int begin(struct press_lead *lead, struct problem *why)
{
    if (say_subject(lead, why) || say_screening(lead, why))
        return -1;
    if (lead->has_feet)
        return plan(lead, why);
    if (!(lead->o->stand_s > 0))
        return use_template(lead, why);
    lead->stand = press_stand_begin(&lead->grid, why);
    if (!lead->stand || (lead->result->is_virtual && say_step(lead, "stand", why)) ||
        say_step(lead, "empty", why))
        return -1;
    tell(lead, "Stand on the plate, both feet side by side, and still for %g s.", lead->o->stand_s);
    enter(lead, PRESS_PHASE_STAND);
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
    tell(lead, "%s. Stand anew; k goes on with feet of the template's shape.", inner.text);
    press_stand_free(lead->stand);
    lead->stand = press_stand_begin(&lead->grid, why);
    return lead->stand ? 0 : -1;
}

static int stand_frame(struct press_lead *lead, const float *kpa, struct problem *why)
{
    press_stand_frame(lead->stand, lead->time_us, kpa);
    double stood_s = press_stand_seconds(lead->stand);
    if (!lead->has_said_stand && press_stand_is_on(lead->stand) && stood_s >= ON_S) {
        lead->has_said_stand = 1;
        if (say_step(lead, "stand", why))
            return -1;
    }
    if (stood_s >= lead->o->stand_s)
        return see_feet(lead, why);
    if (lead->wants_template ||
        (lead->is_auto && !lead->has_said_stand && in_phase_s(lead) > NOBODY_S))
        return use_template(lead, why);
    return 0;
}

static void note_empty(struct press_lead *lead, const float *kpa)
{
    double force_n = frame_numbers(&lead->grid, kpa, CONTACT_KPA, 0).force_n;
    int is_empty = force_n < EMPTY_N;
    if (is_empty && !lead->is_empty)
        lead->empty_us = lead->time_us;
    lead->is_empty = is_empty;
}

static int empty_for(const struct press_lead *lead, double seconds)
{
    return lead->is_empty && (double)(lead->time_us - lead->empty_us) * 1e-6 >= seconds;
}

static void begin_test(struct press_lead *lead)
{
    enter(lead, PRESS_PHASE_TEST);
    press_protocol_key(lead->setup.protocol, lead->time_us, PRESS_KEY_GO);
}

static int engine_frame(struct press_lead *lead, const float *kpa, struct problem *why)
{
    return lead->phase == PRESS_PHASE_TEST
               ? press_protocol_frame(lead->setup.protocol, lead->time_us, kpa, why)
               : 0;
}

/* --- Keys ------------------------------------------------------------------------------------ */

/* Broken off before the engine leads. */
static void end_early(struct press_lead *lead)
{
    snprintf(lead->result->ended, sizeof lead->result->ended, "ended before the first press");
    snprintf(lead->end_note, sizeof lead->end_note, "{\"schema\":\"" SCHEMA "\",\"step\":\"end\"}");
    lead->end_note_us = lead->time_us + 1;
    enter(lead, PRESS_PHASE_OVER);
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
        begin_test(lead);
}

static void read_keys(struct press_lead *lead)
{
    int key;
    while (!lead->is_auto && lead->phase != PRESS_PHASE_OVER &&
           (key = press_keys_read(lead->o->keyboard_fd)) != PRESS_KEYS_NONE)
        take_key(lead, key == PRESS_KEYS_GONE ? PRESS_KEY_END : key);
}

/* Nobody at the keyboard: the virtual person has done what was asked, and no scale is answered. */
static void play_operator(struct press_lead *lead)
{
    struct press_cue cue;
    if (lead->phase == PRESS_PHASE_SIT && empty_for(lead, EMPTY_S))
        begin_test(lead);
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

static void show(struct press_lead *lead, const struct session_progress *progress)
{
    struct press_cue cue;
    struct press_view view = {.phase = lead->phase,
                              .elapsed_s = progress ? progress->elapsed_s : in_phase_s(lead),
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
        enter(lead, PRESS_PHASE_CLEAR);
        if (begin(lead, why))
            return -1;
    }
    if (!kpa)
        return 0;
    note_empty(lead, kpa);
    if (lead->phase == PRESS_PHASE_STAND && stand_frame(lead, kpa, why))
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
            tell(lead, "The plate refuses to watch the ceiling there: no press is made.");
        press_protocol_limit_set(lead->setup.protocol, is_set);
    }
    if (message->type != WIRE_FRAME)
        return 0;
    if (lead->is_auto)
        play_operator(lead);
    show(lead, NULL);
    return 0;
}

/* --- What is wanted of it -------------------------------------------------------------------- */

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
        tell(lead, "No press here: %s.", why.text);
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
    enter(lead, PRESS_PHASE_OVER);
}

static int is_time_to_end(const struct press_lead *lead)
{
    return lead->end_note_us &&
           (lead->is_empty || (double)(lead->time_us - lead->phase_us) * 1e-6 >= LAST_LIFT_S);
}

/* The engine's next word: 1 when there is something to say. */
static int obey_engine(struct press_lead *lead, struct session_wish *wish)
{
    struct press_action action;
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

static int wants(void *context, double elapsed_s, struct session_wish *wish)
{
    struct press_lead *lead = context;
    (void)elapsed_s;
    read_keys(lead);
    if ((wish->say = next_note(lead)) != NULL)
        return 1;
    if (obey_engine(lead, wish) || press_commands_next(&lead->commands, host_clock_us(), wish))
        return 1;
    if (!is_time_to_end(lead))
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
        return problem(why, PROBLEM_REFUSED,
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
        return problem(why, PROBLEM_REFUSED,
                       "no press test without a screening of today: 'tenderfoot screen -o FILE', "
                       "then --screening FILE");
    return 0;
}

static void tell_plate(struct press_lead *lead)
{
    if (lead->result->limit_in_software)
        tell(lead,
             "This plate has no limit of its own: the program alone watches, and the ceilings are "
             "%.0f %% lower. Lift at the first sound.",
             100 * (1 - PRESS_SOFTWARE_CEILING));
    if (lead->result->keyboard_answers)
        tell(lead, "This plate has no button: the operator types 3 or 4 the moment the person says "
                   "\"pain\"; such answers are less exact and are marked.");
    if (!lead->result->screened)
        tell(lead, "No screening: this plate is virtual, nobody is pressed.");
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
    tell_plate(lead);
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
    double silent_s = progress->is_waiting ? progress->waiting_s : progress->silent_s;
    if (silent_s < 1)
        return;
    if (lead->phase == PRESS_PHASE_TEST)
        press_protocol_tick(lead->setup.protocol, lead->time_us + (uint64_t)(silent_s * 1e6));
    show(lead, progress);
}

void press_lead_result(const struct press_lead *lead)
{
    struct press_cue cue;
    if (!lead->setup.protocol || lead->result->is_finished)
        return;
    press_protocol_cue(lead->setup.protocol, &cue);
    lead->result->presses = cue.presses_done;
}
