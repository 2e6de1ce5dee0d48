/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon a recording goes on after the plug is back, and what recording costs. The CPU time is an
 * upper bound: each request to the emulated device is a conversation with umockdev, where a kernel
 * would do it in one call. Rows: name, value, unit. */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { CYCLES = 60, CPU_S = 10 };

static int by_size(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static void bench_replug(void)
{
    unsigned ms[CYCLES];
    uint64_t random = 7;
    struct stage stage;
    struct recording_summary summary;
    stage_set(&stage, "replug.tfr");
    for (unsigned i = 0; i < CYCLES; i++) {
        story_sleep_ms((unsigned)(scratch_random(&random) % 50u));
        usb_rig_unplug(stage.rig, stage.plate, USB_RIG_PROPERLY);
        story_sleep_ms((unsigned)(scratch_random(&random) % 300u));
        usb_rig_plug(stage.rig, stage.plate, 1, USB_RIG_PROPERLY);
        ms[i] = story_await_frames(&stage.recorder, 5000);
    }
    recorder_stop(&stage.recorder, &summary);
    usb_rig_free(stage.rig);
    qsort(ms, CYCLES, sizeof ms[0], by_size);
    printf("usb: plugged in again to first frame in the file, p50\t%u\tms\n", ms[CYCLES / 2]);
    printf("usb: plugged in again to first frame in the file, p99\t%u\tms\n",
           ms[(CYCLES - 1) * 99 / 100]);
}

static void bench_cpu(void)
{
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 96, 96, 50);
    struct recorder recorder;
    struct recording_summary summary;
    usb_rig_plug(rig, plate, 1, USB_RIG_PROPERLY);
    recorder_start(&recorder, "usb:", "cpu.tfr");
    story_await_frames(&recorder, 15000);
    story_sleep_ms(500);
    usb_rig_lock(rig);
    uint64_t scans = usb_plate_scans(plate);
    usb_rig_unlock(rig);
    double cpu_s = program_cpu_s(&recorder.program);
    story_sleep_ms(1000 * CPU_S);
    cpu_s = program_cpu_s(&recorder.program) - cpu_s;
    usb_rig_lock(rig);
    scans = usb_plate_scans(plate) - scans;
    usb_rig_unlock(rig);
    recorder_stop(&recorder, &summary);
    usb_rig_free(rig);
    printf("usb: record, CPU for 100 frames/s of 96 x 96 cells, umockdev's share "
           "included\t%.1f\t%% of a "
           "core\n",
           cpu_s * 100 * 100 / (double)(scans ? scans : 1));
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    scratch_setup(NULL);
    bench_replug();
    bench_cpu();
    scratch_teardown(NULL);
    return 0;
}
