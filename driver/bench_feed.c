/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/bench_feed.h"

#include "driver/plate_zeros.h"
#include "driver/recording.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/payloads.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BARE_PERCENT 5.0 /* of the cells may read something on an empty plate: faulty ones */
#define BARE_US 500000   /* right after the tare nothing has been laid on yet */
#define ZERO_SHIFT_COUNTS 20.0

/* One file while it is read. */
struct reading {
    struct bench_feed *feed;
    struct bench_feed_facts *facts;
    struct plate_zeros *zeros;
    uint16_t *counts;
    size_t cells;
    int has_boot, has_hold, has_zero_part, step_end;
    uint32_t boot_id;
    uint64_t first_us, part_us;
};

/* --- Messages -------------------------------------------------------------------------------- */

static int take_boot(struct reading *r, uint32_t boot_id, struct problem *why)
{
    int is_restart = r->has_boot && boot_id != r->boot_id;
    r->has_boot = 1;
    r->boot_id = boot_id;
    if (!is_restart)
        return 0;
    r->facts->restarts++;
    return bench_end_recording(r->feed->session, why); /* its clock begins anew */
}

static int compare_counts(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* NAN when there is no memory to sort in, or nothing to compare with. */
static double median_shift(const struct bench_feed *feed, size_t cells)
{
    int *shift = feed->first_zeros ? malloc(cells * sizeof *shift) : NULL;
    size_t n = 0;
    if (!shift)
        return NAN;
    for (size_t i = 0; i < cells; i++)
        if (feed->floors[i] != ZERO_MASKED)
            shift[n++] = (int)feed->zeros[i] - (int)feed->first_zeros[i];
    qsort(shift, n, sizeof *shift, compare_counts);
    double median = n ? (double)shift[n / 2] : (double)NAN;
    free(shift);
    return median;
}

/* Zeros and floors come as two messages of one tare. */
static int take_zero(struct reading *r, const struct wire_message *m, struct problem *why)
{
    struct bench_feed *feed = r->feed;
    enum zero_part part;
    struct frame_shape shape;
    int is_floors = m->payload_len > 0 && m->payload[0] == ZERO_FLOORS;
    if ((is_floors && !(r->has_zero_part && m->device_time_us == r->part_us)) ||
        zero_decode(m->payload, m->payload_len, &part, &shape,
                    is_floors ? feed->floors : feed->zeros, r->cells) ||
        shape.rows != feed->header.rows || shape.cols != feed->header.cols)
        return 0;
    r->has_zero_part = !is_floors;
    r->part_us = m->device_time_us;
    if (!is_floors)
        return 0;
    r->facts->zero_shift_counts = median_shift(feed, r->cells);
    if (!feed->first_zeros && (feed->first_zeros = malloc(r->cells * sizeof *feed->zeros)))
        memcpy(feed->first_zeros, feed->zeros, r->cells * sizeof *feed->zeros);
    return bench_zeros(feed->session, feed->zeros, feed->floors, why);
}

static int take_annotation(struct reading *r, const struct wire_message *m, struct problem *why)
{
    const char *text = (const char *)m->payload;
    json_t *note = json_loadb(text, m->payload_len, 0, NULL);
    const char *bench = json_string_value(json_object_get(note, "bench"));
    const char *step = json_string_value(json_object_get(note, "step"));
    r->has_hold |= bench && !strcmp(bench, "hold");
    r->step_end |=
        step && !strcmp(step, "end") && !json_is_true(json_object_get(note, "unfinished"));
    json_decref(note);
    return bench_annotation(r->feed->session, m->device_time_us, text, m->payload_len, why);
}

static void look_at_bare(struct reading *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->cells; i++)
        n += r->counts[i] > (r->feed->floors[i] ? 2u * r->feed->floors[i] : 8u);
    r->facts->bare_percent = fmax(isnan(r->facts->bare_percent) ? 0 : r->facts->bare_percent,
                                  100 * (double)n / (double)r->cells);
}

static void take_frame(struct reading *r, const struct recording_item *item)
{
    const struct wire_message *m = &item->message;
    struct frame_shape shape;
    if (item->repeat != SEQUENCE_NEW ||
        frame_decode(m->payload, m->payload_len, &shape, r->counts, r->cells) ||
        shape.rows != r->feed->header.rows || shape.cols != r->feed->header.cols ||
        shape.bits != r->feed->header.bits ||
        plate_zeros_apply(r->zeros, &shape, r->counts) == ZEROS_UNKNOWN)
        return;
    if (!r->facts->frames++)
        r->first_us = m->device_time_us;
    if (!r->has_hold && m->device_time_us - r->first_us < BARE_US)
        look_at_bare(r);
    bench_frame(r->feed->session, m->device_time_us, r->counts);
}

