/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/plate_station_private.h"

#include "driver/daemon/broken_off.h"
#include "driver/store/store.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- What is heard and told meanwhile -------------------------------------------------------- */

static void meet_plate(void *context, const struct session_plate *plate)
{
    struct plate_station *station = context;
    struct problem ignored;
    /* By the station's own copy of the file: the view outlives the session's. */
    live_view_meet(station->view, plate->hello, station->calibration.calibration, &ignored);
}

static void hear_plate(void *context, const struct wire_message *message)
{
    struct plate_station *station = context;
    pthread_mutex_lock(&station->lock);
    int hold =
        station->state.phase == PLATE_PRESSING && station->state.press.phase >= PRESS_PHASE_SIT;
    pthread_mutex_unlock(&station->lock);
    live_view_hear(station->view, message, hold);
}

static void show_progress(void *context, const struct session_progress *progress)
{
    struct plate_station *station = context;
    plate_note_view(station, progress->silent_s);
    pthread_mutex_lock(&station->lock);
    station->state.progress = *progress;
    pthread_mutex_unlock(&station->lock);
    plate_pulse(station);
    plate_tell(station, 0);
}

static void show_press(void *context, const struct press_view *view)
{
    struct plate_station *station = context;
    plate_note_view(station, view->silent_s);
    pthread_mutex_lock(&station->lock);
    struct plate_press_view *press = &station->state.press;
    int was_alarm = press->has_cue && press->cue.alarm;
    press->phase = view->phase;
    press->stood_s = view->stood_s;
    press->stand_s = view->stand_s;
    press->is_standing = view->is_standing;
    press->silent_s = view->silent_s;
    press->ramp_low_kpa_s = view->ramp_low_kpa_s;
    press->ramp_high_kpa_s = view->ramp_high_kpa_s;
    press->has_cue = view->cue != NULL;
    if (view->cue) {
        press->cue = *view->cue;
        press->has_place = view->cue->place != NULL;
        if (view->cue->place) {
            memcpy(press->place_id, view->cue->place->id, sizeof press->place_id);
            press->place_at = view->cue->place->at;
        }
        press->cue.place = NULL;
    }
    int is_alarm = press->has_cue && press->cue.alarm;
    pthread_mutex_unlock(&station->lock);
    plate_pulse(station);
    plate_tell(station, is_alarm != was_alarm); /* "lift" waits for nothing */
}

static void tell_sentence(void *context, const char *sentence)
{
    struct plate_station *station = context;
    pthread_mutex_lock(&station->lock);
    snprintf(station->state.press.told, sizeof station->state.press.told, "%s", sentence);
    pthread_mutex_unlock(&station->lock);
    plate_tell(station, 1);
}

/* --- The end of a recording ------------------------------------------------------------------ */

/* Its file is whole: what was commanded to be thrown away goes; if not, that is its problem. */
static void throw_away(struct plate_outcome *outcome)
{
    if (!outcome->discarded || !unlink(outcome->path))
        return;
    outcome->discarded = 0;
    problem_coded(&outcome->problem, PROBLEM_CODE_FILE_STAYS, PROBLEM_FAILED,
                  "the recording %s was to be discarded and cannot be removed from the inbox: %s",
                  outcome->name, strerror(errno));
}

/* Under the lock. */
static void publish(struct plate_station *station, const struct plate_outcome *outcome)
{
    struct plate_state *state = &station->state;
    state->last = *outcome;
    state->has_last = 1;
    state->has_late = 0;
    store_let_go(station->hold); /* its file is whole, or gone: who erases the person finds it */
    station->hold = NULL;
}

static void tell_outcome(struct plate_station *station, const struct plate_outcome *outcome)
{
    plate_tell(station, 1);
    if (station->options.finished)
        station->options.finished(station->options.context, outcome);
}

/* The plate is free again, and that is seen together with what became of the recording: who sees
 * the one may command by the other. `writer` is not NULL when the disk has not all of the file yet:
 * that is minded meanwhile, and nobody waits. */
