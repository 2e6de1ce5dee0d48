/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that lead a guided press test share: its state. Each has one job:
 *   press_lead.c         meets the plate, hears it, asks what is wanted next
 *   press_lead_say.c     what is told to the operator and kept in the recording
 *   press_lead_stand.c   from the first frame to the first press: standing, route, sitting down
 *   press_lead_standing.c  the same for a mat (seated) and for weight shifts
 *   press_lead_engine.c  what the engine (analysis/press/protocol.h) wants done
 *   press_lead_keys.c    the operator's keys, or what stands for them */
#ifndef TENDERFOOT_DRIVER_PRESS_LEAD_PRIVATE_H
#define TENDERFOOT_DRIVER_PRESS_LEAD_PRIVATE_H

#include "driver/live_numbers.h"
#include "driver/press_commands.h"
#include "driver/press_lead.h"

#include <jansson.h>

#define LEAD_SCHEMA "tenderfoot/annotation/1"

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

    int left_out_told; /* so many places that the engine left out */

    enum press_step auto_step;
    uint64_t auto_us;
};

/* press_lead_say.c: a sentence to whoever shows the test; annotations to the recording, queued.
 * lead_say takes `value` over. */
void lead_tell(struct press_lead *lead, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int lead_say(struct press_lead *lead, const char *member, json_t *value, struct problem *why);
int lead_say_step(struct press_lead *lead, const char *step, struct problem *why);
int lead_say_subject(struct press_lead *lead, struct problem *why);
int lead_say_screening(struct press_lead *lead, struct problem *why);
int lead_say_notes(struct press_lead *lead, struct problem *why); /* the operator's, by hand */
const char *lead_next_note(struct press_lead *lead);              /* queued, as text; NULL = none */
void lead_tell_plate(struct press_lead *lead);
void lead_tell_route(struct press_lead *lead);
void lead_tell_cup(struct press_lead *lead);
void lead_tell_left_out(struct press_lead *lead); /* what the engine left out since */

/* press_lead_stand.c */
void lead_enter(struct press_lead *lead, enum press_phase phase);
double lead_in_phase_s(const struct press_lead *lead);
int lead_begin(struct press_lead *lead, struct problem *why); /* at the first frame */
void lead_note_empty(struct press_lead *lead, const float *kpa);
int lead_empty_for(const struct press_lead *lead, double seconds);
int lead_stand_frame(struct press_lead *lead, const float *kpa, struct problem *why);
void lead_begin_test(struct press_lead *lead); /* the person sits: the engine leads from now */

/* press_lead_standing.c: instead of route and sitting down; 1 when the template will not do. */
int lead_plan_standing(struct press_lead *lead, struct problem *why);
int lead_needs_seen_feet(struct press_lead *lead);

/* press_lead_engine.c: 1 when there is something to say to the recording; and whether its last word
 * may be said now. */
int lead_obey_engine(struct press_lead *lead, struct session_wish *wish);
int lead_is_time_to_end(const struct press_lead *lead);

/* press_lead_keys.c */
void lead_read_keys(struct press_lead *lead);
void lead_play_operator(struct press_lead *lead);

#endif
