/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plug, pulled and put back at any moment, while `tenderfoot record` runs as a program of its
 * own: one recording, no frame lost uncounted, nothing that grows. */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define FRAMES_OF_ONE 150u /* however long a busy computer takes for them */

static int by_size(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static void report_times(const char *what, unsigned *ms, unsigned n)
{
    qsort(ms, n, sizeof *ms, by_size);
    printf("%s: %u times, p50 %u ms, p99 %u ms\n", what, n, ms[n / 2], ms[(n - 1) * 99 / 100]);
}

static void one_recording_from_name_to_end(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 32, 24, 100);
    struct recorder recorder;
    struct recording_summary summary;
    usb_rig_plug(rig, plate, 1, USB_RIG_PROPERLY);
    recorder_start(&recorder, "usb:TF-0042", "one.tfr");
    for (unsigned i = 0; i < FRAMES_OF_ONE; i++)
        story_await_frames(&recorder, 15000);
    recorder_stop(&recorder, &summary);
    assert_true(summary.frames.delivered >= FRAMES_OF_ONE);
    assert_int_equal(summary.frames.lost, usb_plate_dropped(plate));
    assert_true(usb_rig_device(rig, plate)->most_urbs >= 8);
    story_accounts(rig, plate, &summary, 0);
    usb_rig_free(rig);
}

/* What may not grow while the plug goes in and out. */
struct footprint {
    unsigned descriptors, sockets;
    long resident_kib;
};

static struct footprint footprint(const struct recorder *recorder)
{
    return (struct footprint){program_descriptors(&recorder->program),
                              program_sockets(&recorder->program),
                              program_resident_kib(&recorder->program)};
}

static void check_footprint(const struct recorder *recorder, struct footprint before)
{
    struct footprint now = footprint(recorder);
    printf("descriptors %u, then %u; sockets %u, then %u; resident %ld KiB, then %ld KiB\n",
           before.descriptors, now.descriptors, before.sockets, now.sockets, before.resident_kib,
           now.resident_kib);
    recorder_holds(recorder, before.descriptors);
    assert_true(now.sockets <= before.sockets + 8);
    assert_true(now.resident_kib < before.resident_kib + 4096);
}

/* A frame takes 6 of its 10 ms on this bus, so that most plugs are pulled in the midst of one. */
static void plug_slow(struct usb_rig *rig, struct usb_plate *plate, unsigned port, unsigned how)
{
    struct usbfs *fs = usb_rig_plug(rig, plate, port, how);
    usb_rig_lock(rig);
    fs->bytes_per_ms = 192;
    usb_rig_unlock(rig);
}

/* Each round the plug is out for a while and in for a while. In half of the rounds it stays in
 * until frames flow and is pulled in the midst of them; in the other half it is pulled while the
 * host is still at opening, asking or starting. Gives the times from plugging in to the first
 * frame. */
static unsigned pull_rounds(struct usb_rig *rig, struct usb_plate *plate,
                            const struct recorder *recorder, unsigned rounds, unsigned power,
                            unsigned *ms)
{
    uint64_t random = story_seed();
    struct footprint before = {0};
    unsigned n_ms = 0;
    for (unsigned i = 0; i < rounds; i++) {
        story_sleep_ms((unsigned)(scratch_random(&random) % 60u));
        usb_rig_unplug(rig, plate, power);
        story_sleep_ms((unsigned)(scratch_random(&random) % 250u));
        plug_slow(rig, plate, 1u + (unsigned)(scratch_random(&random) % 4u), power);
        if (i % 2)
            ms[n_ms++] = story_await_frames(recorder, 10000);
        else
            story_sleep_ms((unsigned)(scratch_random(&random) % 120u));
        if (i == (rounds < 100 ? rounds / 3 : 50) / 2 * 2 + 1)
            before = footprint(recorder);
    }
    story_await_frames(recorder, 10000);
    check_footprint(recorder, before);
    return n_ms;
}

static void pull_often(unsigned rounds, unsigned power)
{
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 32, 24, 100);
    struct recorder recorder;
    struct recording_summary summary;
    unsigned *ms = calloc(rounds + 1, sizeof *ms);
    assert_non_null(ms);
    plug_slow(rig, plate, 1, power);
    recorder_start(&recorder, "usb:", "often.tfr");
    story_await_frames(&recorder, 15000);
    unsigned n_ms = pull_rounds(rig, plate, &recorder, rounds, power, ms);
    recorder_stop(&recorder, &summary);
    report_times("plugged in to first frame in the file", ms, n_ms);
    /* One of a few may meet a computer that is busy with other things; of many that would be too
     * much. */
    assert_true(ms[n_ms / 2] <= 1000);
    assert_true(n_ms < 100 || ms[(n_ms - 1) * 99 / 100] <= 1000);
    assert_true(summary.frames.bad > 0); /* or no plug was pulled in the midst of a frame */
    story_accounts(rig, plate, &summary, power ? 0 : 8 * plate->boots);
    assert_true(program_lines(recorder.program.err) <= 4 * rounds + 20);
    free(ms);
    usb_rig_free(rig);
}

static void pulled_often_with_power_of_its_own(void **state)
{
    (void)state;
    pull_often(story_rounds(30), USB_RIG_POWERED);
}

static void pulled_often_and_without_power_then(void **state)
{
    (void)state;
    pull_often(story_rounds(20), USB_RIG_PROPERLY);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_recording_from_name_to_end),
        cmocka_unit_test(pulled_often_with_power_of_its_own),
        cmocka_unit_test(pulled_often_and_without_power_then),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
