/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is who on the bus: two plates and their ports, news of plugging that comes twice or not at
 * all, a second program, no permission, no plate. */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include "driver/host_link.h"
#include "driver/transport/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <cmocka.h>

/* --- Two plates ------------------------------------------------------------------------------ */

static void assert_is(const char *uri, const char *serial)
{
    struct problem why = {0};
    struct host_link_item item;
    struct wire_hello hello;
    struct host_link *link = host_link_open(uri, &why);
    if (!link || host_link_hello(link, 5000, -1, &item, &hello, &why))
        fail_msg("%s: %s", uri, why.text);
    assert_string_equal(hello.serial, serial);
    host_link_close(link);
}

static void a_hundred_swaps_and_each_keeps_its_name(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *left = usb_rig_plate(rig, "TF-LEFT", 8, 8, 100);
    struct usb_plate *right = usb_rig_plate(rig, "TF-RIGHT", 8, 8, 100);
    uint64_t random = story_seed();
    for (unsigned i = 0; i < story_rounds(100); i++) {
        unsigned port = 1 + i % 2, right_first = (unsigned)(scratch_random(&random) & 1u);
        usb_rig_plug(rig, right_first ? right : left, right_first ? 3 - port : port, 0);
        usb_rig_plug(rig, right_first ? left : right, right_first ? port : 3 - port, 0);
        assert_is("usb:TF-LEFT", "TF-LEFT");
        assert_is("usb:TF-RIGHT", "TF-RIGHT");
        usb_rig_unplug(rig, left, 0);
        usb_rig_unplug(rig, right, 0);
    }
    usb_rig_free(rig);
}

/* Both are recorded while their plugs change places, ten times. */
static void plugs_change_places_in_mid_recording(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plates[2] = {usb_rig_plate(rig, "TF-LEFT", 16, 16, 100),
                                   usb_rig_plate(rig, "TF-RIGHT", 8, 8, 50)};
    const char *const uris[2] = {"usb:TF-LEFT", "usb:TF-RIGHT"};
    struct recorder recorders[2];
    struct recording_summary summary;
    for (unsigned i = 0; i < 2; i++)
        usb_rig_plug(rig, plates[i], 1 + i, USB_RIG_POWERED);
    recorder_start(&recorders[0], uris[0], "left.tfr");
    recorder_start(&recorders[1], uris[1], "right.tfr");
    for (unsigned swap = 0; swap < 10; swap++) {
        for (unsigned i = 0; i < 2; i++)
            story_await_frames(&recorders[i], 5000);
        for (unsigned i = 0; i < 2; i++)
            usb_rig_unplug(rig, plates[i], USB_RIG_POWERED);
        for (unsigned i = 0; i < 2; i++)
            usb_rig_plug(rig, plates[i], 1 + (swap + 1 + i) % 2, USB_RIG_POWERED);
    }
    for (unsigned i = 0; i < 2; i++) {
        story_await_frames(&recorders[i], 5000);
        recorder_stop(&recorders[i], &summary);
        story_accounts(rig, plates[i], &summary, 0);
    }
    usb_rig_free(rig);
}

static void without_a_name_there_must_be_one(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct program program = {0};
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:", NULL}), 1);
    printf("no plate: %s", program_said(program.err));
    usb_rig_plug(rig, usb_rig_plate(rig, "TF-0001", 8, 8, 100), 1, 0);
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:", NULL}), 0);
    program_assert_says(program.out, "TF-0001");
    usb_rig_plug(rig, usb_rig_plate(rig, "TF-0002", 8, 8, 100), 2, 0);
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:", NULL}), 1);
    printf("two plates: %s", program_said(program.err));
    program_assert_says(program.err, "TF-0001");
    program_assert_says(program.err, "TF-0002");
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:TF-0003", NULL}),
                     1);
    printf("another one: %s", program_said(program.err));
    assert_int_equal(program_run(&program, (const char *const[]){"devices", NULL}), 0);
    program_assert_says(program.out, "usb:TF-0001");
    program_assert_says(program.out, "usb:TF-0002");
    usb_rig_free(rig);
}

