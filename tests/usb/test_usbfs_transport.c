/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The usb: transport itself against unmodified libusb: what it promises to poll(), to whoever waits
 * for a plate, and to a system that is short of memory. */
#include "driver/transport/transport.h"
#include "driver/transport/usb_binding.h"
#include "driver/transport/usb_context.h"
#include "driver/transport/usb_find.h"
#include "firmware/wire/payloads.h"
#include "firmware/wire/wire.h"
#include "tests/support/scratch.h"
#include "tests/usb/story.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* libusb is not built with the sanitizer: what it reads after it was freed must at least be wrong.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_free_fill_size=65536:free_fill_byte=165";
}

struct cable {
    struct usb_rig *rig;
    struct usb_plate *plate;
    struct transport *transport;
};

static void begin(struct cable *cable)
{
    struct problem why = {0};
    cable->rig = usb_rig_make();
    cable->plate = usb_rig_plate(cable->rig, "TF-0042", 32, 24, 100);
    usb_rig_plug(cable->rig, cable->plate, 1, USB_RIG_POWERED);
    cable->transport = transport_open("usb:", &why);
    if (!cable->transport)
        fail_msg("%s", why.text);
    assert_string_equal(transport_name(cable->transport), "usb:TF-0042");
}

static void end(struct cable *cable)
{
    transport_close(cable->transport);
    usb_rig_free(cable->rig);
}

static int is_readable(struct cable *cable, int ms)
{
    struct pollfd in = {.fd = transport_fd(cable->transport), .events = POLLIN};
    return poll(&in, 1, ms) > 0;
}

/* HELLO of the protocol, answered by HELLO whenever the plate is well. */
static void ask(struct cable *cable)
{
    uint8_t payload[64], bytes[WIRE_HEADER_SIZE + sizeof payload];
    struct wire_command hello = {.request = 7};
    struct problem why = {0};
    hello.as.hello.protocol_min = WIRE_VERSION << 8;
    hello.as.hello.protocol_max = WIRE_VERSION << 8 | WIRE_VERSION_MINOR;
    struct wire_message message = {.type = WIRE_CMD_HELLO, .payload = payload};
    message.payload_len =
        (uint32_t)wire_put_command(payload, sizeof payload, WIRE_CMD_HELLO, &hello);
    size_t n = wire_encode(bytes, sizeof bytes, &message);
    ssize_t taken = transport_write(cable->transport, bytes, n, &why);
    if (taken != (ssize_t)n)
        fail_msg("%zd taken: %s", taken, why.text);
}

/* Bytes that come within so many ms, by poll() alone; -1 = it has left. */
static ssize_t hear(struct cable *cable, unsigned ms, size_t cap)
{
    uint8_t bytes[4096];
    struct problem why;
    uint64_t until_us = usb_plate_now_us() + ms * 1000u;
    while (usb_plate_now_us() < until_us) {
        if (!is_readable(cable, 10))
            continue;
        ssize_t n =
            transport_read(cable->transport, bytes, cap < sizeof bytes ? cap : sizeof bytes, &why);
        if (n < 0)
            assert_int_equal(why.kind, PROBLEM_DEVICE_LOST);
        if (n)
            return n;
    }
    return 0;
}

static void hear_nothing_more(struct cable *cable)
{
    while (hear(cable, 100, 4096) > 0)
        ;
}

/* Asks the transport as often as it says, and counts how often that was. */
static int rejoin(struct cable *cable, unsigned ms, unsigned *asked)
{
    struct problem why = {0};
    uint64_t until_us = usb_plate_now_us() + ms * 1000u;
    int back = 0;
    for (*asked = 0; !back && usb_plate_now_us() < until_us;)
        if (is_readable(cable, 20)) {
            back = transport_rejoin(cable->transport, &why);
            ++*asked;
        }
    return back;
}

