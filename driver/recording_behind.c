/* SPDX-License-Identifier: MIT */
#include "driver/recording_behind.h"

#include "driver/recording_format.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <time.h>

#define LOOK_EVERY_US 1000000u
#define GIVE_BACK_BYTES ((size_t)1 << 20) /* a buffer that held more gives its memory back */
enum { TICK_MS = 250, FOR_OTHERS_SHARE = 8 };

/* What stands before each message in the buffer. */
struct entry {
    uint64_t host_time_us, since_us;
    uint32_t n, is_frame;
};

struct recording_behind {
    struct recording_writer *writer;
    char *path;
    uint8_t *scratch; /* one message of the host's own, encoded */
    struct recording_behind_test test;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more, ended;
    int ends, has_failed, forgets, has_ended, end_is_bad;
    struct problem failure, end_why;
    uint64_t started_us, looked_us, bytes_written;

    /* A ring of whole entries; one that does not fit before the end begins at 0 (`wrap` is where
     * the entries before it end). Empty, it begins at 0 anew, so that little memory is touched. */
    uint8_t *ring;
    size_t size, head, tail, wrap, high;
    int n_waiting;

    struct recording_behind_numbers numbers;
    uint64_t told_frames, told_messages; /* of those skipped, that the file knows of */
    uint64_t device_us;                  /* of the newest frame appended or skipped */
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* --- The ring, under the lock ---------------------------------------------------------------- */

static size_t room_of(size_t n)
{
    return (sizeof(struct entry) + n + 7) & ~(size_t)7;
}

static size_t waiting_bytes(const struct recording_behind *b)
{
    if (!b->n_waiting)
        return 0;
    return b->head > b->tail ? b->head - b->tail : b->wrap - b->tail + b->head;
}

/* Where an entry of so many bytes can go, or NULL. */
static uint8_t *make_room(struct recording_behind *b, size_t room)
{
    if (!b->n_waiting)
        b->head = b->tail = b->wrap = 0;
    int is_wrapped = b->n_waiting && b->head <= b->tail;
    if (is_wrapped)
        return b->tail - b->head >= room ? b->ring + b->head : NULL;
    if (b->size - b->head >= room)
        return b->ring + b->head;
    if (b->tail < room)
        return NULL;
    b->wrap = b->head;
    b->head = 0;
    return b->ring;
}

static int push(struct recording_behind *b, const void *message, size_t n, uint64_t host_time_us,
                int is_frame)
{
    size_t room = room_of(n), kept = is_frame ? b->size / FOR_OTHERS_SHARE : 0;
    if (waiting_bytes(b) + room + kept > b->size)
        return 0;
    uint8_t *at = make_room(b, room);
    if (!at)
        return 0;
    const struct entry entry = {host_time_us, now_us(), (uint32_t)n, (uint32_t)is_frame};
    memcpy(at, &entry, sizeof entry);
    memcpy(at + sizeof entry, message, n);
    b->head += room;
    if (b->head > b->high)
        b->high = b->head;
    b->n_waiting++;
    b->numbers.frames_waiting += (uint64_t)is_frame;
    pthread_cond_signal(&b->more);
    return 1;
}

static const uint8_t *oldest(struct recording_behind *b, struct entry *entry)
{
    if (b->tail >= b->wrap && b->head <= b->tail)
        b->tail = 0;
    memcpy(entry, b->ring + b->tail, sizeof *entry);
    return b->ring + b->tail + sizeof *entry;
}

static void pop(struct recording_behind *b, const struct entry *entry)
{
    b->tail += room_of(entry->n);
    b->n_waiting--;
    b->numbers.frames_waiting -= entry->is_frame;
    if (b->n_waiting)
        return;
    if (b->high > GIVE_BACK_BYTES)
        madvise(b->ring, b->size, MADV_DONTNEED);
    b->head = b->tail = b->wrap = b->high = 0;
}

/* --- The writing thread ---------------------------------------------------------------------- */

static void look_at_disk(struct recording_behind *b)
{
    struct statvfs disk;
    uint64_t now = now_us();
    if (now - b->looked_us < LOOK_EVERY_US)
        return;
    b->looked_us = now;
    double free_bytes = NAN;
    if (!statvfs(b->path, &disk))
        free_bytes = (double)disk.f_bavail * (double)disk.f_frsize;
    pthread_mutex_lock(&b->lock);
    b->numbers.free_bytes = free_bytes;
    if (now - b->started_us >= LOOK_EVERY_US)
        b->numbers.bytes_per_s = (double)b->bytes_written * 1e6 / (double)(now - b->started_us);
    pthread_mutex_unlock(&b->lock);
}

static void note_failure(struct recording_behind *b, const struct problem *why)
{
    pthread_mutex_lock(&b->lock);
    b->has_failed = 1;
    b->failure = *why;
    pthread_mutex_unlock(&b->lock);
}

static int write_one(struct recording_behind *b, const struct entry *entry, const uint8_t *bytes)
{
    struct problem why;
    if (b->test.before_write)
        b->test.before_write(b->test.context);
    if (recording_append(b->writer, bytes, entry->n, entry->host_time_us, &why)) {
        note_failure(b, &why);
        return -1;
    }
    b->bytes_written += entry->n;
    return 0;
}

static struct timespec after_ms(long ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += ms * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

static int tell_skipped(struct recording_behind *b, uint64_t host_time_us);

/* 1 = there is one; 0 = none for a while; -1 = the end. */
static int wait_for_one(struct recording_behind *b, struct entry *entry, const uint8_t **bytes)
{
    struct timespec until = after_ms(TICK_MS);
    pthread_mutex_lock(&b->lock);
    while (!b->n_waiting && !b->ends)
        if (pthread_cond_timedwait(&b->more, &b->lock, &until))
            break;
    if (b->ends && !b->n_waiting && !b->forgets)
        tell_skipped(b, now_us());
    int has = b->n_waiting > 0 && !b->forgets;
    if (has)
        *bytes = oldest(b, entry);
    int is_over = b->ends && !has;
    pthread_mutex_unlock(&b->lock);
    return has ? 1 : is_over ? -1 : 0;
}

/* The file's own end is written here too: it may wait for the disk as all else. */
static void end_file(struct recording_behind *b)
{
    struct problem why = {0};
    pthread_mutex_lock(&b->lock);
    while (!b->ends)
        pthread_cond_wait(&b->more, &b->lock);
    int forgets = b->forgets;
    pthread_mutex_unlock(&b->lock);
    int bad = forgets ? 0 : recording_finish(b->writer, &why);
    pthread_mutex_lock(&b->lock);
    b->end_is_bad = bad;
    b->end_why = why;
    b->has_ended = 1;
    pthread_cond_broadcast(&b->ended);
    pthread_mutex_unlock(&b->lock);
}

static void *write_behind(void *context)
{
    struct recording_behind *b = context;
    struct problem why;
    struct entry entry;
    const uint8_t *bytes;
    if (b->test.before_write)
        b->test.before_write(b->test.context);
    if (recording_sync_new(b->writer, &why))
        note_failure(b, &why);
    for (int has; !b->has_failed && (has = wait_for_one(b, &entry, &bytes)) >= 0;) {
        if (has && write_one(b, &entry, bytes))
            break;
        if (has) {
            pthread_mutex_lock(&b->lock);
            b->numbers.frames_written += entry.is_frame;
            pop(b, &entry);
            pthread_mutex_unlock(&b->lock);
        } else if (recording_tick(b->writer, &why)) {
            note_failure(b, &why);
            break;
        }
        look_at_disk(b);
    }
    end_file(b);
    return NULL;
}

/* --- Beginning and end ----------------------------------------------------------------------- */

static void release(struct recording_behind *b)
{
    if (b->ring)
        munmap(b->ring, b->size);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->more);
    pthread_cond_destroy(&b->ended);
    free(b->path);
    free(b->scratch);
    free(b);
}

static int start_thread(struct recording_behind *b, size_t bytes, struct problem *why)
{
    b->ring = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (b->ring == MAP_FAILED) {
        b->ring = NULL;
        return problem_no_memory(why, "the recording's buffer");
    }
    b->size = bytes;
    return pthread_create(&b->thread, NULL, write_behind, b)
               ? problem(why, PROBLEM_FAILED, "the recording's thread cannot be started")
               : 0;
}

static void init_locks(struct recording_behind *b)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->more, &monotonic);
    pthread_cond_init(&b->ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct recording_behind *recording_behind_start(struct recording_writer *writer, const char *path,
                                                size_t bytes,
                                                const struct recording_behind_test *test,
                                                struct problem *why)
{
    struct recording_behind *b = calloc(1, sizeof *b);
    if (!b) {
        problem_no_memory(why, "the recording's buffer");
        recording_abandon(writer);
        return NULL;
    }
    init_locks(b);
    b->writer = writer;
    b->started_us = now_us();
    b->numbers.free_bytes = b->numbers.bytes_per_s = NAN;
    if (test)
        b->test = *test;
    b->path = strdup(path);
    b->scratch = malloc(WIRE_MESSAGE_MAX);
    int bad = b->path && b->scratch ? 0 : problem_no_memory(why, "the recording's buffer");
    if (!bad)
        bad = bytes ? start_thread(b, bytes, why) : recording_sync_new(writer, why);
    if (!bad)
        return b;
    recording_abandon(writer);
    release(b);
    return NULL;
}

/* --- Appending ------------------------------------------------------------------------------- */

static size_t encode_skip_note(struct recording_behind *b, uint8_t *out, size_t cap)
{
    char json[160];
    int n = snprintf(json, sizeof json,
                     "{\"schema\":\"tenderfoot/annotation/1\",\"skipped\":{\"frames\":%llu,"
                     "\"messages\":%llu,\"why\":\"disk\"}}",
                     (unsigned long long)(b->numbers.frames_skipped - b->told_frames),
                     (unsigned long long)(b->numbers.messages_skipped - b->told_messages));
    struct wire_message note = {.type = WIRE_ANNOTATION,
                                .device_time_us = b->device_us,
                                .payload = (const uint8_t *)json,
                                .payload_len = (uint32_t)n};
    return wire_encode(out, cap, &note);
}

/* Under the lock: tells the file of what it lacks, as soon as there is room for that. */
static int tell_skipped(struct recording_behind *b, uint64_t host_time_us)
{
    uint8_t note[256];
    if (b->numbers.messages_skipped == b->told_messages)
        return 1;
    size_t n = encode_skip_note(b, note, sizeof note);
    if (!push(b, note, n, host_time_us, 0))
        return 0;
    b->told_frames = b->numbers.frames_skipped;
    b->told_messages = b->numbers.messages_skipped;
    return 1;
}

/* Whether it is a FRAME; its device time is kept for what may have to be said after it. */
static int is_frame(struct recording_behind *b, const void *message, size_t n)
{
    struct wire_message first;
    size_t used;
    if (wire_decode(message, n, &first, &used) != WIRE_MESSAGE_WHOLE || !recording_is_frame(&first))
        return 0;
    b->device_us = first.device_time_us;
    return 1;
}

static int write_at_once(struct recording_behind *b, const void *message, size_t n,
                         uint64_t host_time_us, struct problem *why)
{
    if (recording_append(b->writer, message, n, host_time_us, why))
        return -1;
    b->numbers.frames_written += (uint64_t)is_frame(b, message, n);
    return 0;
}

int recording_behind_append(struct recording_behind *b, const void *message, size_t n,
                            uint64_t host_time_us, struct problem *why)
{
    if (!b->ring)
        return write_at_once(b, message, n, host_time_us, why);
    int frame = is_frame(b, message, n);
    pthread_mutex_lock(&b->lock);
    int has_failed = b->has_failed;
    int fits =
        !frame || waiting_bytes(b) + room_of(n) + b->size / FOR_OTHERS_SHARE + 512 <= b->size;
    if (!has_failed &&
        !(fits && tell_skipped(b, host_time_us) && push(b, message, n, host_time_us, frame))) {
        b->numbers.messages_skipped++;
        b->numbers.frames_skipped += (uint64_t)frame;
    }
    if (has_failed && why)
        *why = b->failure;
    pthread_mutex_unlock(&b->lock);
    return has_failed ? -1 : 0;
}

int recording_behind_message(struct recording_behind *b, const struct wire_message *message,
                             uint64_t host_time_us, struct problem *why)
{
    size_t n = wire_encode(b->scratch, WIRE_MESSAGE_MAX, message);
    if (n == 0)
        return problem(why, PROBLEM_FAILED, "%s: a message of %u bytes is too long to record",
                       b->path, (unsigned)message->payload_len);
    return recording_behind_append(b, b->scratch, n, host_time_us, why);
}

int recording_behind_damage(struct recording_behind *b, uint32_t bytes,
                            const struct wire_message *header, uint64_t host_time_us,
                            struct problem *why)
{
    uint8_t payload[RECORDING_DAMAGE_SIZE];
    struct wire_message damage = recording_damage_message(payload, bytes, header);
    return recording_behind_message(b, &damage, host_time_us, why);
}

int recording_behind_tick(struct recording_behind *b, struct problem *why)
{
    if (!b->ring)
        return recording_tick(b->writer, why);
    pthread_mutex_lock(&b->lock);
    int has_failed = b->has_failed;
    if (has_failed && why)
        *why = b->failure;
    pthread_mutex_unlock(&b->lock);
    return has_failed ? -1 : 0;
}

void recording_behind_numbers(struct recording_behind *b, struct recording_behind_numbers *numbers)
{
    pthread_mutex_lock(&b->lock);
    *numbers = b->numbers;
    numbers->behind_s = 0;
    if (b->n_waiting) {
        struct entry entry;
        oldest(b, &entry);
        numbers->behind_s = (double)(now_us() - entry.since_us) * 1e-6;
    }
    pthread_mutex_unlock(&b->lock);
}

/* --- The end --------------------------------------------------------------------------------- */

static void end(struct recording_behind *b, int forgets)
{
    pthread_mutex_lock(&b->lock);
    b->forgets = forgets;
    b->ends = 1;
    pthread_cond_signal(&b->more);
    pthread_mutex_unlock(&b->lock);
}

int recording_behind_end(struct recording_behind *b, unsigned wait_ms)
{
    if (!b->ring)
        return 1;
    end(b, 0);
    struct timespec until = after_ms((long)wait_ms);
    pthread_mutex_lock(&b->lock);
    while (wait_ms && !b->has_ended)
        if (pthread_cond_timedwait(&b->ended, &b->lock, &until))
            break;
    int has_ended = b->has_ended;
    pthread_mutex_unlock(&b->lock);
    return has_ended;
}

int recording_behind_finish(struct recording_behind *b, struct problem *why)
{
    int bad;
    if (!b)
        return 0;
    if (b->ring) {
        end(b, 0);
        pthread_join(b->thread, NULL);
        bad = b->end_is_bad;
        if (bad && why)
            *why = b->end_why;
    } else {
        bad = recording_finish(b->writer, why);
    }
    release(b);
    return bad;
}

void recording_behind_abandon(struct recording_behind *b)
{
    if (!b)
        return;
    if (b->ring) {
        end(b, 1);
        pthread_join(b->thread, NULL);
    }
    recording_abandon(b->writer);
    release(b);
}