static int take_message(struct reading *r, const struct recording_item *item, struct problem *why)
{
    const struct wire_message *m = &item->message;
    struct wire_status status;
    struct wire_hello hello;
    plate_zeros_watch(r->zeros, m);
    switch (m->type) {
    case WIRE_FRAME:
        take_frame(r, item);
        return 0;
    case WIRE_ANNOTATION:
        return take_annotation(r, m, why);
    case WIRE_ZERO:
        return take_zero(r, m, why);
    case WIRE_HELLO:
        return wire_get_hello(m->payload, m->payload_len, &hello)
                   ? 0
                   : take_boot(r, hello.boot_id, why);
    case WIRE_STATUS:
        if (wire_get_status(m->payload, m->payload_len, &status))
            return 0;
        if (take_boot(r, status.boot_id, why))
            return -1;
        if (status.temperature_cdeg != WIRE_NO_TEMPERATURE)
            bench_temperature(r->feed->session, status.temperature_cdeg / 100.0);
        return 0;
    default:
        return 0;
    }
}

/* --- A file ---------------------------------------------------------------------------------- */

static int is_same_plate(const struct recording_header *a, const struct recording_header *b)
{
    return a->rows == b->rows && a->cols == b->cols && a->bits == b->bits &&
           !strcmp(a->device.serial, b->device.serial);
}

static int begin_session(struct bench_feed *feed, const struct recording_header *h,
                         struct problem *why)
{
    size_t cells = (size_t)h->rows * (size_t)h->cols;
    feed->zeros = calloc(cells, sizeof *feed->zeros);
    feed->floors = calloc(cells, sizeof *feed->floors);
    if (!feed->zeros || !feed->floors)
        return problem_no_memory(why, "a bench");
    feed->header = *h;
    feed->session =
        bench_begin(h->device.serial, h->rows, h->cols, h->bits, h->pitch_x_mm, h->pitch_y_mm, why);
    return feed->session ? 0 : -1;
}

static int check_header(struct bench_feed *feed, const char *path, const char *json,
                        struct problem *why)
{
    struct recording_header h;
    if (!json)
        return problem(why, PROBLEM_REFUSED, "%s: its header is damaged", path);
    if (recording_header_parse(json, &h, why))
        return -1;
    if (strcmp(h.units, "counts"))
        return problem(why, PROBLEM_REFUSED,
                       "%s holds kPa: a calibration is made from a plate's own counts", path);
    if (strcmp(h.created_utc, feed->newest_utc) > 0) /* ISO 8601 sorts as time does */
        memcpy(feed->newest_utc, h.created_utc, sizeof feed->newest_utc);
    if (!feed->session)
        return begin_session(feed, &h, why);
    if (is_same_plate(&h, &feed->header))
        return 0;
    return problem(why, PROBLEM_REFUSED,
                   "%s is of plate %s (%d x %d cells of %d bits), the files before it of plate %s "
                   "(%d x %d of %d bits): one folder is for one plate",
                   path, h.device.serial, h.rows, h.cols, h.bits, feed->header.device.serial,
                   feed->header.rows, feed->header.cols, feed->header.bits);
}

static int read_all(struct reading *r, struct recording *recording, const char *path,
                    struct problem *why)
{
    struct recording_item item;
    int more;
    while ((more = recording_next(recording, &item, why)) > 0)
        if (take_message(r, &item, why)) {
            struct problem inner = *why;
            return problem(why, inner.kind, "%s, at byte %llu: %s", path,
                           (unsigned long long)item.offset, inner.text);
        }
    return more;
}

static int read_file(struct bench_feed *feed, struct recording *recording, const char *path,
                     struct bench_feed_facts *facts, struct problem *why)
{
    struct reading r = {.feed = feed, .facts = facts};
    struct recording_summary summary;
    r.cells = (size_t)feed->header.rows * (size_t)feed->header.cols;
    r.counts = calloc(r.cells, sizeof *r.counts);
    r.zeros = plate_zeros_create(feed->header.rows, feed->header.cols, why);
    int bad = r.counts ? !r.zeros : problem_no_memory(why, "a bench's recording");
    facts->first_hold = bench_hold_count(feed->session);
    if (!bad) {
        bench_temperature(feed->session, NAN);
        bad = read_all(&r, recording, path, why) || bench_end_recording(feed->session, why);
    }
    recording_summary(recording, &summary);
    facts->n_holds = bench_hold_count(feed->session) - facts->first_hold;
    facts->lost = summary.frames.lost;
    facts->damaged_places = summary.damaged_places;
    facts->is_closed = summary.closed_cleanly;
    facts->is_complete = facts->is_closed && r.step_end && facts->n_holds > 0;
    free(r.counts);
    plate_zeros_free(r.zeros);
    return bad ? -1 : 0;
}

