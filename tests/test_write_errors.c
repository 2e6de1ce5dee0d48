/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that is full, a sync that fails, a process that is killed: what was synced is there. */
#include "driver/recording.h"
#include "driver/recording_output.h"
#include "driver/sync_folder.h"
#include "tests/support/example_recording.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Stands in for the C library's: our writer calls this one. */
static int fail_sync_number; /* 0 = none; else the sync that fails, counted from 1 */
static int syncs;

int fdatasync(int fd)
{
    if (++syncs == fail_sync_number) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

static int fsync_fails; /* folders are synced by this one */

int fsync(int fd)
{
    if (fsync_fails) {
        errno = fsync_fails;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

/* And the writer's second passes as fast as a test wants it. */
static uint64_t clock_step_us;
static uint64_t clock_us;

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (id != CLOCK_MONOTONIC || clock_step_us == 0)
        return (int)syscall(SYS_clock_gettime, id, now);
    clock_us += clock_step_us;
    now->tv_sec = (time_t)(clock_us / 1000000);
    now->tv_nsec = (long)(clock_us % 1000000) * 1000;
    return 0;
}

static struct recording_writer *create(const char *path, struct problem *why)
{
    char *json = example_header_json();
    struct recording_writer *w = recording_create(path, json, NULL, 0, why);
    free(json);
    return w;
}

/* Every frame in the file must be exact and in order from 0; returns how many there are. */
static uint32_t frames_in(const char *path, struct recording_summary *s)
{
    struct problem why;
    struct recording_item item;
    struct recording *r = recording_open(path, &why);
    uint32_t n = 0;
    assert_non_null(r);
    while (recording_next(r, &item, &why) > 0) {
        assert_int_equal(item.message.seq, n++);
        example_check_frame(&item.message);
    }
    recording_summary(r, s);
    recording_close(r);
    return n;
}

static void a_full_disk_leaves_a_valid_file(void **state)
{
    (void)state;
    struct rlimit old, small;
    const char *path = scratch_new("full.tfr");
    struct recording_summary s;
    struct problem why, again;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    for (rlim_t limit = 0; limit < 6000; limit += limit < 1200 ? 97 : 13) {
        unlink(path);
        small.rlim_cur = limit;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        struct recording_writer *w = create(path, &why);
        if (!w) { /* no room for the header: no file stays behind */
            setrlimit(RLIMIT_FSIZE, &old);
            assert_int_equal(why.kind, PROBLEM_FAILED);
            assert_int_not_equal(access(path, F_OK), 0);
            continue;
        }
        uint8_t frame[512];
        uint32_t whole = 0;
        for (;; whole++) {
            size_t n = example_frame(whole, frame, sizeof frame);
            if (recording_append(w, frame, n, example_host_us(whole), &why))
                break;
        }
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_non_null(strstr(why.text, "File too large"));
        /* Final: also when there is room again, nothing more is written. */
        setrlimit(RLIMIT_FSIZE, &old);
        size_t n = example_frame(whole, frame, sizeof frame);
        assert_int_equal(recording_append(w, frame, n, 0, &again), -1);
        assert_string_equal(again.text, why.text);
        assert_int_equal(recording_tick(w, &again), -1);
        assert_int_equal(recording_finish(w, &again), -1);
        assert_int_equal(frames_in(path, &s), whole);
        assert_int_equal(s.damaged_bytes, 0); /* at most a torn tail */
        assert_int_equal(s.closed_cleanly, 0);
    }
}

static void a_full_disk_leaves_no_half_output(void **state)
{
    (void)state;
    struct rlimit old, small;
    struct recording_output out;
    struct problem why;
    const char *path = scratch_new("output.tfr");
    int before = scratch_count();
    char *json = example_header_json();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 2000;
    assert_int_equal(recording_output_begin(&out, path, json, NULL, 0, &why), 0);
    for (uint32_t seq = 0; seq < 5; seq++)
        example_append_frame(out.writer, seq);
    setrlimit(RLIMIT_FSIZE, &small);
    uint8_t frame[512];
    size_t n = example_frame(5, frame, sizeof frame);
    while (!recording_append(out.writer, frame, n, 0, &why))
        ;
    assert_int_equal(recording_output_finish(&out, &why), -1);
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(scratch_count(), before);
    free(json);
}

/* The file is there, but its name may be gone after a power cut: whoever counts on it must know.
 * A file system that cannot sync folders has no more to give. */
static void a_folder_that_cannot_be_synced_is_told(void **state)
{
    (void)state;
    char *json = example_header_json();
    const int reasons[] = {EIO, EINVAL, EROFS};
    for (int i = 0; i < 3; i++) {
        struct recording_output out;
        struct problem why = {0};
        const char *path = scratch_new("synced.tfr");
        assert_int_equal(recording_output_begin(&out, path, json, NULL, 0, &why), 0);
        example_append_frame(out.writer, 0);
        fsync_fails = reasons[i];
        int bad = recording_output_finish(&out, &why);
        fsync_fails = 0;
        assert_int_equal(bad, reasons[i] == EIO ? -1 : 0);
        if (bad)
            assert_non_null(strstr(why.text, "its folder cannot be synced"));
        assert_int_equal(access(path, R_OK), 0);
        assert_int_equal(unlink(path), 0);
    }
    free(json);
    assert_int_equal(sync_folder_of("bare"), 0);
    assert_int_equal(sync_folder_of("/bare"), 0);
    errno = 0;
    assert_int_equal(sync_folder_of("/nowhere/to/be.found"), -1);
    assert_int_equal(errno, ENOENT);
}

/* As somebody whom permissions hold: they do not hold root. */
static void a_folder_that_may_be_written_but_not_read_is_synced_too(void **state)
{
    (void)state;
    enum { NOBODY = 65534 };
    uid_t self = geteuid();
    char folder[PATH_MAX], path[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s", scratch_new("dropbox"));
    snprintf(path, sizeof path, "%s/file", folder);
    assert_int_equal(mkdir(folder, 0300), 0);
    if (!self && (chown(folder, NOBODY, (gid_t)-1) || seteuid(NOBODY)))
        fail_msg("%s", strerror(errno));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), bad = sync_folder_of(path);
    assert_int_equal(seteuid(self), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(bad, 0);
}

static void a_failed_sync_is_final(void **state)
{
    (void)state;
    const char *path = scratch_new("sync.tfr");
    struct recording_summary s;
    struct problem why;
    clock_step_us = 120000; /* each look at the clock: so a sync after every ninth frame or so */
    for (int fails = 1; fails <= 4; fails++) {
        unlink(path);
        syncs = 0;
        fail_sync_number = fails;
        struct recording_writer *w = create(path, &why);
        if (fails == 1) {
            assert_null(w);
            assert_non_null(strstr(why.text, "cannot be synced"));
            assert_int_not_equal(access(path, F_OK), 0);
            continue;
        }
        uint8_t frame[512];
        uint64_t synced = 0;
        uint32_t seq = 0;
        for (;; seq++) {
            size_t n = example_frame(seq, frame, sizeof frame);
            synced = recording_synced_bytes(w);
            if (recording_append(w, frame, n, 0, &why))
                break;
        }
        assert_int_equal(syncs, fails);
        assert_int_equal(recording_synced_bytes(w), synced); /* what failed does not count */
        assert_non_null(strstr(why.text, "Input/output error"));
        assert_int_equal(recording_append(w, frame, 40, 0, &why), -1);
        assert_int_equal(recording_finish(w, &why), -1);
        assert_int_equal(syncs, fails); /* never asked again */
        assert_true(frames_in(path, &s) <= seq + 1);
    }
    fail_sync_number = 0;
    clock_step_us = 0;
}

static void syncs_come_once_a_second(void **state)
{
    (void)state;
    const char *path = scratch_new("rate.tfr");
    struct problem why;
    clock_step_us = 100000;
    syncs = 0;
    struct recording_writer *w = create(path, &why);
    int at_start = syncs;
    uint64_t began_us = clock_us;
    for (uint32_t seq = 0; seq < 200; seq++)
        example_append_frame(w, seq);
    int seconds = (int)((clock_us - began_us) / 1000000);
    assert_true(seconds >= 15);
    assert_true(abs(syncs - at_start - seconds) <= seconds / 4 + 1);
    /* A silent plate's last frames are synced by tick, and then there is nothing to sync. */
    for (int i = 0; i < 15; i++)
        assert_int_equal(recording_tick(w, &why), 0);
    int n = syncs;
    for (int i = 0; i < 40; i++)
        assert_int_equal(recording_tick(w, &why), 0);
    assert_int_equal(syncs, n);
    recording_abandon(w);
    clock_step_us = 0;
}

/* The child: records as fast as it can and says through the pipe how many frames each sync covers.
 */
static void record_until_killed(const char *path, int pipe_end, uint32_t pause_us)
{
    struct problem why;
    struct recording_writer *w = create(path, &why);
    uint64_t synced = 0;
    clock_step_us = 30000;
    for (uint32_t seq = 0; w; seq++) {
        uint8_t frame[512];
        size_t n = example_frame(seq, frame, sizeof frame);
        if (recording_append(w, frame, n, example_host_us(seq), &why))
            break;
        if (recording_synced_bytes(w) != synced) {
            synced = recording_synced_bytes(w);
            uint32_t covered = seq + 1;
            if (write(pipe_end, &covered, sizeof covered) != sizeof covered)
                break;
        }
        if (pause_us && seq % 16 == 0)
            usleep(pause_us);
        if (seq == 20000)
            break;
    }
    recording_finish(w, &why);
    _exit(0);
}

static void kill_at_any_moment_loses_no_synced_frame(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    uint32_t most = 0;
    int opened = 0;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int trial = 0; trial < 50; trial++) {
        const char *path = scratch_new("killed.tfr");
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            record_until_killed(path, ends[1], trial % 2 ? 200 : 0);
        }
        close(ends[1]);
        usleep((useconds_t)(scratch_random(&seed) % (trial < 10 ? 3000 : 60000)));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        uint32_t covered = 0, got;
        while (read(ends[0], &got, sizeof got) == sizeof got)
            covered = got;
        close(ends[0]);
        struct recording_summary s;
        struct problem why;
        struct recording *r = recording_open(path, &why);
        if (!r) { /* killed before the header was synced: then nothing was promised */
            assert_int_equal(covered, 0);
            continue;
        }
        recording_close(r);
        opened++;
        assert_true(frames_in(path, &s) >= covered);
        assert_int_equal(s.damaged_bytes, 0);
        assert_int_equal(s.frames.lost, 0);
        most = covered > most ? covered : most;
    }
    print_message("%d of 50 had begun; up to %u frames were acknowledged as synced\n", opened,
                  most);
    assert_true(opened > 20);
    assert_true(most > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_leaves_a_valid_file),
        cmocka_unit_test(a_full_disk_leaves_no_half_output),
        cmocka_unit_test(a_folder_that_cannot_be_synced_is_told),
        cmocka_unit_test(a_folder_that_may_be_written_but_not_read_is_synced_too),
        cmocka_unit_test(a_failed_sync_is_final),
        cmocka_unit_test(syncs_come_once_a_second),
        cmocka_unit_test(kill_at_any_moment_loses_no_synced_frame),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
