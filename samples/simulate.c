/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/simulate.h"
#include "driver/recording_header.h"
#include "driver/recording_output.h"
#include "driver/version.h"
#include "firmware/boards/host/virtual_plate.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"
#include "samples/subject_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_AHEAD_US 1000000u
#define STEPS_TO_TARE 10000

struct host {
    const struct simulation *wanted;
    const struct visit *visit; /* the source's */
    struct virtual_plate *plate;
    struct wire_stream stream;
    uint8_t *buffer;
    struct recording_output out;
    struct wire_hello hello;
    int has_hello, is_recording;
    uint32_t request; /* of the last command */
    int answer;       /* its last ACK's status, or -1 */
    uint64_t frames, first_us, last_us;
    struct truth_frames truth;
    struct problem *why;
    int failed;
};

/* --- What comes from the plate
 * -------------------------------------------------------------------- */

static void see_frame(struct host *host, uint64_t time_us)
{
    if (!host->frames++)
        host->first_us = time_us;
    host->last_us = time_us;
    if (!host->wanted->truth)
        return;
    struct moment moment = visit_moment(host->visit, time_us);
    if (truth_frames_add(&host->truth, time_us, &moment, host->why))
        host->failed = 1;
}

static void see_message(struct host *host, const struct wire_message *message)
{
    struct wire_ack ack;
    if (message->type == WIRE_FRAME && host->is_recording)
        see_frame(host, message->device_time_us);
    if (message->type == WIRE_HELLO &&
        !wire_get_hello(message->payload, message->payload_len, &host->hello))
        host->has_hello = 1;
    if (message->type == WIRE_ACK && !wire_get_ack(message->payload, message->payload_len, &ack) &&
        ack.request == host->request)
        host->answer = ack.status;
    if (host->is_recording &&
        recording_append_message(host->out.writer, message, message->device_time_us + HOST_AHEAD_US,
                                 host->why))
        host->failed = 1;
}

static size_t take_bytes(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct host *host = context;
    size_t taken = 0;
    (void)link;
    while (taken < n) {
        size_t room;
        uint8_t *at = wire_stream_room(&host->stream, &room);
        size_t part = n - taken < room ? n - taken : room;
        memcpy(at, bytes + taken, part);
        wire_stream_filled(&host->stream, part);
        taken += part;
        struct wire_message message;
        while (!host->failed && wire_stream_next(&host->stream, &message, 0) == WIRE_MESSAGE_WHOLE)
            see_message(host, &message);
        if (!part || host->failed)
            break;
    }
    return taken;
}

/* --- What goes to the plate
 * ------------------------------------------------------------------------ */

static void command(struct host *host, enum wire_type type)
{
    uint8_t payload[64], bytes[WIRE_HEADER_SIZE + sizeof payload];
    struct wire_command wish = {.request = ++host->request};
    if (type == WIRE_CMD_HELLO)
        wish.as.hello.protocol_min = wish.as.hello.protocol_max =
            WIRE_VERSION << 8 | WIRE_VERSION_MINOR;
    struct wire_message message = {.type = (uint8_t)type, .payload = payload};
    message.payload_len = (uint32_t)wire_put_command(payload, sizeof payload, (uint8_t)type, &wish);
    host->answer = -1;
    virtual_plate_receive(host->plate, 0, bytes, wire_encode(bytes, sizeof bytes, &message));
}

static int refused(struct host *host, const char *what)
{
    if (host->failed)
        return -1; /* told already */
    return problem(host->why, PROBLEM_FAILED, "the virtual plate did not answer %s", what);
}

static int greet(struct host *host)
{
    command(host, WIRE_CMD_HELLO);
    return host->has_hello && !host->failed ? 0 : refused(host, "HELLO");
}

static int tare(struct host *host)
{
    command(host, WIRE_CMD_TARE);
    for (int i = 0; i < STEPS_TO_TARE && host->answer != WIRE_OK && !host->failed; i++)
        if (!virtual_plate_step(host->plate))
            break;
    return host->answer == WIRE_OK && !host->failed ? 0 : refused(host, "TARE");
}

