/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that stands still: what waits is kept in order, what does not fit is counted in the file,
 * a write that fails is told, and nobody ever waits for it. The disk is stopped and let go by the
 * test itself, so that no clock is in it. */
#include "driver/recording_behind.h"
#include "firmware/wire/payloads.h"
#include "tests/support/example_recording.h"
#include "tests/support/failing_malloc.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- A disk that can be stopped -------------------------------------------------------------- */

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t disk_turns = PTHREAD_COND_INITIALIZER;
static int disk_stands;

static void before_write(void *context)
{
    (void)context;
    pthread_mutex_lock(&disk_lock);
    while (disk_stands)
        pthread_cond_wait(&disk_turns, &disk_lock);
    pthread_mutex_unlock(&disk_lock);
}

static void set_disk(int stands)
{
    pthread_mutex_lock(&disk_lock);
    disk_stands = stands;
    pthread_cond_broadcast(&disk_turns);
    pthread_mutex_unlock(&disk_lock);
}

static const struct recording_behind_test stoppable = {before_write, NULL};

/* --- Recordings ------------------------------------------------------------------------------ */

static struct recording_writer *create(const char *path)
{
    struct problem why;
    char *json = example_header_json();
    struct recording_writer *writer = recording_create(path, json, NULL, 0, &why);
    assert_non_null(writer);
    free(json);
    example_append_hello(writer, 77, 0);
    return writer;
}

static struct recording_behind *begin(const char *path, size_t bytes)
{
    struct problem why;
    struct recording_behind *b =
        recording_behind_start(create(path), path, bytes, &stoppable, &why);
    assert_non_null(b);
    return b;
}

static void append_frame(struct recording_behind *b, uint32_t seq)
{
    uint8_t bytes[512];
    struct problem why;
    size_t n = example_frame(seq, bytes, sizeof bytes);
    assert_int_equal(recording_behind_append(b, bytes, n, example_host_us(seq), &why), 0);
}

/* A LOG that says its number, of about any length. */
static void append_log(struct recording_behind *b, unsigned number, size_t n_text)
{
    uint8_t payload[2000] = {WIRE_LOG_INFO};
    struct problem why;
    memset(payload + 1, 'x', sizeof payload - 1);
    snprintf((char *)payload + 1, 16, "%08u", number);
    payload[9] = 'x';
    struct wire_message log = {
        .type = WIRE_LOG, .payload = payload, .payload_len = (uint32_t)(20 + n_text)};
    assert_int_equal(recording_behind_message(b, &log, 6000000 + number, &why), 0);
}

struct found {
    struct recording_summary summary;
    unsigned logs, told_frames, told_messages;
};

/* Frames in order and exact, logs in order and none missing, what annotations tell. */
static struct found read_back(const char *path)
{
    struct found found = {0};
    struct problem why;
    struct recording_item item;
    struct recording *recording = recording_open(path, &why);
    int64_t last = -1;
    assert_non_null(recording);
    while (recording_next(recording, &item, &why) > 0) {
        const char *text = (const char *)item.message.payload;
        if (item.message.type == WIRE_FRAME) {
            assert_true((int64_t)item.message.seq > last);
            last = item.message.seq;
            example_check_frame(&item.message);
        } else if (item.message.type == WIRE_LOG) {
            assert_int_equal(strtoul(text + 1, NULL, 10), found.logs++);
        } else if (item.message.type == WIRE_ANNOTATION) {
            char json[200] = "";
            unsigned frames = 0, messages = 0;
            assert_true(item.message.payload_len < sizeof json);
            memcpy(json, text, item.message.payload_len);
            assert_int_equal(sscanf(json,
                                    "{\"schema\":\"tenderfoot/annotation/1\",\"skipped\":{"
                                    "\"frames\":%u,\"messages\":%u,",
                                    &frames, &messages),
                             2);
            found.told_frames += frames;
            found.told_messages += messages;
        }
    }
    recording_summary(recording, &found.summary);
    recording_close(recording);
    return found;
}

/* --- Stories --------------------------------------------------------------------------------- */

static void a_disk_that_stands_still_for_eight_seconds_costs_nothing(void **state)
{
    (void)state;
    const char *path = scratch_new("frozen.tfr");
    struct recording_behind_numbers numbers;
    struct problem why;
    enum { FRAMES = 4000 }; /* 8 s at 500 a second */
    struct recording_behind *b = begin(path, RECORDING_BEHIND_BYTES);
    set_disk(1);
    for (uint32_t seq = 0; seq < FRAMES; seq++)
        append_frame(b, seq);
    recording_behind_numbers(b, &numbers);
    assert_int_equal(numbers.frames_waiting, FRAMES);
    assert_int_equal(numbers.frames_written + numbers.frames_skipped, 0);
    assert_true(numbers.behind_s > 0);
    set_disk(0);
    assert_int_equal(recording_behind_finish(b, &why), 0);
    struct found found = read_back(path);
    assert_int_equal(found.summary.frames.delivered, FRAMES);
    assert_int_equal(found.summary.frames.lost, 0);
    assert_int_equal(found.told_messages, 0);
    assert_true(found.summary.closed_cleanly);
}

