/* SPDX-License-Identifier: MIT */
#include "driver/recording.h"

#include "driver/recording_format.h"
#include "driver/sync_folder.h"
#include "firmware/wire/crc32c.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SYNC_EVERY_US 1000000u

struct recording_writer {
    int fd;
    char *path;
    uint8_t *scratch; /* one message of the host's own, encoded */
    uint64_t size, synced;
    uint64_t synced_at_us; /* CLOCK_MONOTONIC */
    uint64_t host_time_us; /* of the last REC_ARRIVAL; 0 = none yet */
    uint64_t messages, frames;
    struct recording_index_rule rule;
    uint8_t *index; /* entries as they will be written */
    size_t index_cap;
    struct problem failure; /* kind is not PROBLEM_NONE once a write or sync has failed */
};

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* From here on nothing more is written: what the disk holds after a failure is not known. */
static int fail(struct recording_writer *w, const char *what, struct problem *why)
{
    problem_coded(&w->failure, problem_code_of_errno(errno), PROBLEM_FAILED,
                  "%s: %s: %s; recording has stopped, the file is whole up to byte %llu", w->path,
                  what, strerror(errno), (unsigned long long)w->synced);
    if (why)
        *why = w->failure;
    return -1;
}

static int failed_before(const struct recording_writer *w, struct problem *why)
{
    if (w->failure.kind == PROBLEM_NONE)
        return 0;
    if (why)
        *why = w->failure;
    return -1;
}

/* Writes all of both parts; a signal or a short write goes on where it stopped. */
static int write_all(struct recording_writer *w, struct iovec parts[2], struct problem *why)
{
    int first = 0;
    while (first < 2) {
        if (parts[first].iov_len == 0) {
            first++;
            continue;
        }
        ssize_t n = writev(w->fd, parts + first, 2 - first);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(w, "cannot be written", why);
        w->size += (uint64_t)n;
        for (int i = first; i < 2 && n > 0; i++) {
            size_t taken = (size_t)n < parts[i].iov_len ? (size_t)n : parts[i].iov_len;
            parts[i].iov_base = (uint8_t *)parts[i].iov_base + taken;
            parts[i].iov_len -= taken;
            n -= (ssize_t)taken;
        }
    }
    return 0;
}

static int sync_now(struct recording_writer *w, struct problem *why)
{
    /* Never asked twice: after a failed sync the kernel may have dropped the pages and a second
     * call would succeed over lost data. */
    if (fdatasync(w->fd))
        return fail(w, "cannot be synced to the disk", why);
    w->synced = w->size;
    w->synced_at_us = monotonic_us();
    return 0;
}

int recording_tick(struct recording_writer *w, struct problem *why)
{
    if (failed_before(w, why))
        return -1;
    if (w->synced == w->size || monotonic_us() - w->synced_at_us < SYNC_EVERY_US)
        return 0;
    return sync_now(w, why);
}

uint64_t recording_synced_bytes(const struct recording_writer *w)
{
    return w->synced;
}

/* Room for one more index entry. Losing the index for want of memory would be silent: so it fails.
 */
static int index_add(struct recording_writer *w, uint64_t time_us, uint64_t offset,
                     struct problem *why)
{
    size_t at = (size_t)(w->rule.n - 1) * RECORDING_INDEX_ENTRY;
    if (at + RECORDING_INDEX_ENTRY > w->index_cap) {
        size_t cap = w->index_cap ? 2 * w->index_cap : 64 * RECORDING_INDEX_ENTRY;
        uint8_t *grown = realloc(w->index, cap);
        if (!grown) {
            w->rule.n--;
            return problem_no_memory(why, "the recording's index");
        }
        w->index = grown;
        w->index_cap = cap;
    }
    recording_put64(w->index + at, time_us);
    recording_put64(w->index + at + 8, offset);
    return 0;
}

/* Checks that the bytes are whole messages and enters them into counts and index. `offset` is
 * where the first will lie. */
static int enter_messages(struct recording_writer *w, const uint8_t *bytes, size_t n,
                          uint64_t offset, struct problem *why)
{
    struct recording_index_rule before = w->rule;
    uint64_t messages = 0, frames = 0;
    for (size_t at = 0; at < n;) {
        struct wire_message message;
        size_t used = 0;
        if (wire_decode(bytes + at, n - at, &message, &used) != WIRE_MESSAGE_WHOLE) {
            w->rule = before;
            return problem(why, PROBLEM_FAILED,
                           "%s: the bytes to record are not whole messages (at %zu of %zu)",
                           w->path, at, n);
        }
        if (recording_index_takes(&w->rule, &message, offset + at) &&
            index_add(w, message.device_time_us, offset + at, why)) {
            w->rule = before;
            return -1;
        }
        messages++;
        frames += (uint64_t)recording_is_frame(&message);
        at += used;
    }
    w->messages += messages;
    w->frames += frames;
    return 0;
}

