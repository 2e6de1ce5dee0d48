/* SPDX-License-Identifier: GPL-3.0-or-later */
/* replay:FILE: a recording's messages again, byte by byte as the plate sent them, at the pace of
 * the plate's own clock. One way: a file obeys no command. Damaged places of the file are left out.
 */
#include "driver/transport/transport_private.h"

#include "driver/clock.h"
#include "driver/recording.h"
#include "driver/recording_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* A step back in the plate's time is a restart. What lies longer than this ahead is a clock that
 * jumped, not a pause worth sitting through. */
#define LONGEST_PAUSE_US 60000000u

struct replay {
    struct recording *recording;
    int fast, has_begun, is_over;
    uint64_t host_start_us, device_start_us; /* of the present run of the plate's clock */
    uint64_t last_device_us;
    struct recording_item item; /* the message in hand ... */
    size_t sent;                /* ... and how much of it is given out */
    int has_item;
};

/* Device time and host time run side by side from here. */
static void run_from(struct replay *replay, uint64_t device_us)
{
    replay->host_start_us = host_clock_us();
    replay->device_start_us = device_us;
    replay->has_begun = 1;
}

/* The pace is kept by frames and status; an event may be stamped a little before them. */
static int keeps_pace(const struct wire_message *message)
{
    return message->type == WIRE_FRAME || message->type == WIRE_STATUS;
}

static void adjust_pace(struct replay *replay, const struct wire_message *message)
{
    if (!keeps_pace(message))
        return;
    uint64_t device_us = message->device_time_us, last = replay->last_device_us;
    if (!replay->has_begun || device_us < last || device_us - last > LONGEST_PAUSE_US)
        run_from(replay, device_us);
    replay->last_device_us = device_us;
}

/* Takes the next message that came from a plate or its operator: 1, 0 at the end, -1. */
static int take_next(struct replay *replay, struct problem *why)
{
    int more;
    do
        more = recording_next(replay->recording, &replay->item, why);
    while (more > 0 && replay->item.message.type >= WIRE_FRAME_F32 /* what only files hold */);
    replay->has_item = more > 0;
    replay->sent = 0;
    if (replay->has_item)
        adjust_pace(replay, &replay->item.message);
    return more;
}

static uint64_t due_us(const struct replay *replay)
{
    if (replay->fast || !replay->has_begun || !keeps_pace(&replay->item.message))
        return 0;
    return replay->host_start_us + (replay->last_device_us - replay->device_start_us);
}

/* Makes the descriptor readable at that moment; one in the past is at once. */
static void wake_at(const struct transport *transport, uint64_t host_us)
{
    if (host_us == 0)
        host_us = 1; /* 0 would disarm */
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(host_us / 1000000u),
                                           .tv_nsec = (long)(host_us % 1000000u * 1000u)}};
    timerfd_settime(transport->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static size_t give(struct replay *replay, uint8_t *bytes, size_t cap)
{
    size_t n = replay->item.size - replay->sent;
    if (n > cap)
        n = cap;
    memcpy(bytes, replay->item.bytes + replay->sent, n);
    replay->sent += n;
    if (replay->sent == replay->item.size)
        replay->has_item = 0;
    return n;
}

static int over(struct transport *transport, struct problem *why)
{
    wake_at(transport, 0);
    return problem(why, PROBLEM_DEVICE_LOST, "%s is over: the recording has been played to its end",
                   transport->name);
}

static ssize_t replay_read(struct transport *transport, uint8_t *bytes, size_t cap,
                           struct problem *why)
{
    struct replay *replay = transport->own;
    size_t n = 0;
    uint64_t due = 0;
    while (n < cap) {
        if (!replay->has_item && !replay->is_over) {
            int more = take_next(replay, why);
            if (more < 0)
                return -1;
            replay->is_over = more == 0;
        }
        if (replay->is_over)
            break;
        due = due_us(replay);
        if (due > host_clock_us())
            break;
        n += give(replay, bytes + n, cap - n);
    }
    if (n == 0 && replay->is_over)
        return over(transport, why);
    wake_at(transport, replay->has_item ? due : 0);
    return (ssize_t)n;
}

static ssize_t replay_write(struct transport *transport, const uint8_t *bytes, size_t n,
                            struct problem *why)
{
    (void)transport, (void)bytes, (void)why;
    return (ssize_t)n;
}

/* Opens the file; an imported one is refused, because no plate ever sent its frames. */
static struct recording *open_recording(const char *path, struct problem *why)
{
    struct recording_header header;
    struct recording *recording = recording_open(path, why);
    if (!recording)
        return NULL;
    const char *json =
        recording_header(recording); /* NULL: damaged; the messages may still be good */
    int bad = 0;
    if (json && recording_header_parse(json, &header, why))
        bad = -1;
    else if (json && strcmp(header.units, "counts"))
        bad = problem(why, PROBLEM_REFUSED,
                      "%s holds pressures of another maker's plate, no counts to play again; "
                      "virtual:%s scans them",
                      path, path);
    if (!bad)
        return recording;
    recording_close(recording);
    return NULL;
}

static int replay_open(struct transport *transport, const char *address, struct problem *why)
{
    static const char *const keys[] = {"pace"};
    const char *pace;
    transport->one_way = 1;
    char *path = transport_address(address, keys, &pace, 1, why);
    struct replay *replay = path ? calloc(1, sizeof *replay) : NULL;
    int bad = -1;
    transport->own = replay;
    if (path && !replay)
        problem_no_memory(why, "a replay");
    else if (pace && strcmp(pace, "real") && strcmp(pace, "fast"))
        problem(why, PROBLEM_USAGE, "pace=%.40s: real or fast is meant", pace);
    else if (replay && (replay->recording = open_recording(path, why)))
        bad = 0;
    if (!bad) {
        replay->fast = pace && !strcmp(pace, "fast");
        transport->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (transport->fd < 0)
            bad = problem(why, PROBLEM_FAILED, "no timer for the replay: %s", strerror(errno));
        else
            wake_at(transport, 0);
    }
    free(path);
    return bad;
}

static void replay_close(struct transport *transport)
{
    struct replay *replay = transport->own;
    transport_fd_close(transport);
    if (replay && replay->recording)
        recording_close(replay->recording);
    free(replay);
    transport->own = NULL;
}

const struct transport_kind transport_replay = {
    .about = {"replay", "replay:FILE[?pace=fast]",
              "a recording (.tfr), as if it came from a plate"},
    .open = replay_open,
    .read = replay_read,
    .write = replay_write,
    .close = replay_close,
};