/* Frames wait while others still find room: a button's answer is worth more than a frame. */
static void what_does_not_fit_is_counted_in_the_file(void **state)
{
    (void)state;
    const char *path = scratch_new("skipped.tfr");
    struct recording_behind_numbers numbers;
    struct problem why;
    uint32_t seq = 0;
    struct recording_behind *b = begin(path, 16384);
    set_disk(1);
    for (; seq < 1000; seq++) {
        append_frame(b, seq);
        if (seq % 100 == 0)
            append_log(b, seq / 100, 20);
    }
    set_disk(0);
    do {
        sched_yield();
        recording_behind_numbers(b, &numbers);
    } while (numbers.frames_waiting);
    assert_true(numbers.frames_skipped > 500);
    assert_int_equal(numbers.messages_skipped, numbers.frames_skipped);
    assert_int_equal(numbers.frames_written + numbers.frames_skipped, 1000);
    append_frame(b, seq++);
    assert_int_equal(recording_behind_finish(b, &why), 0);
    struct found found = read_back(path);
    assert_int_equal(found.summary.frames.delivered + found.summary.frames.lost, 1001);
    assert_int_equal(found.summary.frames.lost, numbers.frames_skipped);
    assert_int_equal(found.told_frames, numbers.frames_skipped);
    assert_int_equal(found.told_messages, numbers.messages_skipped);
    assert_int_equal(found.logs, 10);
    assert_true(found.summary.closed_cleanly);
}

/* When nothing comes after it, the end of the file still tells. */
static void the_end_of_the_file_tells_of_the_last_ones(void **state)
{
    (void)state;
    const char *path = scratch_new("last.tfr");
    struct problem why;
    struct recording_behind *b = begin(path, 8192);
    set_disk(1);
    for (uint32_t seq = 0; seq < 300; seq++)
        append_frame(b, seq);
    set_disk(0);
    assert_int_equal(recording_behind_finish(b, &why), 0);
    struct found found = read_back(path);
    assert_true(found.told_frames > 100);
    assert_int_equal(found.summary.frames.delivered + found.told_frames, 300);
}

/* Who ends a recording need not wait for the disk: the file ends itself when it can. */
static void an_end_that_nobody_waits_for(void **state)
{
    (void)state;
    enum { FRAMES = 50 };
    const char *path = scratch_new("later.tfr");
    struct problem why;
    struct recording_behind *b = begin(path, 1 << 20);
    set_disk(1);
    for (uint32_t seq = 0; seq < FRAMES; seq++)
        append_frame(b, seq);
    assert_int_equal(recording_behind_end(b, 0), 0);
    assert_int_equal(recording_behind_end(b, 20), 0);
    set_disk(0);
    while (!recording_behind_end(b, 1000))
        ;
    assert_int_equal(recording_behind_finish(b, &why), 0);
    struct found found = read_back(path);
    assert_int_equal(found.summary.frames.delivered, FRAMES);
    assert_true(found.summary.closed_cleanly);
    b = begin(scratch_new("at_once.tfr"), 0); /* nothing is behind: nothing to wait for */
    assert_int_equal(recording_behind_end(b, 0), 1);
    assert_int_equal(recording_behind_finish(b, &why), 0);
}

/* Sizes and stops at random: a small ring wraps in every way it can. */
static void any_sizes_in_any_rhythm_come_out_in_order(void **state)
{
    (void)state;
    const char *seed = getenv("TEST_SEED");
    uint64_t random = seed ? strtoull(seed, NULL, 10) : 20261122;
    struct recording_behind_numbers numbers = {0};
    struct problem why;
    unsigned logs = 0, rounds = 60;
    print_message("TEST_SEED=%llu\n", (unsigned long long)random);
    const char *path = scratch_new("random.tfr");
    struct recording_behind *b = begin(path, 24000);
    while (rounds--) {
        set_disk(1);
        unsigned n = 1 + (unsigned)(scratch_random(&random) % 9);
        for (unsigned i = 0; i < n; i++)
            append_log(b, logs++, scratch_random(&random) % 1900);
        set_disk(0);
        if (scratch_random(&random) % 3)
            continue;
        append_frame(b, rounds ? 1000 - rounds : 2000); /* numbers that rise */
        do {
            sched_yield();
            recording_behind_numbers(b, &numbers);
        } while (numbers.behind_s > 0);
    }
    recording_behind_numbers(b, &numbers);
    unsigned skipped = (unsigned)numbers.messages_skipped;
    assert_int_equal(recording_behind_finish(b, &why), 0);
    struct problem ignored;
    struct recording_item item;
    struct recording *recording = recording_open(path, &ignored);
    unsigned found = 0, next = 0;
    while (recording_next(recording, &item, &ignored) > 0)
        if (item.message.type == WIRE_LOG) {
            unsigned number = (unsigned)strtoul((const char *)item.message.payload + 1, NULL, 10);
            assert_true(number >= next);
            next = number + 1;
            found++;
        }
    recording_close(recording);
    assert_true(found + skipped >= logs);
    assert_true(found > logs / 2);
}