/* --- News of plugging ------------------------------------------------------------------------ */

/* udev says "add" twice, "add" again in the midst, and nothing at all: a rescan each second finds
 * the plate that nobody announced. */
static void news_comes_twice_or_never(void **state)
{
    (void)state;
    struct stage stage;
    unsigned soonest = UINT_MAX;
    stage_set(&stage, "news.tfr");
    usb_rig_tell_again(stage.rig, stage.plate);
    story_await_frames(&stage.recorder, 1000);
    usb_rig_unplug(stage.rig, stage.plate, USB_RIG_TWICE | USB_RIG_POWERED);
    usb_rig_plug(stage.rig, stage.plate, 2, USB_RIG_TWICE | USB_RIG_POWERED);
    story_await_frames(&stage.recorder, 3000);
    assert_int_equal(story_counts(stage.rig, stage.plate).opens, 1);
    for (unsigned i = 0; i < 3; i++) {
        usb_rig_unplug(stage.rig, stage.plate, USB_RIG_POWERED | (i % 2 ? USB_RIG_UNNOTICED : 0));
        story_sleep_ms(100 + 300 * i);
        usb_rig_plug(stage.rig, stage.plate, 1, USB_RIG_UNNOTICED | USB_RIG_POWERED);
        unsigned ms = story_await_frames(&stage.recorder, 10000);
        printf("plugged in unannounced: frames after %u ms\n", ms);
        soonest = ms < soonest ? ms : soonest;
    }
    assert_true(soonest <= 1600);
    stage_clear(&stage);
}

/* --- Other programs -------------------------------------------------------------------------- */

static void a_second_program_is_told(void **state)
{
    (void)state;
    struct stage stage;
    struct program second = {0};
    stage_set(&stage, "second.tfr");
    assert_int_equal(program_run(&second, (const char *const[]){"record", "--device", "usb:", "-o",
                                                                scratch_new("none.tfr"), NULL}),
                     1);
    printf("%s", program_said(second.err));
    program_assert_says(second.err, "another program has the plate");
    assert_int_equal(program_run(&second, (const char *const[]){"devices", "usb:TF-0042", NULL}),
                     1);
    assert_int_equal(program_run(&second, (const char *const[]){"devices", NULL}), 0);
    story_await_frames(&stage.recorder, 1000);
    stage_clear(&stage);
}

/* The plate's two interfaces are two ways to one plate: whoever starts first has it, the other is
 * told, and gets it afterwards. */
static void two_interfaces_and_one_plate(void **state)
{
    (void)state;
    static const char *const uris[2] = {"usb:TF-0042", "serial:/dev/ttyACM0"};
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 16, 100);
    struct program second = {0};
    struct recorder first;
    struct recording_summary summary;
    usb_rig_plug(rig, plate, 1, 0);
    usb_rig_show_tty(rig, plate);
    for (unsigned i = 0; i < 4; i++) {
        recorder_start(&first, uris[i % 2], "first.tfr");
        story_await_frames(&first, 15000);
        assert_int_equal(
            program_run(&second, (const char *const[]){"record", "--device", uris[(i + 1) % 2],
                                                       "-o", scratch_new("other.tfr"), NULL}),
            1);
        if (i < 2)
            printf("%s has it: %s", uris[i % 2], program_said(second.err));
        program_assert_says(second.err, "nother program has the plate");
        story_await_frames(&first, 2000);
        recorder_stop(&first, &summary);
        assert_int_equal(summary.frames.lost, 0);
        assert_int_equal(summary.wire_damaged_bytes, 0);
    }
    usb_rig_hide_tty(rig);
    usb_rig_free(rig);
}

/* What a second program asks for in vain it does not take from the first: the port stays locked
 * against programs that know nothing of us. */
