/* SPDX-License-Identifier: MIT */
#include "driver/recording.h"

#include "driver/recording_format.h"
#include "driver/recording_private.h"
#include "firmware/wire/crc32c.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two of the longest messages: a refill then moves at most as many bytes as it reads. */
#define BUFFER_SIZE (2u * WIRE_MESSAGE_MAX)

struct recording {
    int fd;
    char *path;
    uint8_t *buffer;
    size_t start, end; /* unread bytes in buffer */
    uint64_t offset;   /* in the file, of buffer[start] */
    int file_ended;
    uint64_t give_up_at; /* while no header is found: how far to look for one; 0 = to the end */

    char *header;
    uint8_t *calibration;
    size_t n_calibration;
    uint32_t calibration_crc;

    /* Since the last rewind: */
    uint64_t host_time_us;
    uint64_t run_bytes; /* length of the damaged run being crossed */
    uint64_t all_messages, messages_at_index;
    int saw_index, saw_end, junk_after_end;
    uint64_t end_messages, end_frames, frames;
    struct recording_index_rule rule; /* the index as these messages would make it */
    uint32_t rule_crc, index_crc;
    uint32_t index_total, index_entries;
    struct recording_summary summary;
};

/* --- Bytes ------------------------------------------------------------------------------------ */

static int fill(struct recording *r, struct problem *why)
{
    memmove(r->buffer, r->buffer + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;
    for (;;) {
        ssize_t n = read(r->fd, r->buffer + r->end, BUFFER_SIZE - r->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return problem(why, PROBLEM_FAILED, "%s cannot be read at byte %llu: %s", r->path,
                           (unsigned long long)(r->offset + r->end), strerror(errno));
        r->end += (size_t)n;
        r->file_ended = n == 0;
        return 0;
    }
}

void recording_go_to(struct recording *r, uint64_t offset)
{
    lseek(r->fd, (off_t)offset, SEEK_SET); /* a regular file: an error shows at the next read */
    r->start = r->end = 0;
    r->offset = offset;
    r->file_ended = 0;
}

void recording_rewind(struct recording *r)
{
    recording_go_to(r, 0);
    r->host_time_us = r->run_bytes = 0;
    r->all_messages = r->messages_at_index = r->frames = 0;
    r->saw_index = r->saw_end = r->junk_after_end = 0;
    r->end_messages = r->end_frames = 0;
    r->rule = (struct recording_index_rule){0};
    r->rule_crc = r->index_crc = 0;
    r->index_total = r->index_entries = 0;
    int damaged = r->summary.calibration_damaged;
    r->summary = (struct recording_summary){.calibration_damaged = damaged};
    sequence_init(&r->summary.frames);
}

/* --- Messages and damage ---------------------------------------------------------------------- */

static void drop(struct recording *r, size_t n)
{
    r->start += n;
    r->offset += n;
    r->run_bytes += n;
}

/* A damaged run is over because a message or the end follows. Host times are not carried across:
 * the REC_ARRIVAL of what follows may have been in the run. */
static void end_run(struct recording *r, int at_file_end)
{
    if (r->run_bytes == 0)
        return;
    if (at_file_end && !r->saw_end) {
        r->summary.torn_tail_bytes = r->run_bytes;
    } else {
        r->summary.damaged_bytes += r->run_bytes;
        r->summary.damaged_places++;
        r->junk_after_end = at_file_end;
    }
    r->run_bytes = 0;
    r->host_time_us = 0;
}

int recording_next_any(struct recording *r, struct wire_message *message, uint64_t *offset,
                       size_t *size, struct problem *why)
{
    for (;;) {
        size_t used = 0, n = r->end - r->start;
        enum wire_verdict verdict = WIRE_NEED_MORE;
        if (n > 0)
            verdict = wire_decode(r->buffer + r->start, n, message, &used);
        if (verdict == WIRE_MESSAGE_WHOLE) {
            end_run(r, 0);
            *offset = r->offset;
            *size = used;
            r->start += used;
            r->offset += used;
            return 1;
        }
        if (verdict == WIRE_NEED_MORE && !r->file_ended) {
            if (fill(r, why))
                return -1;
            continue;
        }
        if (n == 0 || (r->give_up_at && r->offset > r->give_up_at)) {
            end_run(r, 1);
            return 0;
        }
        if (verdict == WIRE_BAD_PAYLOAD && recording_is_frame(message))
            sequence_bad_frame(&r->summary.frames, message->seq);
        drop(r, verdict == WIRE_NEED_MORE || used == 0 ? 1 : used);
    }
}

/* --- What the file says about itself ---------------------------------------------------------- */

static void read_arrival(struct recording *r, const struct wire_message *m)
{
    if (m->payload_len >= RECORDING_ARRIVAL_SIZE)
        r->host_time_us = recording_get64(m->payload);
}

static void read_index(struct recording *r, const struct wire_message *m)
{
    if (!r->saw_index)
        r->messages_at_index = r->all_messages;
    r->saw_index = 1;
    if (m->payload_len < RECORDING_INDEX_HEAD)
        return;
    uint32_t n = (m->payload_len - RECORDING_INDEX_HEAD) / RECORDING_INDEX_ENTRY;
    r->index_total = recording_get32(m->payload);
    r->index_crc =
        crc32c(r->index_crc, m->payload + RECORDING_INDEX_HEAD, (size_t)n * RECORDING_INDEX_ENTRY);
    r->index_entries += n;
}

static void read_end(struct recording *r, const struct wire_message *m)
{
    if (m->payload_len < RECORDING_END_SIZE)
        return;
    if (!r->saw_index)
        r->messages_at_index = r->all_messages;
    r->saw_end = 1;
    r->end_messages = recording_get64(m->payload);
    r->end_frames = recording_get64(m->payload + 8);
}

static void read_damage(struct recording *r, const struct wire_message *m)
{
    if (m->payload_len < RECORDING_DAMAGE_SIZE)
        return;
    r->summary.wire_damaged_bytes += recording_get32(m->payload);
    r->summary.wire_damaged_places++;
    if (m->payload[4] == WIRE_FRAME)
        sequence_bad_frame(&r->summary.frames, recording_get32(m->payload + 8));
}

static void read_plate(struct recording *r, const struct wire_message *m)
{
    struct wire_hello hello;
    struct wire_status status;
    if (m->type == WIRE_HELLO && !wire_get_hello(m->payload, m->payload_len, &hello))
        sequence_hello(&r->summary.frames, hello.boot_id, hello.scans);
    if (m->type == WIRE_STATUS && !wire_get_status(m->payload, m->payload_len, &status))
        sequence_status(&r->summary.frames, status.boot_id, status.scans);
}

/* Bookkeeping of a FRAME, in the index as it should be too. */
static enum sequence_verdict read_frame(struct recording *r, const struct wire_message *m,
                                        uint64_t offset)
{
    if (r->frames++ == 0)
        r->summary.first_time_us = m->device_time_us;
    r->summary.last_time_us = m->device_time_us;
    if (recording_index_takes(&r->rule, m, offset)) {
        uint8_t entry[RECORDING_INDEX_ENTRY];
        recording_put64(entry, m->device_time_us);
        recording_put64(entry + 8, offset);
        r->rule_crc = crc32c(r->rule_crc, entry, sizeof entry);
    }
    return sequence_frame(&r->summary.frames, m->seq);
}

/* Takes the file's own messages in; 1 when the message is for the caller. */
static int is_for_caller(struct recording *r, const struct wire_message *m)
{
    r->saw_end = 0; /* whatever follows an end mark, the mark was not the end */
    switch (m->type) {
    case WIRE_REC_HEADER:
    case WIRE_REC_CALIBRATION:
        return 0;
    case WIRE_REC_ARRIVAL:
        read_arrival(r, m);
        return 0;
    case WIRE_REC_INDEX:
        read_index(r, m);
        return 0;
    case WIRE_REC_END:
        read_end(r, m);
        return 0;
    case WIRE_REC_DAMAGE:
        read_damage(r, m);
        return 1;
    default:
        return 1;
    }
}

int recording_next(struct recording *r, struct recording_item *item, struct problem *why)
{
    int got;
    while ((got = recording_next_any(r, &item->message, &item->offset, &item->size, why)) > 0) {
        int wanted = is_for_caller(r, &item->message);
        r->all_messages++;
        if (!wanted)
            continue;
        r->summary.messages++;
        item->bytes = r->buffer + r->start - item->size;
        item->host_time_us = r->host_time_us;
        item->repeat = SEQUENCE_NEW;
        if (recording_is_frame(&item->message))
            item->repeat = read_frame(r, &item->message, item->offset);
        else
            read_plate(r, &item->message);
        return 1;
    }
    return got;
}

void recording_summary(const struct recording *r, struct recording_summary *summary)
{
    *summary = r->summary;
    summary->bytes = r->offset;
    summary->closed_cleanly =
        r->saw_end && !r->junk_after_end && r->file_ended && r->start == r->end;
    summary->index_matches = -1;
    if (r->saw_index)
        summary->index_matches = r->index_entries == r->rule.n && r->index_total == r->rule.n &&
                                 r->index_crc == r->rule_crc;
    if (r->saw_end && r->end_messages > r->messages_at_index)
        summary->missing_messages = r->end_messages - r->messages_at_index;
    if (r->saw_end && r->end_frames > r->frames)
        summary->missing_frames = r->end_frames - r->frames;
}

/* --- Opening ---------------------------------------------------------------------------------- */

/* Keeps one part of the calibration's copy; parts that contradict the first are not believed. */
static int take_calibration_part(struct recording *r, const struct wire_message *m, uint8_t *have,
                                 struct problem *why)
{
    if (m->payload_len < RECORDING_CALIBRATION_HEAD)
        return 0;
    uint32_t total = recording_get32(m->payload), at = recording_get32(m->payload + 4);
    uint32_t part = m->payload_len - RECORDING_CALIBRATION_HEAD;
    if (total == 0 || total > RECORDING_CALIBRATION_MAX || at % RECORDING_CALIBRATION_CHUNK ||
        at >= total || part > total - at ||
        (part != RECORDING_CALIBRATION_CHUNK && part != total - at))
        return 0;
    if (!r->calibration) {
        r->calibration = malloc(total);
        if (!r->calibration)
            return problem_no_memory(why, "the calibration's copy");
        r->n_calibration = total;
        r->calibration_crc = recording_get32(m->payload + 8);
    }
    if (total != r->n_calibration)
        return 0;
    memcpy(r->calibration + at, m->payload + RECORDING_CALIBRATION_HEAD, part);
    have[at / RECORDING_CALIBRATION_CHUNK] = 1;
    return 0;
}

static void judge_calibration(struct recording *r, const uint8_t *have)
{
    if (!r->calibration)
        return;
    int whole = 1;
    for (size_t at = 0; at < r->n_calibration; at += RECORDING_CALIBRATION_CHUNK)
        whole &= have[at / RECORDING_CALIBRATION_CHUNK];
    if (whole && crc32c(0, r->calibration, r->n_calibration) == r->calibration_crc)
        return;
    free(r->calibration);
    r->calibration = NULL;
    r->n_calibration = 0;
    r->summary.calibration_damaged = 1;
}

static int take_header(struct recording *r, const struct wire_message *m, struct problem *why)
{
    if (r->header || m->payload_len > RECORDING_HEADER_MAX)
        return 0;
    r->header = malloc((size_t)m->payload_len + 1);
    if (!r->header)
        return problem_no_memory(why, "the recording's header");
    memcpy(r->header, m->payload, m->payload_len);
    r->header[m->payload_len] = 0;
    return 0;
}

/* Why there is no header: the sentence for a file that cannot be opened. */
static int refuse(const struct recording *r, const uint8_t *front, size_t n, int any_message,
                  struct problem *why)
{
    struct wire_message m;
    size_t used;
    if (n == 0)
        return problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                             "%s is empty: nothing was recorded", r->path);
    enum wire_verdict verdict = wire_decode(front, n, &m, &used);
    if (verdict == WIRE_TOO_NEW)
        return problem(
            why, PROBLEM_REFUSED,
            "%s is a recording of version %u; this program reads version %u: use a newer "
            "tenderfoot",
            r->path, (unsigned)m.version, WIRE_VERSION);
    if (any_message || (n >= 4 && recording_get32(front) == WIRE_MAGIC))
        return problem_coded(
            why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
            "%s: both copies of the header record at its beginning are damaged or cut off",
            r->path);
    return problem_coded(why, PROBLEM_CODE_NO_RECORDING, PROBLEM_REFUSED,
                         "%s is not a tenderfoot recording (no header record)", r->path);
}

/* Reads header and calibration: from the beginning to the first message that is neither. A foreign
 * file is given up after one buffer. */
static int read_prologue(struct recording *r, uint8_t *have, struct problem *why)
{
    struct wire_message m;
    uint64_t offset;
    size_t size, n_front;
    uint8_t front[WIRE_HEADER_SIZE * 2];
    int got, any = 0;
    if (fill(r, why))
        return -1;
    n_front = r->end < sizeof front ? r->end : sizeof front;
    memcpy(front, r->buffer, n_front);
    r->give_up_at = BUFFER_SIZE;
    while ((got = recording_next_any(r, &m, &offset, &size, why)) > 0) {
        any = 1;
        r->give_up_at = 0;
        if (m.type == WIRE_REC_HEADER && take_header(r, &m, why))
            return -1;
        if (m.type == WIRE_REC_CALIBRATION && take_calibration_part(r, &m, have, why))
            return -1;
        if (m.type != WIRE_REC_HEADER && m.type != WIRE_REC_CALIBRATION)
            break;
    }
    if (got < 0)
        return -1;
    if (!r->header)
        return refuse(r, front, n_front, any, why);
    judge_calibration(r, have);
    return 0;
}

static int open_file(struct recording *r, struct problem *why)
{
    struct stat st;
    /* Not blocking, so that a FIFO of that name cannot hold us. */
    r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (r->fd < 0)
        return problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", r->path, strerror(errno));
    if (fstat(r->fd, &st))
        return problem(why, PROBLEM_FAILED, "%s cannot be read: %s", r->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return problem_coded(why, PROBLEM_CODE_NO_RECORDING, PROBLEM_REFUSED,
                             "%s is not a regular file", r->path);
    return 0;
}

static int start_reading(struct recording *r, const char *path, struct problem *why)
{
    uint8_t have[RECORDING_CALIBRATION_MAX / RECORDING_CALIBRATION_CHUNK] = {0};
    r->path = strdup(path);
    r->buffer = malloc(BUFFER_SIZE);
    if (!r->path || !r->buffer)
        return problem_no_memory(why, "a recording's buffer");
    if (open_file(r, why))
        return -1;
    recording_rewind(r);
    if (read_prologue(r, have, why))
        return -1;
    recording_rewind(r);
    return 0;
}

struct recording *recording_open(const char *path, struct problem *why)
{
    struct recording *r = calloc(1, sizeof *r);
    if (!r) {
        problem_no_memory(why, "a recording");
        return NULL;
    }
    r->fd = -1;
    if (start_reading(r, path, why)) {
        recording_close(r);
        return NULL;
    }
    return r;
}

void recording_close(struct recording *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->path);
    free(r->buffer);
    free(r->header);
    free(r->calibration);
    free(r);
}

uint64_t recording_file_size(const struct recording *r)
{
    struct stat st;
    return fstat(r->fd, &st) ? 0 : (uint64_t)st.st_size;
}

const char *recording_header(const struct recording *r)
{
    return r->header;
}

const void *recording_calibration(const struct recording *r, size_t *n)
{
    *n = r->n_calibration;
    return r->calibration;
}