/* The file is the same, byte for byte, whether it was written at once or behind. */
static void behind_or_at_once_the_file_is_the_same(void **state)
{
    (void)state;
    struct problem why;
    uint8_t *bytes[2];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        const char *path = scratch_new(i ? "behind.tfr" : "at_once.tfr");
        struct recording_behind *b = begin(path, i ? 1 << 20 : 0);
        for (uint32_t seq = 0; seq < 200; seq++)
            append_frame(b, seq);
        append_log(b, 0, 5);
        assert_int_equal(recording_behind_damage(b, 17, NULL, 7000000, &why), 0);
        assert_int_equal(recording_behind_tick(b, &why), 0);
        assert_int_equal(recording_behind_finish(b, &why), 0);
        bytes[i] = scratch_read(path, &n[i]);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void a_full_disk_is_told_and_the_file_is_whole_so_far(void **state)
{
    (void)state;
    const char *path = scratch_new("full.tfr");
    struct rlimit old, small;
    struct problem why = {0};
    uint8_t bytes[512];
    int failed = 0;
    signal(SIGXFSZ, SIG_IGN);
    struct recording_behind *b = begin(path, 1 << 20);
    getrlimit(RLIMIT_FSIZE, &old);
    small = (struct rlimit){20000, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    for (uint32_t seq = 0; seq < 100000 && !failed; seq++) {
        size_t n = example_frame(seq, bytes, sizeof bytes);
        failed = recording_behind_append(b, bytes, n, example_host_us(seq), &why);
        if (seq % 64 == 0)
            sched_yield();
    }
    while (!failed) { /* the writer is behind: it will come to the limit */
        sched_yield();
        failed = recording_behind_tick(b, &why);
    }
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "full.tfr"));
    assert_int_equal(recording_behind_finish(b, &why), -1);
    setrlimit(RLIMIT_FSIZE, &old);
    struct found found = read_back(path);
    assert_true(found.summary.frames.delivered > 20);
    assert_int_equal(found.summary.damaged_bytes, 0);
}

static void what_is_abandoned_is_forgotten(void **state)
{
    (void)state;
    const char *path = scratch_new("abandoned.tfr");
    struct recording_behind *b = begin(path, 1 << 20);
    for (uint32_t seq = 0; seq < 50; seq++)
        append_frame(b, seq);
    recording_behind_abandon(b);
    recording_behind_abandon(NULL);
    struct problem why;
    assert_int_equal(recording_behind_finish(NULL, &why), 0);
    struct found found = read_back(path);
    assert_false(found.summary.closed_cleanly);
    assert_int_equal(found.summary.damaged_bytes, 0);
}

static void without_memory_nothing_is_left(void **state)
{
    (void)state;
    for (long n = 1;; n++) {
        const char *path = scratch_new("memory.tfr");
        struct recording_writer *writer = create(path);
        struct problem why = {0};
        failing_malloc_at(n);
        struct recording_behind *b = recording_behind_start(writer, path, 65536, NULL, &why);
        int failed = failing_malloc_off();
        if (failed)
            assert_null(b);
        else
            assert_int_equal(recording_behind_finish(b, &why), 0);
        unlink(path);
        if (!failed)
            return;
        assert_int_equal(why.kind, PROBLEM_FAILED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_stands_still_for_eight_seconds_costs_nothing),
        cmocka_unit_test(what_does_not_fit_is_counted_in_the_file),
        cmocka_unit_test(the_end_of_the_file_tells_of_the_last_ones),
        cmocka_unit_test(an_end_that_nobody_waits_for),
        cmocka_unit_test(any_sizes_in_any_rhythm_come_out_in_order),
        cmocka_unit_test(behind_or_at_once_the_file_is_the_same),
        cmocka_unit_test(a_full_disk_is_told_and_the_file_is_whole_so_far),
        cmocka_unit_test(what_is_abandoned_is_forgotten),
        cmocka_unit_test(without_memory_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