static size_t encode_arrival(uint8_t *out, size_t cap, uint64_t host_time_us)
{
    uint8_t payload[RECORDING_ARRIVAL_SIZE];
    recording_put64(payload, host_time_us);
    struct wire_message arrival = {
        .type = WIRE_REC_ARRIVAL, .payload = payload, .payload_len = sizeof payload};
    return wire_encode(out, cap, &arrival);
}

int recording_append(struct recording_writer *w, const void *message, size_t n,
                     uint64_t host_time_us, struct problem *why)
{
    if (failed_before(w, why))
        return -1;
    uint8_t arrival[WIRE_HEADER_SIZE + RECORDING_ARRIVAL_SIZE];
    size_t n_arrival = 0;
    if (host_time_us != w->host_time_us)
        n_arrival = encode_arrival(arrival, sizeof arrival, host_time_us);
    if (enter_messages(w, message, n, w->size + n_arrival, why))
        return -1;
    struct iovec parts[2] = {{arrival, n_arrival}, {(void *)(uintptr_t)message, n}};
    if (write_all(w, parts, why))
        return -1;
    w->messages += n_arrival > 0;
    w->host_time_us = host_time_us;
    return recording_tick(w, why);
}

int recording_append_message(struct recording_writer *w, const struct wire_message *message,
                             uint64_t host_time_us, struct problem *why)
{
    size_t n = wire_encode(w->scratch, WIRE_MESSAGE_MAX, message);
    if (n == 0)
        return problem(why, PROBLEM_FAILED, "%s: a message of %u bytes is too long to record",
                       w->path, (unsigned)message->payload_len);
    return recording_append(w, w->scratch, n, host_time_us, why);
}

int recording_append_damage(struct recording_writer *w, uint32_t bytes,
                            const struct wire_message *header, uint64_t host_time_us,
                            struct problem *why)
{
    uint8_t payload[RECORDING_DAMAGE_SIZE];
    struct wire_message damage = recording_damage_message(payload, bytes, header);
    return recording_append_message(w, &damage, host_time_us, why);
}

/* Appends a bookkeeping message, outside arrival times and index. */
static int append_own(struct recording_writer *w, uint8_t type, const uint8_t *payload, size_t n,
                      struct problem *why)
{
    struct wire_message own = {.type = type, .payload = payload, .payload_len = (uint32_t)n};
    size_t size = wire_encode(w->scratch, WIRE_MESSAGE_MAX, &own);
    struct iovec parts[2] = {{w->scratch, size}, {NULL, 0}};
    if (write_all(w, parts, why))
        return -1;
    w->messages++;
    return 0;
}

static int append_calibration(struct recording_writer *w, const uint8_t *bytes, size_t n,
                              struct problem *why)
{
    uint32_t crc = crc32c(0, bytes, n);
    uint8_t *chunk = malloc(RECORDING_CALIBRATION_HEAD + RECORDING_CALIBRATION_CHUNK);
    if (!chunk)
        return problem_no_memory(why, "the calibration's copy");
    int bad = 0;
    for (size_t at = 0; at < n && !bad; at += RECORDING_CALIBRATION_CHUNK) {
        size_t part = n - at < RECORDING_CALIBRATION_CHUNK ? n - at : RECORDING_CALIBRATION_CHUNK;
        recording_put32(chunk, (uint32_t)n);
        recording_put32(chunk + 4, (uint32_t)at);
        recording_put32(chunk + 8, crc);
        memcpy(chunk + RECORDING_CALIBRATION_HEAD, bytes + at, part);
        bad = append_own(w, WIRE_REC_CALIBRATION, chunk, RECORDING_CALIBRATION_HEAD + part, why);
    }
    free(chunk);
    return bad;
}

/* Header and calibration twice: one damaged place in them must not make a recording unreadable. */
static int write_prologue(struct recording_writer *w, const char *header_json,
                          const void *calibration, size_t n_calibration, struct problem *why)
{
    for (int copy = 0; copy < 2; copy++) {
        if (append_own(w, WIRE_REC_HEADER, (const uint8_t *)header_json, strlen(header_json), why))
            return -1;
    }
    for (int copy = 0; copy < 2; copy++) {
        if (append_calibration(w, calibration, n_calibration, why))
            return -1;
    }
    return 0;
}

