/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session does with what the plate says: into the file, into the counts, into the bar. */
#include "driver/session_private.h"

#include "driver/recording_header.h"
#include "driver/version.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_US 100000u
#define IDLE_PROGRESS_US 1000000u
#define END_PATIENCE_MS 300 /* a disk that is well needs a few */

/* --- The file -------------------------------------------------------------------------------- */

static void copy_text(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
}

static char *format_header(const struct session *session, unsigned rate_hz, struct problem *why)
{
    const struct wire_hello *plate = &session->hello;
    struct recording_header header = {
        .software = "tenderfoot " TENDERFOOT_VERSION,
        .rows = plate->rows,
        .cols = plate->cols,
        .pitch_x_mm = plate->pitch_x_um * 1e-3,
        .pitch_y_mm = plate->pitch_y_um * 1e-3,
        .rate_hz = rate_hz,
        .bits = plate->bits,
        .full_scale_kpa = plate->full_scale_kpa,
        .units = "counts",
        .calibration_id = "nominal",
    };
    recording_header_now(header.created_utc, sizeof header.created_utc);
    copy_text(header.client, sizeof header.client, session->options->client);
    copy_text(header.protocol, sizeof header.protocol, session->options->protocol);
    copy_text(header.condition, sizeof header.condition, session->options->condition);
    copy_text(header.source, sizeof header.source,
              plate->features & WIRE_IS_VIRTUAL ? "virtual" : "plate");
    copy_text(header.device.serial, sizeof header.device.serial, plate->serial);
    copy_text(header.device.model, sizeof header.device.model, plate->model);
    copy_text(header.device.firmware, sizeof header.device.firmware, plate->firmware);
    copy_text(header.device.uri, sizeof header.device.uri, session->options->uri);
    if (session->calibration) {
        struct calibration_facts facts;
        calibration_facts(session->calibration, &facts);
        copy_text(header.calibration_id, sizeof header.calibration_id, facts.id);
    }
    return recording_header_format(&header, why);
}

int session_check_header(const struct session *session, struct problem *why)
{
    char *header = format_header(session, session->hello.rate_hz, why);
    free(header);
    return header ? 0 : -1;
}

static int keep_early(struct session *session, const struct host_link_item *item,
                      struct problem *why)
{
    size_t size = sizeof item->host_us + sizeof item->n_bytes + item->n_bytes;
    if (!session->early && !(session->early = malloc(EARLY_MAX)))
        return problem_no_memory(why, "a recording");
    if (session->n_early + size > EARLY_MAX)
        return problem(why, PROBLEM_REFUSED,
                       "the plate at %s says more than it may before it is started",
                       session->options->uri);
    uint8_t *at = session->early + session->n_early;
    memcpy(at, &item->host_us, sizeof item->host_us);
    memcpy(at + sizeof item->host_us, &item->n_bytes, sizeof item->n_bytes);
    memcpy(at + sizeof item->host_us + sizeof item->n_bytes, item->bytes, item->n_bytes);
    session->n_early += size;
    return 0;
}

static int write_early(struct session *session, struct problem *why)
{
    for (size_t at = 0; at < session->n_early;) {
        uint64_t host_us;
        size_t n;
        memcpy(&host_us, session->early + at, sizeof host_us);
        memcpy(&n, session->early + at + sizeof host_us, sizeof n);
        at += sizeof host_us + sizeof n;
        if (recording_behind_append(session->writer, session->early + at, n, host_us, why))
            return -1;
        at += n;
    }
    return 0;
}

int session_store_begin(struct session *session, unsigned rate_hz, struct problem *why)
{
    char *header = format_header(session, rate_hz, why);
    if (!header)
        return -1;
    struct recording_writer *writer = recording_create_unsynced(
        session->options->path, header, session->calibration_bytes, session->n_calibration, why);
    free(header);
    if (writer)
        session->writer = recording_behind_start(writer, session->options->path,
                                                 session->options->behind_bytes, NULL, why);
    if (writer && !session->writer)
        unlink(session->options->path);
    if (!session->writer)
        return -1;
    session->result->has_file = 1;
    session->result->rate_hz = rate_hz;
    session->result->plate = session->hello;
    device_clock_init(&session->clock);
    session->is_first_of_boot = 1;
    session->frame_host_us = session->last_frame_us = host_clock_us();
    sequence_hello(&session->result->frames, session->hello.boot_id, session->hello.scans);
    return write_early(session, why) ||
                   recording_behind_append(session->writer, session->hello_bytes, session->n_hello,
                                           session->hello_host_us, why)
               ? -1
               : 0;
}

