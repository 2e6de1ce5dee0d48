/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate that is there and says nothing any more, while `tenderfoot record` runs as a program of
 * its own: it is noticed, what may help is tried from the gentle to the rude, and a reset is rare.
 */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void mute(struct stage *stage, int is_mute, enum usbfs_remedy remedy)
{
    usb_rig_lock(stage->rig);
    struct usbfs *fs = usb_rig_device(stage->rig, stage->plate);
    fs->is_mute = is_mute;
    fs->remedy = remedy;
    usb_rig_unlock(stage->rig);
}

/* Only this remedy helps: it is found, and no ruder one is taken. */
static void silence_ends_by(enum usbfs_remedy remedy)
{
    struct stage stage;
    stage_set(&stage, "silence.tfr");
    struct usbfs_counts before = story_counts(stage.rig, stage.plate), now;
    uint64_t begin_us = usb_plate_now_us();
    unsigned noticed = 0;
    mute(&stage, 1, remedy);
    do { /* by the clock: on a busy computer a sleep of 10 ms takes 30 */
        story_sleep_ms(10);
        noticed = (unsigned)((usb_plate_now_us() - begin_us) / 1000u);
        now = story_counts(stage.rig, stage.plate);
    } while (now.clear_halts == before.clear_halts && noticed < 12000);
    unsigned ended = story_await_frames(&stage.recorder, 12000);
    now = story_counts(stage.rig, stage.plate);
    printf("silence noticed after %u ms, frames %u ms later: %u halts cleared, %u opened, %u "
           "resets\n",
           noticed, ended, now.clear_halts - before.clear_halts, now.opens - before.opens,
           now.resets - before.resets);
    assert_in_range(noticed, 1000, 10000); /* 2.5 s, on a computer that does other things too */
    assert_true(now.clear_halts >= before.clear_halts + 2); /* both ways */
    assert_true((now.opens > before.opens) == (remedy >= USBFS_BY_OPEN));
    assert_true((now.resets > before.resets) == (remedy == USBFS_BY_RESET));
    stage_clear(&stage);
}

static void silence_is_noticed_and_ended(void **state)
{
    (void)state;
    silence_ends_by(USBFS_BY_HALT);
    silence_ends_by(USBFS_BY_OPEN);
    silence_ends_by(USBFS_BY_RESET);
}

/* A plate that is silent for good is not reset all the time: a reset is felt by its neighbours. */
static void resets_are_seldom(void **state)
{
    (void)state;
    struct stage stage;
    stage_set(&stage, "seldom.tfr");
    mute(&stage, 1, USBFS_NO_REMEDY);
    story_sleep_ms(14000);
    struct usbfs_counts now = story_counts(stage.rig, stage.plate);
    printf("in 14 s: %u halts cleared, %u opened, %u resets\n", now.clear_halts, now.opens,
           now.resets);
    assert_in_range(now.resets, 1, 2);
    assert_true(now.opens <= 20 && now.clear_halts <= 20);
    assert_true(program_lines(stage.recorder.program.err) <= 40);
    mute(&stage, 0, USBFS_NO_REMEDY);
    story_await_frames(&stage.recorder, 5000);
    stage_clear(&stage);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_noticed_and_ended),
        cmocka_unit_test(resets_are_seldom),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