int bench_feed_file(struct bench_feed *feed, const char *path, struct bench_feed_facts *facts,
                    struct problem *why)
{
    *facts = (struct bench_feed_facts){.bare_percent = NAN, .zero_shift_counts = NAN};
    struct recording *recording = recording_open(path, why);
    if (!recording)
        return -1;
    int bad = check_header(feed, path, recording_header(recording), why) ||
              read_file(feed, recording, path, facts, why);
    recording_close(recording);
    return bad ? -1 : 0;
}

void bench_feed_free(struct bench_feed *feed)
{
    bench_free(feed->session);
    free(feed->zeros);
    free(feed->floors);
    free(feed->first_zeros);
    *feed = (struct bench_feed){0};
}

/* --- What is said against it ----------------------------------------------------------------- */

static int check_bare(const char *path, const struct bench_feed_facts *facts, struct problem *why)
{
    if (facts->bare_percent > BARE_PERCENT)
        return problem(why, PROBLEM_REFUSED,
                       "%s: %.0f %% of the cells read something before anything was laid on: the "
                       "plate was not empty. Take everything off and record this stage again",
                       path, facts->bare_percent);
    if (fabs(facts->zero_shift_counts) > ZERO_SHIFT_COUNTS)
        return problem(why, PROBLEM_REFUSED,
                       "%s: the zeros lie %+.0f counts off those of the first stage: something lay "
                       "on the plate when it was tared. Take everything off, wait a minute, and "
                       "record this stage again",
                       path, facts->zero_shift_counts);
    return 0;
}

static int check_settled(const struct bench_feed *feed, const char *path,
                         const struct bench_feed_facts *facts, struct problem *why)
{
    size_t restless = 0;
    struct bench_hold_facts hold = {0}, worst = {0};
    for (size_t i = 0; i < facts->n_holds; i++) {
        bench_hold(feed->session, facts->first_hold + i, &hold);
        if (!hold.settled && !restless++)
            worst = hold;
    }
    if (restless * 4 <= facts->n_holds)
        return 0; /* the fit leaves single ones out and says so */
    return problem(
        why, PROBLEM_REFUSED,
        "%s: %zu of %zu holds did not settle (the first at %g %s: %+.1f %% over its last "
        "%.1f s). Look for a leak, hold longer, and record this stage again",
        path, restless, facts->n_holds, isnan(worst.kpa) ? worst.kg : worst.kpa,
        isnan(worst.kpa) ? "kg" : "kPa", worst.drift_percent, worst.tail_seconds);
}

/* On the way up of one cycle more pressure must read more. */
static int check_order(const struct bench_feed *feed, const char *path,
                       const struct bench_feed_facts *facts, struct problem *why)
{
    struct bench_hold_facts last = {.direction = 0}, hold;
    for (size_t i = 0; i < facts->n_holds; i++) {
        bench_hold(feed->session, facts->first_hold + i, &hold);
        if (hold.stage != BENCH_BLADDER)
            continue;
        int rises = last.direction > 0 && hold.direction > 0 && last.cycle == hold.cycle &&
                    hold.kpa > last.kpa;
        if (rises && hold.median_counts <= last.median_counts)
            return problem(
                why, PROBLEM_REFUSED,
                "%s: the plate reads no more at %g kPa (%.0f counts) than at %g kPa "
                "(%.0f counts) before: the pressures said are not those that were there, "
                "or the plate is full. Look at gauge and valve, and record this stage "
                "again",
                path, hold.kpa, hold.median_counts, last.kpa, last.median_counts);
        last = hold;
    }
    return 0;
}

int bench_feed_check(const struct bench_feed *feed, const char *path,
                     const struct bench_feed_facts *facts, struct problem *why)
{
    if (!facts->n_holds)
        return problem(why, PROBLEM_REFUSED,
                       "%s: nothing in it says what lay on the plate (no bench annotation)", path);
    if (facts->restarts)
        return problem(why, PROBLEM_REFUSED,
                       "%s: the plate restarted %d time(s) in it and lost its zeros. Look at cable "
                       "and supply, and record this stage again",
                       path, facts->restarts);
    return check_bare(path, facts, why) || check_settled(feed, path, facts, why) ||
                   check_order(feed, path, facts, why)
               ? -1
               : 0;
}