static void finish(struct plate_station *station, struct plate_outcome *outcome,
                   struct recording_behind *writer)
{
    pthread_mutex_lock(&station->lock);
    struct plate_state *state = &station->state;
    outcome->discarded = station->discard && outcome->session.has_file;
    if (!writer)
        throw_away(outcome); /* under the lock: nobody commands it between this and the end */
    if (writer) {
        state->late = *outcome;
        state->has_late = 1;
    } else
        publish(station, outcome);
    state->is_zeroed |= outcome->session.has_file; /* a tare went before, or was kept */
    state->phase = PLATE_LOOKING;
    state->name[0] = '\0';
    plate_drain(station->stop_fd); /* a stop that came too late stops nothing else */
    pthread_mutex_unlock(&station->lock);
    broken_off_unmark(station->folder, outcome->name); /* it is over, whatever becomes of it */
    station->late = writer;
    if (writer)
        plate_tell(station, 1);
    else
        tell_outcome(station, outcome);
}

void plate_mind_late(struct plate_station *station, int waits)
{
    struct problem why;
    if (!station->late || (!waits && !recording_behind_end(station->late, 0)))
        return;
    struct plate_outcome outcome = station->state.late; /* only this thread writes it */
    if (recording_behind_finish(station->late, &why) && !outcome.problem.kind)
        outcome.problem = why;
    station->late = NULL;
    throw_away(&outcome);
    pthread_mutex_lock(&station->lock);
    publish(station, &outcome);
    pthread_mutex_unlock(&station->lock);
    tell_outcome(station, &outcome);
}

static void begin(const struct plate_station *station, const char *client,
                  struct plate_outcome *outcome)
{
    *outcome = (struct plate_outcome){0};
    memcpy(outcome->name, station->state.name, sizeof outcome->name);
    memcpy(outcome->protocol, station->state.protocol, sizeof outcome->protocol);
    memcpy(outcome->continues, station->state.continues, sizeof outcome->continues);
    outcome->segment = station->state.segment;
    snprintf(outcome->client, sizeof outcome->client, "%s", client);
    snprintf(outcome->path, sizeof outcome->path, "%s/%s.tfr", station->folder, outcome->name);
}

/* A calibration stands there that this plate cannot be read by: somebody meant it, so nothing is
 * recorded by another one. */
static int is_read_wrong(struct plate_station *station, struct plate_outcome *outcome)
{
    if (!*station->state.calibration_problem) /* only this thread writes it */
        return 0;
    problem_coded(&outcome->problem, PROBLEM_CODE_WRONG_CALIBRATION, PROBLEM_REFUSED, "%s",
                  station->state.calibration_problem);
    return 1;
}

/* They were checked when they were taken in. */
static void type_notes(const struct plate_station *station, const struct plate_notes *typed,
                       struct operator_notes *notes)
{
    struct problem ignored;
    for (int i = 0; i < typed->n; i++)
        operator_notes_add(notes, station->options.atlas, typed->of[i], &ignored);
}

/* The answer goes into the recording, which is analysed with it (PROTOCOL.md, `subject`). */
static void note_heel(struct notes *notes, const char *said)
{
    struct problem ignored;
    char json[120];
    if (!*said)
        return;
    snprintf(json, sizeof json,
             "{\"schema\":\"tenderfoot/annotation/1\",\"subject\":{\"heel_pain_walking\":\"%s\"}}",
             said);
    notes_add(notes, json, &ignored);
}

struct host_link *plate_do_recording(struct plate_station *station, struct host_link *link)
{
    struct plate_outcome outcome;
    struct host_link *back = NULL;
    struct recording_behind *late = NULL;
    const struct plate_recording *wanted = &station->recording;
    struct operator_notes typed = {0};
    struct notes notes = {0};
    struct problem ignored;
    const struct session_ear ear = {station, meet_plate, hear_plate, plate_pulse};
    begin(station, wanted->client, &outcome);
    if (is_read_wrong(station, &outcome)) {
        finish(station, &outcome, NULL);
        return link;
    }
    type_notes(station, &wanted->notes, &typed);
    for (int i = 0; i < typed.n; i++)
        notes_add(&notes, typed.json[i], &ignored);
    for (size_t i = 0; wanted->notes_carried && i < wanted->notes_carried->n; i++)
        notes_add(&notes, wanted->notes_carried->notes[i].json, &ignored);
    note_heel(&notes, wanted->heel_pain_walking);
    const struct session_continues continues = {
        wanted->continues.recording, wanted->continues.segment, wanted->continues.last_frame_us};
    const struct session_options session = {.uri = station->uri,
                                            .link = link,
                                            .link_back = &back,
                                            .path = outcome.path,
                                            .continues = *continues.recording ? &continues : NULL,
                                            .protocol = wanted->protocol,
                                            .condition = wanted->condition,
                                            .client = *wanted->client ? wanted->client : NULL,
                                            .calibration = station->calibration.path,
                                            .notes = &notes,
                                            .seconds = wanted->seconds,
                                            .rate_hz = station->options.rate_hz,
                                            .wait_s = station->options.wait_s,
                                            .behind_bytes = station->options.behind_bytes,
                                            .writer_back = &late,
                                            .keep_zero = wanted->keep_zero,
                                            .stop_fd = station->stop_fd,
                                            .progress = show_progress,
                                            .context = station,
                                            .ear = &ear};
    plate_tell(station, 1);
    broken_off_mark(station->folder, outcome.name, wanted->seconds);
    if (!session_record(&session, &outcome.session, &outcome.problem))
        outcome.problem.kind = PROBLEM_NONE;
    notes_free(&notes);
    operator_notes_free(&typed);
    finish(station, &outcome, late);
    return back;
}

