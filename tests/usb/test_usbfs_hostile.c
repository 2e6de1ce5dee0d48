/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device of ill will: bytes without end that are no message, lengths that
 * are never filled, errors without pause. Nothing crashes, nothing grows, little is said, and what
 * behaves again is recorded again. */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include "firmware/wire/crc32c.h"
#include "firmware/wire/wire.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { FULL_SPEED_BYTES_PER_MS = 19 * 64 };

struct chatter {
    uint64_t random;
    uint8_t head[WIRE_HEADER_SIZE]; /* repeated after every `stride` bytes; stride 0 = never */
    size_t stride, at;
    uint64_t sent;
};

static size_t chatter(void *context, uint8_t *bytes, size_t cap)
{
    struct chatter *c = context;
    for (size_t i = 0; i < cap; i++) {
        bytes[i] = c->stride && c->at < sizeof c->head ? c->head[c->at]
                                                       : (uint8_t)scratch_random(&c->random);
        c->at = c->stride && c->at + 1 == c->stride ? 0 : c->at + 1;
    }
    c->sent += cap;
    return cap;
}

static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* A header whose sums are right and whose payload never comes. */
static void giant_head(uint8_t head[WIRE_HEADER_SIZE], uint8_t type, uint32_t length)
{
    wire_encode(head, WIRE_HEADER_SIZE, &(struct wire_message){.type = type});
    put32(head + 8, length);
    put32(head + 28, crc32c(0, head, 28));
}

/* The device turns bad for 3 s in the midst of a recording and is a plate again afterwards. */
static void turn_bad(const char *how, struct chatter *chatter_of, unsigned bytes_per_ms)
{
    struct stage stage;
    stage_set(&stage, "bad.tfr");
    double cpu_s = program_cpu_s(&stage.recorder.program);
    unsigned descriptors = program_descriptors(&stage.recorder.program);
    long resident_kib = program_resident_kib(&stage.recorder.program), most_kib = resident_kib;
    usb_rig_lock(stage.rig);
    struct usbfs *fs = usb_rig_device(stage.rig, stage.plate);
    fs->bytes_per_ms = bytes_per_ms;
    fs->hostile = chatter_of ? chatter : NULL;
    fs->hostile_context = chatter_of;
    fs->spoil_status = -EPROTO;
    fs->spoil = chatter_of ? 0 : UINT_MAX;
    usb_rig_unlock(stage.rig);
    for (unsigned i = 0; i < 30; i++) {
        story_sleep_ms(100);
        long kib = program_resident_kib(&stage.recorder.program);
        most_kib = kib > most_kib ? kib : most_kib;
    }
    cpu_s = program_cpu_s(&stage.recorder.program) - cpu_s;
    long file_kib = recorder_bytes(&stage.recorder) / 1024;
    usb_rig_lock(stage.rig);
    fs->hostile = NULL;
    fs->spoil = 0;
    usb_rig_unlock(stage.rig);
    unsigned ms = story_await_frames(&stage.recorder, 15000);
    printf("%s: %llu bytes in 3 s, resident %ld KiB, at most %ld KiB, %.0f %% CPU, file %ld KiB, "
           "%u lines said; frames %u ms later\n",
           how, (unsigned long long)(chatter_of ? chatter_of->sent : 0), resident_kib, most_kib,
           cpu_s / 3 * 100, file_kib, program_lines(stage.recorder.program.err), ms);
    assert_true(most_kib < resident_kib + 8192);
    assert_true(file_kib < 1024);
    assert_true(program_lines(stage.recorder.program.err) <= 30);
    recorder_holds(&stage.recorder, descriptors);
    story_await_frames(&stage.recorder, 5000);
    stage_clear(&stage);
}

static void bytes_without_end(void **state)
{
    (void)state;
    struct chatter noise = {.random = story_seed()};
    turn_bad("noise at full speed", &noise, FULL_SPEED_BYTES_PER_MS);
    noise = (struct chatter){.random = story_seed()};
    turn_bad("noise without bound", &noise, 0);
}

static void lengths_that_are_never_filled(void **state)
{
    (void)state;
    struct chatter giant = {.random = story_seed(), .stride = 5000};
    giant_head(giant.head, WIRE_FRAME, WIRE_PAYLOAD_MAX);
    turn_bad("frames of the largest size", &giant, FULL_SPEED_BYTES_PER_MS);
    giant = (struct chatter){.random = story_seed(), .stride = 64};
    giant_head(giant.head, WIRE_HELLO, UINT32_MAX);
    turn_bad("messages of 4 GiB", &giant, FULL_SPEED_BYTES_PER_MS);
}

static void errors_without_pause(void **state)
{
    (void)state;
    turn_bad("error storm", NULL, 0);
}

/* It has never been anything else: the program says so and ends. */
static void never_a_plate(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 8, 8, 100);
    struct usbfs *fs = usb_rig_plug(rig, plate, 1, 0);
    struct chatter noise = {.random = story_seed()};
    struct program program = {0};
    fs->bytes_per_ms = FULL_SPEED_BYTES_PER_MS;
    fs->hostile_context = &noise;
    usb_rig_lock(rig);
    fs->hostile = chatter;
    usb_rig_unlock(rig);
    program_start(&program, (const char *const[]){"record", "--device", "usb:", "-o",
                                                  scratch_new("never.tfr"), NULL});
    assert_true(program_ends(&program, 15000));
    printf("exit %d: %s", program.code, program_said(program.err));
    assert_int_equal(program.code, 3);
    assert_true(program_lines(program.err) <= 3);
    usb_rig_free(rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_without_end),
        cmocka_unit_test(lengths_that_are_never_filled),
        cmocka_unit_test(errors_without_pause),
        cmocka_unit_test(never_a_plate),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