static void a_port_that_is_taken_stays_so(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 16, 100);
    struct program second = {0};
    struct recorder first;
    struct recording_summary summary;
    usb_rig_plug(rig, plate, 1, 0);
    usb_rig_show_tty(rig, plate);
    recorder_start(&first, "serial:/dev/ttyACM0", "first.tfr");
    story_await_frames(&first, 15000);
    assert_int_equal(
        program_run(&second, (const char *const[]){"devices", "serial:/dev/ttyACM0", NULL}), 1);
    int fd = open("/dev/ttyACM0", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC), is_exclusive = 0;
    if (fd < 0)
        assert_int_equal(errno, EBUSY); /* which a superuser is not told */
    else
        assert_int_equal(ioctl(fd, TIOCGEXCL, &is_exclusive), 0);
    assert_true(fd < 0 || is_exclusive);
    if (fd >= 0)
        close(fd);
    recorder_stop(&first, &summary);
    usb_rig_hide_tty(rig);
    usb_rig_free(rig);
}

/* A program is killed: the kernel gives the plate back and the next program has it at once. */
static void a_killed_program_leaves_the_plate_free(void **state)
{
    (void)state;
    struct stage stage;
    struct program killed = {0};
    stage.rig = usb_rig_make();
    stage.plate = usb_rig_plate(stage.rig, "TF-0042", 32, 24, 100);
    usb_rig_plug(stage.rig, stage.plate, 1, 0);
    for (unsigned i = 0; i < 5; i++) {
        program_start(&killed, (const char *const[]){"record", "--device", "usb:", "-o",
                                                     scratch_new("killed.tfr"), NULL});
        story_sleep_ms(300 + 100 * i);
        if (program_stop(&killed, 9) != 128 + 9)
            fail_msg("exit %d: %s", killed.code, program_said(killed.err));
        usb_rig_lock(stage.rig);
        usbfs_all_died(usb_rig_device(stage.rig, stage.plate));
        usb_rig_unlock(stage.rig);
    }
    usb_rig_lock(stage.rig);
    uint64_t before = usb_plate_scans(stage.plate);
    usb_rig_unlock(stage.rig);
    story_sleep_ms(300);
    assert_in_range(usb_plate_scans(stage.plate), before, before + 5); /* it is at rest */
    struct recording_summary summary;
    recorder_start(&stage.recorder, "usb:", "after.tfr");
    story_await_frames(&stage.recorder, 5000);
    recorder_stop(&stage.recorder, &summary);
    assert_int_equal(summary.frames.lost, 0);
    usb_rig_free(stage.rig);
}

static void without_permission(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 8, 8, 100);
    struct program program = {.is_humble = 1};
    usb_rig_plug(rig, plate, 1, 0);
    usb_rig_permit(rig, plate, 0);
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:TF-0042", NULL}),
                     1);
    printf("%s", program_said(program.err));
    program_assert_says(program.err, "permission");
    program_assert_says(program.err, "70-tenderfoot.rules");
    assert_int_equal(program_run(&program, (const char *const[]){"devices", NULL}), 0);
    program_assert_says(program.out, "permission");
    usb_rig_permit(rig, plate, 0600);
    assert_int_equal(program_run(&program, (const char *const[]){"devices", "usb:TF-0042", NULL}),
                     0);
    usb_rig_free(rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_swaps_and_each_keeps_its_name),
        cmocka_unit_test(plugs_change_places_in_mid_recording),
        cmocka_unit_test(without_a_name_there_must_be_one),
        cmocka_unit_test(news_comes_twice_or_never),
        cmocka_unit_test(a_second_program_is_told),
        cmocka_unit_test(two_interfaces_and_one_plate),
        cmocka_unit_test(a_port_that_is_taken_stays_so),
        cmocka_unit_test(a_killed_program_leaves_the_plate_free),
        cmocka_unit_test(without_permission),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
