/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/usb/story.h"

#include "firmware/wire/wire.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

uint64_t story_seed(void)
{
    const char *given = getenv("USB_RIG_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20260722u;
    printf("seed %llu\n", (unsigned long long)seed);
    return seed ? seed : 1;
}

unsigned story_rounds(unsigned rounds)
{
    const char *given = getenv("N");
    unsigned long n = given ? strtoul(given, NULL, 10) : 0;
    return n > 50 ? (unsigned)(n * rounds / 50) : rounds;
}

void story_sleep_ms(unsigned ms)
{
    usleep(ms * 1000u);
}

void recorder_start(struct recorder *recorder, const char *uri, const char *file)
{
    snprintf(recorder->path, sizeof recorder->path, "%s", scratch_new(file));
    recorder->program.is_humble = 0;
    program_start(&recorder->program, (const char *const[]){"record", "--device", uri, "--json",
                                                            "-o", recorder->path, NULL});
}

void recorder_stop(struct recorder *recorder, struct recording_summary *summary)
{
    int code = program_stop(&recorder->program, SIGINT);
    if (code)
        fail_msg("record: exit %d: %s", code, program_said(recorder->program.err));
    truth_of_recording(recorder->path, summary);
}

long recorder_bytes(const struct recorder *recorder)
{
    struct stat about;
    return stat(recorder->path, &about) ? 0 : (long)about.st_size;
}

/* Takes what the file has got more; whether a whole frame is among it. */
static int has_frame(int fd, struct wire_stream *stream)
{
    struct wire_message message;
    size_t room;
    for (;;) {
        uint8_t *to = wire_stream_room(stream, &room);
        ssize_t n = read(fd, to, room);
        if (n <= 0)
            return 0;
        wire_stream_filled(stream, (size_t)n);
        for (enum wire_verdict verdict;
             (verdict = wire_stream_next(stream, &message, 0)) != WIRE_NEED_MORE;)
            if (verdict == WIRE_MESSAGE_WHOLE && message.type == WIRE_FRAME)
                return 1;
    }
}

static int open_at_its_end(const struct recorder *recorder)
{
    int fd = open(recorder->path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        lseek(fd, 0, SEEK_END);
    return fd;
}

unsigned story_await_frames(const struct recorder *recorder, unsigned ms)
{
    static uint8_t buffer[WIRE_MESSAGE_MAX];
    struct wire_stream stream;
    wire_stream_init(&stream, buffer, sizeof buffer);
    uint64_t begin_us = usb_plate_now_us();
    int fd = open_at_its_end(recorder);
    for (;;) {
        unsigned taken = (unsigned)((usb_plate_now_us() - begin_us) / 1000u);
        if (fd < 0)
            fd = open(recorder->path, O_RDONLY | O_CLOEXEC); /* it is made by the first frame */
        if (fd >= 0 && has_frame(fd, &stream)) {
            close(fd);
            return taken;
        }
        if (taken > ms)
            fail_msg("no frames in %u ms: %s", ms, program_said(recorder->program.err));
        usleep(1000);
    }
}

void recorder_holds(const struct recorder *recorder, unsigned descriptors)
{
    unsigned now = program_descriptors(&recorder->program);
    for (unsigned waited = 0; now != descriptors && waited < 3000; waited += 20) {
        story_sleep_ms(20);
        now = program_descriptors(&recorder->program);
    }
    if (now != descriptors)
        program_list_descriptors(&recorder->program);
    assert_int_equal(now, descriptors);
}

struct usbfs_counts story_counts(struct usb_rig *rig, const struct usb_plate *plate)
{
    struct usbfs_counts counts = {0};
    usb_rig_lock(rig);
    const struct usbfs *fs = usb_rig_device(rig, plate);
    if (fs)
        counts = fs->counts;
    usb_rig_unlock(rig);
    return counts;
}

void story_accounts(struct usb_rig *rig, const struct usb_plate *plate,
                    const struct recording_summary *summary, unsigned tail)
{
    usb_rig_lock(rig);
    uint64_t scans = usb_plate_scans(plate), dropped = usb_plate_dropped(plate);
    usb_rig_unlock(rig);
    uint64_t known = summary->frames.delivered + summary->frames.lost;
    printf("plate %s: %llu scans (%llu dropped by itself, %u boots); %llu delivered, "
           "%llu lost (%llu of them torn), %llu unknown\n",
           plate->serial, (unsigned long long)scans, (unsigned long long)dropped, plate->boots,
           (unsigned long long)summary->frames.delivered, (unsigned long long)summary->frames.lost,
           (unsigned long long)summary->frames.bad, (unsigned long long)(scans - known));
    assert_true(known <= scans);
    assert_true(scans - known <= tail);
    assert_int_equal(summary->frames.repeats, 0);
    assert_true(summary->frames.bad <= summary->frames.lost);
}

void stage_set(struct stage *stage, const char *file)
{
    stage->rig = usb_rig_make();
    stage->plate = usb_rig_plate(stage->rig, "TF-0042", 32, 24, 100);
    usb_rig_plug(stage->rig, stage->plate, 1, USB_RIG_PROPERLY);
    recorder_start(&stage->recorder, "usb:TF-0042", file);
    story_await_frames(&stage->recorder, 15000);
}

void stage_clear(struct stage *stage)
{
    struct recording_summary summary;
    recorder_stop(&stage->recorder, &summary);
    assert_int_equal(stage->plate->boots, 1);
    story_accounts(stage->rig, stage->plate, &summary, 0);
    usb_rig_free(stage->rig);
}

/* The most of a short while: in between, some are read and about to be submitted again. */
unsigned stage_in_flight(struct stage *stage)
{
    unsigned most = 0;
    for (int i = 0; i < 20; i++) {
        usb_rig_lock(stage->rig);
        unsigned n = (unsigned)usb_rig_device(stage->rig, stage->plate)->n_urbs;
        usb_rig_unlock(stage->rig);
        most = n > most ? n : most;
        story_sleep_ms(2);
    }
    return most;
}