int recording_sync_new(struct recording_writer *w, struct problem *why)
{
    if (failed_before(w, why))
        return -1;
    if (sync_now(w, why))
        return -1;
    return sync_folder_of(w->path) ? fail(w, "its folder cannot be synced", why) : 0;
}

static void release(struct recording_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    free(w->path);
    free(w->scratch);
    free(w->index);
    free(w);
}

static int open_new(struct recording_writer *w, struct problem *why)
{
    w->fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (w->fd >= 0)
        return 0;
    if (errno == EEXIST)
        return problem(why, PROBLEM_FAILED,
                       "%s exists already and recordings are never overwritten; give another name",
                       w->path);
    return problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED,
                         "%s cannot be created: %s", w->path, strerror(errno));
}

struct recording_writer *recording_create_unsynced(const char *path, const char *header_json,
                                                   const void *calibration, size_t n_calibration,
                                                   struct problem *why)
{
    if (strlen(header_json) > RECORDING_HEADER_MAX || n_calibration > RECORDING_CALIBRATION_MAX) {
        problem(why, PROBLEM_FAILED, "%s: header or calibration is too large for a recording",
                path);
        return NULL;
    }
    struct recording_writer *w = calloc(1, sizeof *w);
    if (!w) {
        problem_no_memory(why, "a recording");
        return NULL;
    }
    w->fd = -1;
    w->path = strdup(path);
    w->scratch = malloc(WIRE_MESSAGE_MAX);
    if (!w->path || !w->scratch) {
        problem_no_memory(why, "a recording");
        release(w);
        return NULL;
    }
    if (open_new(w, why)) {
        release(w);
        return NULL;
    }
    if (write_prologue(w, header_json, calibration, n_calibration, why)) {
        unlink(path); /* ours for certain: O_EXCL made it just now */
        release(w);
        return NULL;
    }
    return w;
}

struct recording_writer *recording_create(const char *path, const char *header_json,
                                          const void *calibration, size_t n_calibration,
                                          struct problem *why)
{
    struct recording_writer *w =
        recording_create_unsynced(path, header_json, calibration, n_calibration, why);
    if (!w || !recording_sync_new(w, why))
        return w;
    unlink(path);
    release(w);
    return NULL;
}

static int write_index(struct recording_writer *w, struct problem *why)
{
    uint8_t *payload = malloc(WIRE_PAYLOAD_MAX);
    if (!payload)
        return problem_no_memory(why, "the recording's index");
    int bad = 0;
    for (uint32_t at = 0; at < w->rule.n && !bad; at += RECORDING_INDEX_CHUNK) {
        uint32_t left = w->rule.n - at;
        uint32_t n = left < RECORDING_INDEX_CHUNK ? left : RECORDING_INDEX_CHUNK;
        recording_put32(payload, w->rule.n);
        recording_put32(payload + 4, at);
        memcpy(payload + RECORDING_INDEX_HEAD, w->index + (size_t)at * RECORDING_INDEX_ENTRY,
               (size_t)n * RECORDING_INDEX_ENTRY);
        bad = append_own(w, WIRE_REC_INDEX, payload,
                         RECORDING_INDEX_HEAD + (size_t)n * RECORDING_INDEX_ENTRY, why);
    }
    free(payload);
    return bad;
}

static int write_end(struct recording_writer *w, uint64_t messages, uint64_t index_offset,
                     struct problem *why)
{
    uint8_t payload[RECORDING_END_SIZE] = {0};
    recording_put64(payload, messages);
    recording_put64(payload + 8, w->frames);
    recording_put64(payload + 16, index_offset);
    recording_put32(payload + 24, w->rule.n);
    return append_own(w, WIRE_REC_END, payload, sizeof payload, why);
}

static int finish_file(struct recording_writer *w, struct problem *why)
{
    if (failed_before(w, why))
        return -1;
    uint64_t messages = w->messages, index_offset = w->size;
    if (write_index(w, why) || write_end(w, messages, index_offset, why) || sync_now(w, why))
        return -1;
    int fd = w->fd;
    w->fd = -1;
    return close(fd) ? fail(w, "cannot be closed", why) : 0;
}

int recording_finish(struct recording_writer *w, struct problem *why)
{
    if (!w)
        return 0;
    int result = finish_file(w, why);
    release(w);
    return result;
}

void recording_abandon(struct recording_writer *w)
{
    if (w)
        release(w);
}
