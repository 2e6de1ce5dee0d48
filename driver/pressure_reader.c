/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/pressure_reader.h"

#include "driver/plate_pressure.h"
#include "driver/plate_zeros.h"
#include "driver/recording_format.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"

#include <stdlib.h>
#include <string.h>

struct pressure_reader {
    struct recording *recording;
    struct recording_header header;
    struct calibration *calibration; /* NULL: frames are in kPa */
    size_t cells;
    uint16_t *counts;
    float *kpa;
    struct plate_zeros *zeros;
    struct plate_pressure *pressure; /* NULL as the calibration */
    uint64_t unusable;

    /* The device's clock, continued over restarts: time = device time + shift. */
    int has_boot;
    uint32_t boot_id;
    int restarted; /* the next dated message sets the shift */
    int64_t shift_us;
    uint64_t last_time_us, last_host_us;
};

/* --- Time ------------------------------------------------------------------------------------- */

static void note_boot(struct pressure_reader *r, uint32_t boot_id)
{
    if (r->has_boot && boot_id != r->boot_id)
        r->restarted = 1;
    r->has_boot = 1;
    r->boot_id = boot_id;
}

static void watch_boot(struct pressure_reader *r, const struct wire_message *m)
{
    struct wire_hello hello;
    struct wire_status status;
    if (m->type == WIRE_HELLO && !wire_get_hello(m->payload, m->payload_len, &hello))
        note_boot(r, hello.boot_id);
    if (m->type == WIRE_STATUS && !wire_get_status(m->payload, m->payload_len, &status))
        note_boot(r, status.boot_id);
}

/* After a restart the device counts from 0 again. What passed between is taken from the host's
 * clock; without it one frame's time is as good a guess as any. */
static void set_shift(struct pressure_reader *r, uint64_t device_us, uint64_t host_us)
{
    uint64_t passed_us = (uint64_t)(1e6 / r->header.rate_hz);
    if (host_us > r->last_host_us && r->last_host_us > 0)
        passed_us = host_us - r->last_host_us;
    r->shift_us = (int64_t)(r->last_time_us + passed_us) - (int64_t)device_us;
    r->restarted = 0;
}

static uint64_t continued_time(struct pressure_reader *r, uint64_t device_us, uint64_t host_us)
{
    if (r->restarted)
        set_shift(r, device_us, host_us);
    uint64_t time_us = device_us + (uint64_t)r->shift_us; /* modulo 2^64: a fall below 0 is not */
    if (time_us >= r->last_time_us) {
        r->last_time_us = time_us;
        r->last_host_us = host_us;
    }
    return time_us;
}

/* --- Items ------------------------------------------------------------------------------------ */

/* 1 when the frame could be turned into kPa, else 0 and it is counted. */
static int read_counts(struct pressure_reader *r, struct pressure_item *item)
{
    struct frame_shape shape;
    const struct wire_message *m = &item->message;
    if (r->calibration && !frame_decode(m->payload, m->payload_len, &shape, r->counts, r->cells) &&
        shape.rows == r->header.rows && shape.cols == r->header.cols &&
        shape.bits == r->header.bits) {
        item->untared = plate_zeros_apply(r->zeros, &shape, r->counts) == ZEROS_UNKNOWN;
        if (item->untared) /* what it would leave in the cells' memory is not theirs */
            calibration_apply(r->calibration, r->counts, r->kpa);
        else
            plate_pressure_apply(r->pressure, m->device_time_us, r->counts, r->kpa);
        item->saturated = (shape.flags & FRAME_SATURATED) != 0;
        return 1;
    }
    r->unusable++;
    return 0;
}

static int read_kpa(struct pressure_reader *r, const struct wire_message *m)
{
    uint16_t rows, cols;
    if (!frame_f32_decode(m->payload, m->payload_len, &rows, &cols, r->kpa, r->cells) &&
        rows == r->header.rows && cols == r->header.cols)
        return 1;
    r->unusable++;
    return 0;
}

static int read_frame(struct pressure_reader *r, const struct recording_item *stored,
                      struct pressure_item *item)
{
    if (stored->repeat == SEQUENCE_REPEAT)
        return 0;
    item->kind = PRESSURE_FRAME;
    item->seq = stored->message.seq;
    item->late = stored->repeat == SEQUENCE_LATE;
    int usable =
        stored->message.type == WIRE_FRAME ? read_counts(r, item) : read_kpa(r, &stored->message);
    item->kpa = r->kpa;
    return usable;
}

static void read_event(const struct wire_message *m, struct pressure_item *item)
{
    struct wire_event event;
    if (wire_get_event(m->payload, m->payload_len, &event))
        return;
    if (event.kind == WIRE_BUTTON_DOWN || event.kind == WIRE_BUTTON_UP) {
        item->kind = PRESSURE_BUTTON;
        item->down = event.kind == WIRE_BUTTON_DOWN;
    }
    if (event.kind == WIRE_LIMIT_REACHED)
        item->kind = PRESSURE_LIMIT;
}

static int is_dated(const struct wire_message *m)
{
    return recording_is_frame(m) || m->type == WIRE_EVENT || m->type == WIRE_STATUS ||
           m->type == WIRE_ANNOTATION;
}