static int write_annotation(struct session *session, const char *json, uint64_t device_us,
                            uint64_t host_us, struct problem *why)
{
    struct wire_message message = {.type = WIRE_ANNOTATION,
                                   .device_time_us = device_us,
                                   .payload = (const uint8_t *)json,
                                   .payload_len = (uint32_t)strlen(json)};
    return recording_behind_message(session->writer, &message, host_us, why);
}

/* The protocol's own step (a sway is a stand), unless somebody who knows better says which step it
 * is. */
static int write_first_step(struct session *session, uint64_t device_us, uint64_t host_us,
                            struct problem *why)
{
    const struct notes *notes = session->options->notes;
    const char *protocol = session->options->protocol;
    char json[80];
    if (session->plate_annotates || !strcmp(protocol, "press") || !strcmp(protocol, "bench"))
        return 0;
    for (size_t i = 0; notes && i < notes->n && notes->notes[i].at_s == 0; i++)
        if (notes->notes[i].has_step)
            return 0;
    snprintf(json, sizeof json, "{\"schema\":\"tenderfoot/annotation/1\",\"step\":\"%s\"}",
             strcmp(protocol, "sway") ? protocol : "stand");
    return write_annotation(session, json, device_us, host_us, why);
}

/* From one frame's arrival to the other's, by the host's clock: the plate itself may have paused.
 */
