/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeding a bench session: annotations cut the stream of frames into holds. */
#include "calib/bench.h"

#include "calib/fit_session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_session *bench_begin(const char *serial, int rows, int cols, int bits,
                                  double pitch_x_mm, double pitch_y_mm, struct problem *why)
{
    int fits = pitch_x_mm >= 0.5 && pitch_x_mm <= 50 && pitch_y_mm >= 0.5 && pitch_y_mm <= 50;
    if (!fits || rows < 1 || rows > 256 || cols < 1 || cols > 256 || bits < 8 || bits > 16 ||
        !serial[0] || strlen(serial) > 24) {
        problem(why, PROBLEM_REFUSED,
                "no bench session for plate '%.40s' of %d x %d cells, %d bits, pitch %g x %g mm: "
                "a calibration has a serial number of 1 to 24 bytes, 1 to 256 rows and columns, 8 "
                "to 16 bits, pitch 0.5 to 50 mm",
                serial, rows, cols, bits, pitch_x_mm, pitch_y_mm);
        return NULL;
    }
    struct bench_session *session = calloc(1, sizeof *session);
    if (!session) {
        problem_no_memory(why, "a bench session");
        return NULL;
    }
    snprintf(session->serial, sizeof session->serial, "%s", serial);
    session->rows = rows;
    session->cols = cols;
    session->bits = bits;
    session->pitch_x_mm = pitch_x_mm;
    session->pitch_y_mm = pitch_y_mm;
    session->cells = (size_t)rows * (size_t)cols;
    session->accuracy_percent = session->celsius = NAN;
    if (!fit_tail_make(&session->tail, session->cells, why))
        return session;
    free(session);
    return NULL;
}

void bench_free(struct bench_session *session)
{
    if (!session)
        return;
    for (size_t i = 0; i < session->n_holds; i++)
        fit_hold_free(&session->holds[i]);
    fit_tail_free(&session->tail);
    free(session->holds);
    free(session->zeros);
    free(session->floors);
    free(session);
}

static int make_room(struct bench_session *session, struct problem *why)
{
    if (session->n_holds < session->cap_holds)
        return 0;
    if (session->n_holds == BENCH_HOLDS_MAX)
        return problem(why, PROBLEM_REFUSED, "a bench session has at most %d holds: make a new one",
                       BENCH_HOLDS_MAX);
    size_t cap = session->cap_holds ? 2 * session->cap_holds : 32;
    struct fit_hold *holds = realloc(session->holds, cap * sizeof *holds);
    if (!holds)
        return problem_no_memory(why, "a bench session's holds");
    session->holds = holds;
    session->cap_holds = cap;
    return 0;
}

static int end_hold(struct bench_session *session, struct problem *why)
{
    if (!session->is_running)
        return 0;
    session->is_running = 0;
    if (make_room(session, why))
        return -1;
    struct fit_hold hold = {
        .note = session->note, .recording = session->recording, .loading = session->loading};
    if (fit_tail_end(&session->tail, &hold, why))
        return -1;
    session->holds[session->n_holds++] = hold;
    return 0;
}

/* The plate was bare before this hold: after an "end", an empty plate, another cycle of the
 * bladder, a mass that was put elsewhere. */
static int is_new_loading(const struct bench_session *session, const struct fit_note *next)
{
    const struct fit_note *last = &session->note;
    if (!(session->is_running || session->is_loaded) || last->stage != next->stage)
        return 1;
    if (next->stage == BENCH_BLADDER)
        return last->cycle != next->cycle || !(last->kpa > 0);
    return next->stage == BENCH_MASS || next->stage == BENCH_STUD;
}

static int begin_hold(struct bench_session *session, uint64_t time_us, const struct fit_note *note,
                      struct problem *why)
{
    int is_new = is_new_loading(session, note);
    if (end_hold(session, why) ||
        fit_tail_begin(&session->tail, time_us, note->stage == BENCH_CREEP, why))
        return -1;
    session->loading += is_new;
    session->note = *note;
    session->is_running = 1;
    session->is_loaded = 0;
    return 0;
}

int bench_annotation(struct bench_session *session, uint64_t time_us, const char *json, size_t n,
                     struct problem *why)
{
    struct fit_note note;
    if (fit_note_parse(json, n, &note, why))
        return -1;
    switch (note.kind) {
    case FIT_NOTE_HOLD:
        return begin_hold(session, time_us, &note, why);
    case FIT_NOTE_END:
        session->is_loaded = note.loaded && (session->is_running || session->is_loaded);
        return end_hold(session, why);
    case FIT_NOTE_REFERENCE:
        memcpy(session->device, note.device, sizeof session->device);
        session->accuracy_percent = note.accuracy_percent;
        return 0;
    case FIT_NOTE_OTHER:
        break;
    }
    return 0;
}

void bench_frame(struct bench_session *session, uint64_t time_us, const uint16_t *counts)
{
    if (session->is_running && time_us >= session->tail.last_us)
        fit_tail_add(&session->tail, time_us, session->celsius, counts);
}

void bench_temperature(struct bench_session *session, double celsius)
{
    session->celsius = celsius;
}

static int keep(uint16_t **to, const uint16_t *from, size_t cells, struct problem *why)
{
    if (!from)
        return 0;
    if (!*to)
        *to = malloc(cells * sizeof **to);
    if (!*to)
        return problem_no_memory(why, "a plate's zeros");
    memcpy(*to, from, cells * sizeof **to);
    return 0;
}

int bench_zeros(struct bench_session *session, const uint16_t *zeros, const uint16_t *floors,
                struct problem *why)
{
    if (keep(&session->zeros, zeros, session->cells, why))
        return -1;
    return keep(&session->floors, floors, session->cells, why);
}

int bench_end_recording(struct bench_session *session, struct problem *why)
{
    int result = end_hold(session, why);
    session->recording++;
    session->is_loaded = 0;
    session->celsius = NAN;
    return result;
}

size_t bench_hold_count(const struct bench_session *session)
{
    return session->n_holds;
}

void bench_hold(const struct bench_session *session, size_t i, struct bench_hold_facts *facts)
{
    const struct fit_hold *hold = &session->holds[i];
    *facts = (struct bench_hold_facts){
        .stage = hold->note.stage,
        .kpa = hold->note.kpa,
        .kg = hold->note.kg,
        .temperature_c = hold->temperature_c,
        .direction = hold->note.direction,
        .cycle = hold->note.cycle,
        .place = hold->note.place,
        .seconds = (double)(hold->end_us - hold->begin_us) * 1e-6,
        .tail_seconds = hold->tail_end_s - hold->tail_begin_s,
        .frames = hold->frames,
        .median_counts = hold->median,
        .drift_percent = hold->drift_percent,
        .settled = hold->settled,
    };
}