/* Fills the item; 0 when it is to be passed over (a repeat, an unusable frame). */
static int read_item(struct pressure_reader *r, const struct recording_item *stored,
                     struct pressure_item *item)
{
    const struct wire_message *m = &stored->message;
    *item = (struct pressure_item){
        .kind = PRESSURE_OTHER, .host_time_us = stored->host_time_us, .message = *m};
    watch_boot(r, m);
    plate_zeros_watch(r->zeros, m);
    if (r->pressure)
        plate_pressure_watch(r->pressure, m);
    if (recording_is_frame(m) && !read_frame(r, stored, item))
        return 0;
    item->time_us =
        is_dated(m) ? continued_time(r, m->device_time_us, stored->host_time_us) : r->last_time_us;
    if (m->type == WIRE_EVENT)
        read_event(m, item);
    if (m->type == WIRE_ANNOTATION) {
        item->kind = PRESSURE_ANNOTATION;
        item->json = (const char *)m->payload;
        item->n_json = m->payload_len;
    }
    return 1;
}

int pressure_reader_next(struct pressure_reader *r, struct pressure_item *item, struct problem *why)
{
    struct recording_item stored;
    int got;
    while ((got = recording_next(r->recording, &stored, why)) > 0) {
        if (read_item(r, &stored, item))
            return 1;
    }
    return got;
}

void pressure_reader_rewind(struct pressure_reader *r)
{
    recording_rewind(r->recording);
    r->unusable = 0;
    plate_zeros_forget(r->zeros);
    if (r->pressure)
        plate_pressure_forget(r->pressure);
    r->has_boot = r->restarted = 0;
    r->shift_us = 0;
    r->last_time_us = r->last_host_us = 0;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* The copy in the file, when there is one; no file of its own and a stated full scale: nominal. */
static struct calibration *own_calibration(const struct pressure_reader *r, const char *path,
                                           struct problem *why)
{
    const struct recording_header *h = &r->header;
    struct recording_summary summary;
    size_t n;
    const void *copy = recording_calibration(r->recording, &n);
    if (copy)
        return calibration_parse(copy, n, path, why);
    recording_summary(r->recording, &summary);
    int is_nominal = !h->calibration_id[0] || !strcmp(h->calibration_id, "nominal");
    if (summary.calibration_damaged || !is_nominal) {
        problem(
            why, PROBLEM_REFUSED,
            "%s: the copy of calibration '%s' in it is damaged; name the calibration's file with "
            "--calibration",
            path, h->calibration_id);
        return NULL;
    }
    if (!(h->full_scale_kpa > 0)) {
        problem(why, PROBLEM_REFUSED,
                "%s: there is no calibration in it and its plate states no full scale, so counts "
                "cannot be turned into kPa; name a calibration's file with --calibration",
                path);
        return NULL;
    }
    return calibration_nominal(h->rows, h->cols, h->bits, h->full_scale_kpa, why);
}

static int check_calibration(const struct pressure_reader *r, struct problem *why)
{
    const struct recording_header *h = &r->header;
    struct calibration_facts facts;
    if (calibration_check(r->calibration, h->device.serial, h->rows, h->cols, why))
        return -1;
    calibration_facts(r->calibration, &facts);
    if (facts.bits != h->bits)
        return problem(why, PROBLEM_REFUSED,
                       "calibration '%s' is for counts of %d bits, the recording has %d", facts.id,
                       facts.bits, h->bits);
    return 0;
}

static int get_calibration(struct pressure_reader *r, const char *path,
                           const char *calibration_path, struct problem *why)
{
    if (strcmp(r->header.units, "counts")) {
        if (!calibration_path)
            return 0;
        return problem(why, PROBLEM_REFUSED,
                       "%s holds kPa, not counts: no calibration can be applied to it", path);
    }
    r->calibration = calibration_path ? calibration_load(calibration_path, NULL, NULL, why)
                                      : own_calibration(r, path, why);
    return r->calibration ? check_calibration(r, why) : -1;
}

static int open_reader(struct pressure_reader *r, const char *path, const char *calibration_path,
                       struct problem *why)
{
    r->recording = recording_open(path, why);
    if (!r->recording || recording_header_parse(recording_header(r->recording), &r->header, why) ||
        get_calibration(r, path, calibration_path, why))
        return -1;
    r->cells = (size_t)r->header.rows * (size_t)r->header.cols;
    r->counts = calloc(r->cells, sizeof *r->counts);
    r->kpa = calloc(r->cells, sizeof *r->kpa);
    if (!r->counts || !r->kpa)
        return problem_no_memory(why, "a frame");
    r->zeros = plate_zeros_create(r->header.rows, r->header.cols, why);
    if (r->calibration)
        r->pressure = plate_pressure_create(r->calibration, why);
    return r->zeros && (!r->calibration || r->pressure) ? 0 : -1;
}

struct pressure_reader *pressure_reader_open(const char *path, const char *calibration_path,
                                             struct problem *why)
{
    struct pressure_reader *r = calloc(1, sizeof *r);
    if (!r) {
        problem_no_memory(why, "a reader");
        return NULL;
    }
    if (open_reader(r, path, calibration_path, why)) {
        pressure_reader_close(r);
        return NULL;
    }
    return r;
}

void pressure_reader_close(struct pressure_reader *r)
{
    if (!r)
        return;
    recording_close(r->recording);
    plate_pressure_free(r->pressure);
    calibration_free(r->calibration);
    plate_zeros_free(r->zeros);
    free(r->counts);
    free(r->kpa);
    free(r);
}

const struct recording_header *pressure_reader_header(const struct pressure_reader *r)
{
    return &r->header;
}

const struct calibration *pressure_reader_calibration(const struct pressure_reader *r)
{
    return r->calibration;
}

void pressure_reader_summary(const struct pressure_reader *r, struct recording_summary *summary)
{
    recording_summary(r->recording, summary);
}

uint64_t pressure_reader_unusable_frames(const struct pressure_reader *r)
{
    return r->unusable;
}