static unsigned count_descriptors(void)
{
    unsigned n = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* A descriptor that is readable with nothing to say would be a busy loop; one that is not although
 * bytes are there, a hang. */
static void poll_tells_what_a_read_will_say(void **state)
{
    (void)state;
    struct cable cable;
    begin(&cable);
    hear_nothing_more(&cable);
    assert_false(is_readable(&cable, 300));
    ask(&cable);
    assert_int_equal(hear(&cable, 1000, 1), 1);
    for (int i = 0; i < 5; i++) { /* the rest is held by the host and stays readable */
        assert_true(is_readable(&cable, 0));
        assert_int_equal(hear(&cable, 10, 1), 1);
    }
    hear_nothing_more(&cable);
    assert_false(is_readable(&cable, 300));
    end(&cable);
}

static void a_plate_is_waited_for_without_work(void **state)
{
    (void)state;
    struct cable cable;
    unsigned asked, before = 0;
    begin(&cable);
    for (int i = 0; i < 3; i++) {
        usb_rig_unplug(cable.rig, cable.plate, USB_RIG_POWERED);
        ssize_t said;
        while ((said = hear(&cable, 1000, 4096)) > 0)
            ;
        assert_int_equal(said, -1);
        assert_int_equal(rejoin(&cable, 2600, &asked), 0);
        printf("asked %u times in 2.6 s\n", asked);
        assert_in_range(asked, 2, 6);
        usb_rig_plug(cable.rig, cable.plate, 2u + (unsigned)i, USB_RIG_POWERED);
        assert_int_equal(rejoin(&cable, 1000, &asked), 1);
        assert_string_equal(transport_name(cable.transport), "usb:TF-0042");
        ask(&cable);
        assert_true(hear(&cable, 1000, 4096) > 0);
        hear_nothing_more(&cable);
        assert_false(is_readable(&cable, 1200)); /* the tick has ended */
        if (i == 0)
            before = count_descriptors();
    }
    assert_int_equal(count_descriptors(), before);
    end(&cable);
}

/* Nobody tells of its leaving or coming: no udevd. */
static void an_unnoticed_replug_is_found_by_looking(void **state)
{
    (void)state;
    struct cable cable;
    unsigned asked;
    begin(&cable);
    usb_rig_unplug(cable.rig, cable.plate, USB_RIG_POWERED | USB_RIG_UNNOTICED);
    ssize_t said;
    while ((said = hear(&cable, 1000, 4096)) > 0)
        ;
    assert_int_equal(said, -1);
    assert_int_equal(rejoin(&cable, 1500, &asked), 0);
    usb_rig_plug(cable.rig, cable.plate, 3, USB_RIG_POWERED | USB_RIG_UNNOTICED);
    assert_int_equal(rejoin(&cable, 1500, &asked), 1);
    ask(&cable);
    assert_true(hear(&cable, 1000, 4096) > 0);
    end(&cable);
}

/* Another plate in the same port is another plate. */
static void another_plate_is_not_the_one_that_left(void **state)
{
    (void)state;
    struct cable cable;
    unsigned asked;
    begin(&cable);
    struct usb_plate *other = usb_rig_plate(cable.rig, "TF-0043", 32, 24, 100);
    usb_rig_unplug(cable.rig, cable.plate, USB_RIG_POWERED);
    usb_rig_plug(cable.rig, other, 1, USB_RIG_PROPERLY);
    while (hear(&cable, 1000, 4096) > 0)
        ;
    assert_int_equal(rejoin(&cable, 1500, &asked), 0);
    assert_int_equal(usb_rig_device(cable.rig, other)->counts.claims, 0);
    usb_rig_plug(cable.rig, cable.plate, 2, USB_RIG_POWERED);
    assert_int_equal(rejoin(&cable, 1000, &asked), 1);
    assert_int_equal(usb_rig_device(cable.rig, other)->counts.claims, 0);
    end(&cable);
}

/* --- What stands in the way ------------------------------------------------------------------ */

static void refuse(struct cable *cable, int error, unsigned n)
{
    usb_rig_lock(cable->rig);
    struct usbfs *fs = usb_rig_device(cable->rig, cable->plate);
    fs->submit_error = error;
    fs->refuse = n;
    usb_rig_unlock(cable->rig);
}

/* 32 transfers are tried, then 16, 8, smaller ones: never fewer than 8. */
static void a_system_short_of_memory_gets_a_smaller_ring_and_it_is_said(void **state)
{
    (void)state;
    struct cable cable;
    struct problem why = {0};
    begin(&cable);
    assert_string_equal(transport_notice(cable.transport), "");
    for (unsigned refused = 1; refused <= 5; refused++) {
        transport_close(cable.transport);
        refuse(&cable, ENOMEM, refused);
        cable.transport = transport_open("usb:TF-0042", &why);
        if (refused == 5) {
            assert_null(cable.transport);
            assert_int_equal(why.kind, PROBLEM_FAILED);
            assert_non_null(strstr(why.text, "usbfs_memory_mb"));
            break;
        }
        assert_non_null(cable.transport);
        assert_non_null(strstr(transport_notice(cable.transport), "little memory"));
        usb_rig_lock(cable.rig);
        unsigned n = (unsigned)usb_rig_device(cable.rig, cable.plate)->n_urbs;
        usb_rig_unlock(cable.rig);
        assert_in_range(n, 8, 16);
        ask(&cable);
        assert_true(hear(&cable, 1000, 4096) > 0);
    }
    end(&cable);
}

static void one_that_is_taken_is_said_to_be(void **state)
{
    (void)state;
    struct cable cable;
    struct problem why = {0};
    begin(&cable);
    assert_null(transport_open("usb:TF-0042", &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "another program has the plate"));
    ask(&cable); /* and the first one has not noticed */
    assert_true(hear(&cable, 1000, 4096) > 0);
    end(&cable);
}

static void note_place(void *context, const char *uri, const char *description,
                       const char *obstacle)
{
    char *places = context;
    if (!strncmp(uri, "usb:", 4))
        snprintf(places + strlen(places), 400 - strlen(places), "%s (%s)%s;", uri, description,
                 obstacle);
}

static void two_plates_are_listed_where_they_are_and_told_apart(void **state)
{
    (void)state;
    struct cable cable;
    struct problem why = {0};
    char places[400] = "";
    begin(&cable);
    struct usb_plate *other = usb_rig_plate(cable.rig, "TF-0043", 32, 24, 100);
    usb_rig_plug(cable.rig, other, 4, USB_RIG_PROPERLY);
    assert_int_equal(transport_list(note_place, places, &why), 0);
    printf("%s\n", places);
    assert_non_null(strstr(places, "usb:TF-0042 ("));
    assert_non_null(strstr(places, "bus 1 port 1);"));
    assert_non_null(strstr(places, "usb:TF-0043 ("));
    assert_non_null(strstr(places, "bus 1 port 4);"));
    assert_null(transport_open("usb:", &why));
    assert_non_null(strstr(why.text, "usb:TF-0042"));
    assert_non_null(strstr(why.text, "usb:TF-0043"));
    struct transport *second = transport_open("usb:TF-0043", &why);
    assert_non_null(second);
    assert_int_equal(usb_rig_device(cable.rig, other)->counts.claims, 1);
    transport_close(second);
    end(&cable);
}

/* Waits for news at most so long: ms it took, or -1. */
static int news_within(struct transport_watch *watch, int ms)
{
    struct pollfd in = {.fd = transport_watch_fd(watch), .events = POLLIN};
    uint64_t begin_us = usb_plate_now_us();
    while ((int)((usb_plate_now_us() - begin_us) / 1000u) < ms)
        if (poll(&in, 1, 10) > 0 && transport_watch_has_news(watch))
            return (int)((usb_plate_now_us() - begin_us) / 1000u);
    return -1;
}

/* Right after a tick the next one is a second away: news before it are news of the plug. */
static void a_watch_is_told_at_once(void **state)
{
    (void)state;
    struct cable cable;
    struct problem why = {0};
    int soonest = 1500;
    begin(&cable);
    struct transport_watch *watch = transport_watch_open(&why);
    assert_non_null(watch);
    for (int i = 0; i < 4; i++) {
        assert_true(news_within(watch, 1500) >= 0);
        while (news_within(watch, 100) >= 0)
            ;
        if (i % 2)
            usb_rig_plug(cable.rig, cable.plate, 2, USB_RIG_POWERED);
        else
            usb_rig_unplug(cable.rig, cable.plate, USB_RIG_POWERED);
        int ms = news_within(watch, 1500);
        printf("told after %d ms\n", ms);
        assert_true(ms >= 0);
        soonest = ms < soonest ? ms : soonest;
    }
    assert_true(soonest <= 500);
    transport_watch_close(watch);
    end(&cable);
}

/* One context for all, so that each opening has the news of the one before. */
struct opener {
    atomic_int is_over;
    atomic_uint n_open;
};

static void *open_and_close(void *opener_of)
{
    struct opener *opener = opener_of;
    struct usb_context context;
    struct usb_binding binding = {.context = &context};
    struct usb_places places;
    struct problem why;
    if (usb_context_init(&context, &why))
        return NULL;
    while (!opener->is_over) {
        usb_context_handle(&context);
        if (usb_find(context.libusb, &places, &why))
            continue;
        const struct usb_place *place = usb_choose(&places, "TF-0042", &why);
        opener->n_open += place && usb_binding_open(&binding, place, 0, &why) == USB_BOUND;
        usb_binding_close(&binding);
        usb_binding_forget(&binding);
        usb_places_release(&places);
    }
    usb_context_exit(&context);
    return NULL;
}

/* The news have been heard: a socket takes ten of them, and umockdev aborts at the eleventh. */
static void await_opening(struct opener *opener)
{
    unsigned before = opener->n_open;
    for (unsigned waited = 0; opener->n_open == before && waited < 10000; waited++)
        story_sleep_ms(1);
}

/* libusb 1.0.26 aborts the program when it is asked for another setting of a device that its own
 * thread has just seen leaving. */
static void a_plate_may_leave_while_it_is_being_opened(void **state)
{
    (void)state;
    struct cable cable;
    pthread_t thread;
    struct opener opener = {0};
    uint64_t random = story_seed();
    begin(&cable);
    transport_close(cable.transport);
    assert_int_equal(pthread_create(&thread, NULL, open_and_close, &opener), 0);
    for (unsigned i = 0; i < story_rounds(60); i++) {
        story_sleep_ms((unsigned)(scratch_random(&random) % 40u));
        usb_rig_tell_left(cable.rig, cable.plate);
        story_sleep_ms((unsigned)(scratch_random(&random) % 10u));
        usb_rig_tell_again(cable.rig, cable.plate);
        await_opening(&opener);
    }
    opener.is_over = 1;
    pthread_join(thread, NULL);
    printf("opened %u times\n", opener.n_open);
    assert_true(opener.n_open > 0);
    usb_rig_free(cable.rig);
}

static unsigned never_fewer(const void *ignored)
{
    (void)ignored;
    return 1;
}

/* Transfers that the system does not give back are not waited for without end. */
static void a_drain_has_an_end(void **state)
{
    (void)state;
    struct cable cable;
    struct usb_context context;
    struct problem why;
    begin(&cable);
    assert_int_equal(usb_context_init(&context, &why), 0);
    alarm(30);
    uint64_t begin_us = usb_plate_now_us();
    assert_int_equal(usb_context_drain(&context, never_fewer, NULL), -1);
    assert_true(usb_plate_now_us() - begin_us >= 900000u);
    alarm(0);
    usb_context_exit(&context);
    end(&cable);
}

/* A plate that does not answer any more is let go of all the same. */
static void closing_takes_no_longer_than_it_must(void **state)
{
    (void)state;
    struct cable cable;
    begin(&cable);
    usb_rig_lock(cable.rig);
    cable.plate->is_frozen = 1;
    usb_rig_unlock(cable.rig);
    for (int i = 0; i < 3; i++)
        ask(&cable);
    uint64_t begin_us = usb_plate_now_us();
    transport_close(cable.transport);
    assert_true(usb_plate_now_us() - begin_us < 2000000u);
    usb_rig_lock(cable.rig);
    struct usbfs *fs = usb_rig_device(cable.rig, cable.plate);
    assert_int_equal(fs->n_urbs, 0);
    usb_rig_unlock(cable.rig);
    usb_rig_free(cable.rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(poll_tells_what_a_read_will_say),
        cmocka_unit_test(a_plate_is_waited_for_without_work),
        cmocka_unit_test(an_unnoticed_replug_is_found_by_looking),
        cmocka_unit_test(another_plate_is_not_the_one_that_left),
        cmocka_unit_test(a_system_short_of_memory_gets_a_smaller_ring_and_it_is_said),
        cmocka_unit_test(one_that_is_taken_is_said_to_be),
        cmocka_unit_test(two_plates_are_listed_where_they_are_and_told_apart),
        cmocka_unit_test(a_watch_is_told_at_once),
        cmocka_unit_test(a_plate_may_leave_while_it_is_being_opened),
        cmocka_unit_test(a_drain_has_an_end),
        cmocka_unit_test(closing_takes_no_longer_than_it_must),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
