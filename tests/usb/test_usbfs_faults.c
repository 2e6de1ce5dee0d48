/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a USB cable, a hub and a host controller do to transfers, while `tenderfoot record` runs as
 * a program of its own: each fault is got over, and every frame is in the file or counted as lost.
 */
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* --- Transfers ------------------------------------------------------------------------------- */

static const struct {
    int status;
    const char *what;
} endings[] = {
    {0, "completed, empty"},
    {-EPROTO, "error: no answer from the device"},
    {-EILSEQ, "error: checksum"},
    {-ETIME, "error: the device answers late"},
    {-ETIMEDOUT, "timed out"},
    {-ENOENT, "cancelled, unasked"},
    {-ECONNRESET, "cancelled, unasked"},
    {-EPIPE, "stall"},
    {-EOVERFLOW, "overflow: babble"},
    {-ENODEV, "no device, though it is there"},
    {-ESHUTDOWN, "no device, though it is there"},
    {-EXDEV, "an ending that nobody knows"},
};
enum { N_ENDINGS = sizeof endings / sizeof endings[0] };

static void spoil(struct stage *stage, int status, unsigned n, int eats)
{
    usb_rig_lock(stage->rig);
    struct usbfs *fs = usb_rig_device(stage->rig, stage->plate);
    fs->spoil_status = status;
    fs->spoil_eats = eats;
    fs->spoil = n;
    usb_rig_unlock(stage->rig);
}

/* Waits for the fault to be used up and for frames after it. */
static unsigned get_over_it(struct stage *stage, unsigned *left)
{
    for (unsigned waited = 0; waited < 5000; waited += 5) {
        usb_rig_lock(stage->rig);
        int is_over = !*left;
        usb_rig_unlock(stage->rig);
        if (is_over)
            return waited + story_await_frames(&stage->recorder, 15000);
        story_sleep_ms(5);
    }
    fail_msg("the fault was never met");
    return 0;
}

/* Frames of before the fault may still come while the plate is being opened anew; and on a busy
 * computer a look may fall between a transfer's end and its being sent again. */
static unsigned await_in_flight(struct stage *stage, unsigned least)
{
    unsigned n = 0;
    for (unsigned waited = 0; waited < 10000 && n < least; waited += 40)
        n = stage_in_flight(stage);
    return n;
}

static void every_ending_of_a_transfer(void **state)
{
    (void)state;
    struct stage stage;
    uint64_t random = story_seed();
    stage_set(&stage, "endings.tfr");
    unsigned full = stage_in_flight(&stage);
    for (unsigned i = 0; i < story_rounds(2 * N_ENDINGS); i++) {
        unsigned which = i % N_ENDINGS,
                 n = 1 + (unsigned)(scratch_random(&random) % (i % 3 ? 3 : 40));
        spoil(&stage, endings[which].status, n, (int)(i / N_ENDINGS % 2));
        unsigned *left = &usb_rig_device(stage.rig, stage.plate)->spoil;
        unsigned ms = get_over_it(&stage, left);
        if (i < 2 * N_ENDINGS)
            printf("%2u times %s%s: frames again after %u ms\n", n, endings[which].what,
                   i / N_ENDINGS % 2 ? ", bytes lost" : "", ms);
    }
    unsigned then = await_in_flight(&stage, full - 1);
    printf("transfers in flight: %u, then %u\n", full, then);
    assert_true(then + 1 >= full && then < 2 * full);
    stage_clear(&stage);
}

static void every_refusal_of_a_transfer(void **state)
{
    (void)state;
    static const int errors[] = {ENOMEM, ENODEV, EBUSY, EIO, EINVAL, ESHUTDOWN, ENOENT};
    enum { N_ERRORS = sizeof errors / sizeof errors[0] };
    struct stage stage;
    stage_set(&stage, "refusals.tfr");
    unsigned full = stage_in_flight(&stage);
    for (unsigned i = 0; i < story_rounds(2 * N_ERRORS); i++) {
        usb_rig_lock(stage.rig);
        struct usbfs *fs = usb_rig_device(stage.rig, stage.plate);
        fs->submit_error = errors[i % N_ERRORS];
        fs->refuse = i < N_ERRORS ? 1 : 2;
        usb_rig_unlock(stage.rig);
        unsigned ms = get_over_it(&stage, &fs->refuse);
        if (i < 2 * N_ERRORS)
            printf("submit refused with %d: frames again after %u ms, %u in flight\n",
                   errors[i % N_ERRORS], ms, await_in_flight(&stage, 8));
        assert_true(await_in_flight(&stage, 8) >= 8);
    }
    assert_true(full >= 8);
    stage_clear(&stage);
}

/* The bus resets the device under a program that records: same plate, same boot, stream stopped. */
static void the_hub_resets_the_port(void **state)
{
    (void)state;
    struct stage stage;
    uint64_t random = story_seed();
    stage_set(&stage, "hub.tfr");
    for (unsigned i = 0; i < story_rounds(4); i++) {
        story_sleep_ms(1000 + (unsigned)(scratch_random(&random) % 100u));
        usb_rig_lock(stage.rig);
        usbfs_hub_reset(usb_rig_device(stage.rig, stage.plate));
        usb_rig_unlock(stage.rig);
        printf("hub reset: frames again after %u ms\n", story_await_frames(&stage.recorder, 5000));
    }
    stage_clear(&stage);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ending_of_a_transfer),
        cmocka_unit_test(every_refusal_of_a_transfer),
        cmocka_unit_test(the_hub_resets_the_port),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