/* --- A press test ---------------------------------------------------------------------------- */

static void write_today(char today[11])
{
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(today, 11, "%Y-%m-%d", &local);
}

static struct press_run_options press_options(struct plate_station *station,
                                              const struct plate_outcome *outcome,
                                              const char **chosen, const char *today,
                                              const struct press_screen *screen,
                                              const struct session_ear *ear)
{
    const struct plate_press *wanted = &station->press;
    for (int i = 0; i < wanted->n_chosen; i++)
        chosen[i] = wanted->chosen[i];
    return (struct press_run_options){.uri = station->uri,
                                      .path = outcome->path,
                                      .client = *wanted->client ? wanted->client : NULL,
                                      .calibration = station->calibration.path,
                                      .stand_s = wanted->stand_s,
                                      .tool = &wanted->tool,
                                      .route = wanted->route,
                                      .chosen = chosen,
                                      .n_chosen = wanted->n_chosen,
                                      .presses_max = wanted->presses_max,
                                      .minutes_max = wanted->minutes_max,
                                      .seed = wanted->seed,
                                      .screening =
                                          wanted->has_screening ? &wanted->screening : NULL,
                                      .today = today,
                                      .sex = (int)wanted->sex,
                                      .rate_hz = station->options.rate_hz,
                                      .wait_s = station->options.wait_s,
                                      .behind_bytes = station->options.behind_bytes,
                                      .keyboard_fd = wanted->is_auto ? -1 : station->keys[0],
                                      .stop_fd = station->stop_fd,
                                      .screen = screen,
                                      .ear = ear};
}

/* What becomes of the test before: it is read here, not while whoever commanded this one waits. */
static void hear_earlier(void *context, const struct problem *why)
{
    struct plate_station *station = context;
    char *told = station->state.press.earlier;
    size_t n = sizeof station->state.press.earlier;
    pthread_mutex_lock(&station->lock);
    if (why)
        snprintf(told, n, "The press test before is left out: %.180s", why->text);
    else
        snprintf(told, n, "The press test before of this person counts too.");
    pthread_mutex_unlock(&station->lock);
    plate_tell(station, 1);
}

struct host_link *plate_do_press(struct plate_station *station, struct host_link *link)
{
    struct plate_outcome outcome;
    struct host_link *back = NULL;
    struct recording_behind *late = NULL;
    struct press_run_result result;
    const char *chosen[16], *earlier = station->press.earlier;
    char today[11];
    const struct session_ear ear = {station, meet_plate, hear_plate, plate_pulse};
    const struct press_screen screen = {station, tell_sentence, show_press, show_progress};
    begin(station, station->press.client, &outcome);
    if (is_read_wrong(station, &outcome)) {
        finish(station, &outcome, NULL);
        return link;
    }
    write_today(today);
    struct operator_notes notes = {0};
    struct press_run_options options =
        press_options(station, &outcome, chosen, today, &screen, &ear);
    type_notes(station, &station->press.notes, &notes);
    options.notes = &notes;
    options.earlier = &earlier;
    options.n_earlier = *earlier ? 1 : 0;
    options.hear_earlier = hear_earlier;
    options.link = link;
    options.link_back = &back;
    options.writer_back = &late;
    if (!press_run(&options, &result, &outcome.problem))
        outcome.problem.kind = PROBLEM_NONE;
    operator_notes_free(&notes);
    store_recording_done(station->press.earlier);
    station->press.earlier[0] = '\0';
    outcome.session = result.session;
    finish(station, &outcome, late);
    return back;
}