static int write_continues(struct session *session, uint64_t device_us, uint64_t host_us,
                           struct problem *why)
{
    const struct session_continues *continues = session->options->continues;
    if (!continues)
        return 0;
    double gap_s = host_us > continues->last_frame_us
                       ? (double)(host_us - continues->last_frame_us) * 1e-6
                       : 0;
    session->result->continued_gap_s = gap_s;
    json_t *said =
        json_pack("{s:s, s:s, s:i, s:f}", "schema", "tenderfoot/annotation/1", "continues",
                  continues->recording, "segment", continues->segment, "gap_s", gap_s);
    char *json = said ? json_dumps(said, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    int bad = json ? write_annotation(session, json, device_us, host_us, why)
                   : problem_no_memory(why, "a recording");
    free(json);
    json_decref(said);
    return bad;
}

/* The notes whose time has come with a frame of this time. */
static int write_notes(struct session *session, uint64_t device_us, uint64_t host_us,
                       struct problem *why)
{
    const struct notes *notes = session->options->notes;
    while (notes && session->next_note < notes->n) {
        const struct note *note = &notes->notes[session->next_note];
        double late_us = (double)session->elapsed_us - note->at_s * 1e6;
        if (late_us < 0)
            return 0;
        uint64_t at_us = late_us < (double)device_us ? device_us - (uint64_t)late_us : 0;
        if (write_annotation(session, note->json, at_us, host_us, why))
            return -1;
        session->next_note++;
    }
    return 0;
}

/* {"step": "end"}: the operator, or the virtual plate in his place, says that the person is done.
 */
static int says_end(const char *json, size_t n)
{
    json_t *note = json_loadb(json, n, 0, NULL);
    const char *step = json_string_value(json_object_get(note, "step"));
    int ends = step && !strcmp(step, "end");
    json_decref(note);
    return ends;
}

/* Said in the recording, and aloud to a plate whose person can hear it. */
static int say(struct session *session, const char *json, uint64_t device_us, uint64_t host_us,
               struct problem *why)
{
    if (write_annotation(session, json, device_us, host_us, why))
        return -1;
    session->visit_is_over |= says_end(json, strlen(json));
    if (!(session->hello.features & WIRE_IS_VIRTUAL))
        return 0;
    return host_link_say(session->link, device_us, json, why);
}

/* What the leader wants, said as of this device time. A plate that takes no commands any more is
 * told by its silence, or by leaving. */
static int obey_leader(struct session *session, uint64_t device_us, uint64_t host_us,
                       struct problem *why)
{
    const struct session_leader *leader = session->options->leader;
    struct session_wish wish = {0};
    double elapsed_s = (double)session->elapsed_us * 1e-6;
    while (leader && leader->wants && !session->visit_is_over &&
           leader->wants(leader->context, elapsed_s, &wish)) {
        if (wish.say && say(session, wish.say, device_us, host_us, why))
            return -1;
        if (wish.command_type &&
            host_link_command(session->link, wish.command_type, &wish.command, why))
            return -1;
        wish = (struct session_wish){0};
    }
    return 0;
}

/* --- What it says ---------------------------------------------------------------------------- */

static void note_disk(struct session *session, struct session_progress *progress)
{
    struct recording_behind_numbers disk;
    recording_behind_numbers(session->writer, &disk);
    progress->frames_in_file = disk.frames_written;
    progress->frames_waiting = disk.frames_waiting;
    progress->frames_skipped = disk.frames_skipped;
    progress->disk_behind_s = disk.behind_s;
    progress->disk_minutes_left = disk.free_bytes / disk.bytes_per_s / 60;
}

static void show(struct session *session, const struct wire_message *frame, uint64_t now_us)
{
    const struct session_options *options = session->options;
    if (!options->progress)
        return;
    struct session_progress progress = {
        .elapsed_s = (double)session->elapsed_us * 1e-6,
        .seconds = options->seconds,
        .frames = session->result->frames.delivered,
        .lost = session->result->frames.lost,
        .silent_s = (double)(now_us - session->frame_host_us) * 1e-6,
        .gap_s = session->result->continued_gap_s,
        .is_waiting = session->is_away,
    };
    if (session->is_away) {
        progress.waiting_s = (double)(now_us - session->away_us) * 1e-6;
        progress.wait_s = options->wait_s;
    }
    if (session->writer)
        note_disk(session, &progress);
    struct frame_numbers numbers;
    if (frame && session->live && !live_numbers_of(session->live, frame, &numbers)) {
        progress.has_numbers = 1;
        progress.force_n = numbers.force_n;
        progress.cop_x_mm = numbers.cop_x_mm;
        progress.cop_y_mm = numbers.cop_y_mm;
    }
    options->progress(options->context, &progress);
}

static void show_when_due(struct session *session, const struct wire_message *frame,
                          uint64_t every_us)
{
    uint64_t now_us = host_clock_us();
    if (now_us < session->progress_us)
        return;
    session->progress_us = now_us + every_us;
    show(session, frame, now_us);
}

/* Device time goes on from frame to frame; over a restart it stands still. */
static void advance_time(struct session *session, uint64_t device_us)
{
    if (!session->is_first_of_boot && device_us > session->last_device_us)
        session->elapsed_us += device_us - session->last_device_us;
    if (session->is_first_of_boot || device_us > session->last_device_us)
        session->last_device_us = device_us;
    session->is_first_of_boot = 0;
}

/* N seconds at R frames a second are N x R frames: the last one begins a period before the end. */
static int is_over(const struct session *session)
{
    double period_us = 1e6 / session->result->rate_hz;
    return session->options->seconds > 0 &&
           (double)session->elapsed_us + 1.25 * period_us >= session->options->seconds * 1e6;
}

/* The first frame after the plate was away. */
static void end_absence(struct session *session, uint64_t host_us)
{
    double gap_s = (double)(host_us - session->last_frame_us) * 1e-6;
    session->is_away = 0;
    session->result->replugs++;
    if (gap_s > session->result->longest_gap_s)
        session->result->longest_gap_s = gap_s;
}

static int take_frame(struct session *session, const struct host_link_item *item,
                      struct problem *why)
{
    uint64_t device_us = item->message.device_time_us;
    if (session->is_away)
        end_absence(session, item->host_us);
    session->frame_host_us = session->last_frame_us = item->host_us;
    session->is_idle = session->has_rebooted = 0;
    if (sequence_frame(&session->result->frames, item->message.seq) == SEQUENCE_NEW)
        advance_time(session, device_us);
    device_clock_feed(&session->clock, device_us, item->host_us);
    if (!session->has_frame && (write_continues(session, device_us, item->host_us, why) ||
                                write_first_step(session, device_us, item->host_us, why)))
        return -1;
    session->has_frame = 1;
    if (write_notes(session, device_us, item->host_us, why) ||
        obey_leader(session, device_us, item->host_us, why) ||
        recording_behind_append(session->writer, item->bytes, item->n_bytes, item->host_us, why))
        return -1;
    show_when_due(session, &item->message, PROGRESS_US);
    session->is_full = is_over(session);
    return 0;
}

static void meet_boot(struct session *session, uint32_t boot_id)
{
    if (boot_id == session->hello.boot_id)
        return;
    session->hello.boot_id = boot_id;
    session->result->restarts++;
    session->is_first_of_boot = 1;
    session->has_rebooted = 1;
    device_clock_init(&session->clock);
}

static int has_same_shape(const struct wire_hello *a, const struct wire_hello *b)
{
    return a->rows == b->rows && a->cols == b->cols && a->pitch_x_um == b->pitch_x_um &&
           a->pitch_y_um == b->pitch_y_um && a->bits == b->bits;
}

static int check_same_plate(const struct session *session, const struct wire_hello *now,
                            struct problem *why)
{
    const struct wire_hello *was = &session->hello;
    const char *uri = session->options->uri;
    if (strcmp(now->serial, was->serial))
        return problem(why, PROBLEM_DEVICE_LOST,
                       "another plate (%s) has taken the place of %s at %s", now->serial,
                       was->serial, uri);
    if (has_same_shape(now, was))
        return 0;
    return problem(why, PROBLEM_DEVICE_LOST,
                   "the plate %s at %s is back with other cells than before (%u x %u of %u bits, "
                   "not %u x %u of %u): a new recording is needed",
                   now->serial, uri, now->rows, now->cols, now->bits, was->rows, was->cols,
                   was->bits);
}

/* The newest HELLO counts until there is a file; from then on it must be the same plate. */
static int take_hello(struct session *session, const struct host_link_item *item,
                      struct problem *why)
{
    struct wire_hello hello;
    if (wire_get_hello(item->message.payload, item->message.payload_len, &hello))
        return 0;
    if (session->n_hello && check_same_plate(session, &hello, why))
        return -1;
    if (session->writer) {
        meet_boot(session, hello.boot_id);
        sequence_hello(&session->result->frames, hello.boot_id, hello.scans);
        return 0;
    }
    if (item->n_bytes > sizeof session->hello_bytes)
        return problem(why, PROBLEM_REFUSED, "the plate at %s says HELLO at too great length",
                       session->options->uri);
    session->hello = hello;
    memcpy(session->hello_bytes, item->bytes, item->n_bytes);
    session->n_hello = item->n_bytes;
    session->hello_host_us = item->host_us;
    return 0;
}

static void take_status(struct session *session, const struct wire_message *message)
{
    struct wire_status status;
    if (wire_get_status(message->payload, message->payload_len, &status))
        return;
    meet_boot(session, status.boot_id);
    sequence_status(&session->result->frames, status.boot_id, status.scans);
    session->result->device_dropped = status.dropped;
    session->result->device_overruns = status.overruns;
    session->is_idle |= !status.streaming;
}

/* Damage, and what no plate may say: a record of a file, another version, our own words back. */
static int take_damage(struct session *session, const struct host_link_item *item,
                       int is_bad_message, struct problem *why)
{
    const struct wire_message *header = is_bad_message ? &item->message : NULL;
    session->result->damaged_bytes += item->n_bytes;
    if (!session->writer || session->is_full)
        return 0;
    if (header && header->type == WIRE_FRAME)
        sequence_bad_frame(&session->result->frames, header->seq);
    return recording_behind_damage(session->writer, (uint32_t)item->n_bytes, header, item->host_us,
                                   why);
}

static int is_of_a_plate(uint8_t type)
{
    return type < WIRE_CMD_HELLO || type == WIRE_ANNOTATION;
}

static int take_before_start(struct session *session, const struct host_link_item *item,
                             struct problem *why)
{
    switch (item->message.type) {
    case WIRE_HELLO:
        return take_hello(session, item, why);
    case WIRE_ANNOTATION:
    case WIRE_EVENT:
    case WIRE_LOG:
    case WIRE_ZERO:
        session->plate_annotates |= item->message.type == WIRE_ANNOTATION;
        return keep_early(session, item, why);
    default:
        return 0; /* frames of an earlier host's stream, acknowledgements */
    }
}

/* Why a plate that is back does not go on, for the last word if it never does. */
static void note_refusal(struct session *session, const struct wire_message *message)
{
    struct wire_ack ack;
    if (session->is_away && message->type == WIRE_ACK &&
        !wire_get_ack(message->payload, message->payload_len, &ack) &&
        ack.command == WIRE_CMD_START && ack.status != WIRE_OK)
        host_link_ack_problem(session->link, &ack, "START", &session->hindrance);
}

/* What was heard may be answered at once. Frames of an earlier host's stream are not his. */
static int let_leader_hear(struct session *session, const struct host_link_item *item,
                           struct problem *why)
{
    const struct session_leader *leader = session->options->leader;
    const struct session_ear *ear = session->options->ear;
    if (!session->writer && item->message.type == WIRE_FRAME)
        return 0;
    if (ear && ear->hear)
        ear->hear(ear->context, &item->message);
    if (!session->has_met || !leader->hear)
        return 0;
    if (leader->hear(leader->context, &item->message, why))
        return -1;
    return session->has_frame ? obey_leader(session, session->last_device_us, item->host_us, why)
                              : 0;
}

static int keep(struct session *session, const struct host_link_item *item, struct problem *why)
{
    const struct wire_message *message = &item->message;
    if (!item->bytes)
        return take_damage(session, item, item->has_header, why);
    if (message->version > WIRE_VERSION || !is_of_a_plate(message->type))
        return take_damage(session, item, 0, why);
    if (session->live)
        live_numbers_watch(session->live, message);
    if (!session->writer)
        return take_before_start(session, item, why);
    if (session->is_full)
        return 0;
    if (message->type == WIRE_FRAME)
        return take_frame(session, item, why);
    if (message->type == WIRE_HELLO && take_hello(session, item, why))
        return -1;
    note_refusal(session, message);
    if (message->type == WIRE_STATUS)
        take_status(session, message);
    if (message->type == WIRE_ANNOTATION) {
        session->plate_annotates = 1;
        session->visit_is_over |= says_end((const char *)message->payload, message->payload_len);
    }
    return recording_behind_append(session->writer, item->bytes, item->n_bytes, item->host_us, why);
}

int session_take(struct session *session, const struct host_link_item *item, struct problem *why)
{
    int was_full = session->is_full;
    if (keep(session, item, why))
        return -1;
    return was_full || !item->bytes || item->message.version > WIRE_VERSION ||
                   !is_of_a_plate(item->message.type)
               ? 0
               : let_leader_hear(session, item, why);
}

int session_idle(struct session *session, struct problem *why)
{
    show_when_due(session, NULL, IDLE_PROGRESS_US);
    return session->writer ? recording_behind_tick(session->writer, why) : 0;
}

int session_store_end(struct session *session, struct problem *why)
{
    struct session_result *result = session->result;
    result->duration_s = (double)session->elapsed_us * 1e-6;
    result->has_drift = !device_clock_drift_ppm(&session->clock, &result->drift_ppm);
    if (session->options->notes)
        result->notes_unused = (unsigned)(session->options->notes->n - session->next_note);
    if (session->writer) {
        struct recording_behind_numbers disk;
        recording_behind_numbers(session->writer, &disk);
        result->frames_skipped = disk.frames_skipped;
    }
    struct recording_behind *writer = session->writer, **back = session->options->writer_back;
    session->writer = NULL;
    if (writer && back && !recording_behind_end(writer, END_PATIENCE_MS)) {
        *back = writer;
        return 0;
    }
    return recording_behind_finish(writer, why);
}