static int stream(struct host *host)
{
    command(host, WIRE_CMD_START);
    if (host->answer != WIRE_OK)
        return refused(host, "START");
    double all = (double)host->visit->end_us;
    while (!host->failed && virtual_plate_step(host->plate))
        if (host->wanted->progress)
            host->wanted->progress(host->wanted->context,
                                   (double)virtual_plate_time_us(host->plate) / all);
    command(host, WIRE_CMD_STOP);
    return host->failed ? -1 : 0;
}

/* --- The recording
 * ---------------------------------------------------------------------------------- */

static int begin_recording(struct host *host)
{
    const struct wire_hello *hello = &host->hello;
    struct recording_header header = {.rows = hello->rows,
                                      .cols = hello->cols,
                                      .pitch_x_mm = hello->pitch_x_um / 1000.0,
                                      .pitch_y_mm = hello->pitch_y_um / 1000.0,
                                      .rate_hz = hello->rate_hz,
                                      .bits = hello->bits,
                                      .full_scale_kpa = hello->full_scale_kpa};
    const struct subject *subject = host->wanted->subject;
    snprintf(header.software, sizeof header.software, "tenderfoot %s", TENDERFOOT_VERSION);
    snprintf(header.created_utc, sizeof header.created_utc, "%s", host->wanted->created_utc);
    snprintf(header.client, sizeof header.client, "%s", subject->person.label);
    snprintf(header.protocol, sizeof header.protocol, "%s",
             subject->protocol.press.present ? "press" : "stand");
    snprintf(header.source, sizeof header.source, "virtual");
    snprintf(header.units, sizeof header.units, "counts");
    snprintf(header.calibration_id, sizeof header.calibration_id, "%s",
             host->wanted->calibration_id);
    memcpy(header.device.serial, hello->serial, sizeof header.device.serial);
    memcpy(header.device.model, hello->model, sizeof header.device.model);
    memcpy(header.device.firmware, hello->firmware, sizeof header.device.firmware);
    char *json = recording_header_format(&header, host->why);
    if (!json)
        return -1;
    int result =
        recording_output_begin(&host->out, host->wanted->path, json, host->wanted->calibration,
                               host->wanted->n_calibration, host->why);
    free(json);
    host->is_recording = !result;
    return result;
}

static int open_plate(struct host *host, struct problem *why)
{
    host->buffer = malloc(2 * (size_t)WIRE_MESSAGE_MAX);
    if (!host->buffer)
        return problem_no_memory(why, "a virtual visit");
    wire_stream_init(&host->stream, host->buffer, 2 * (size_t)WIRE_MESSAGE_MAX);
    struct scan_source *source =
        subject_source_create(host->wanted->subject, host->wanted->seed, why);
    if (!source)
        return -1;
    host->visit = subject_source_visit(source);
    struct virtual_plate_options options = {.source = source,
                                            .seed = host->wanted->seed,
                                            .keeps_all = 1,
                                            .sink = take_bytes,
                                            .context = host};
    host->plate = virtual_plate_create_with(&options, why);
    return host->plate ? 0 : -1;
}

static void tell(const struct host *host, struct simulation_facts *facts)
{
    const struct press_plan *plan = &host->visit->presses;
    double period_s = 1.0 / host->hello.rate_hz;
    *facts = (struct simulation_facts){.frames = host->frames, .presses = plan->n};
    if (host->frames)
        facts->duration_s = (double)(host->last_us - host->first_us) * 1e-6 + period_s;
    for (int i = 0; i < plan->n; i++)
        facts->answers += plan->presses[i].answered;
}

int simulate(const struct simulation *simulation, struct simulation_facts *facts,
             struct problem *why)
{
    struct host host = {.wanted = simulation, .why = why, .answer = -1};
    int result = -1;
    /* HELLO comes first without a file, to know what to write into its header; then it is asked
     * again, so that the recording holds it too. */
    if (open_plate(&host, why) || greet(&host) || begin_recording(&host) || greet(&host) ||
        tare(&host) || stream(&host))
        goto out;
    if (simulation->truth && truth_write(simulation->truth, host.visit, &host.truth, why))
        goto out;
    tell(&host, facts);
    host.is_recording = 0;
    result = recording_output_finish(&host.out, why);
out:
    recording_output_abort(&host.out);
    virtual_plate_free(host.plate);
    truth_frames_free(&host.truth);
    free(host.buffer);
    return result;
}
