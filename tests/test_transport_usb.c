/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate on a USB cable, as far as no device is needed: names, choices, messages, the ladder
 * against silence. What happens on a cable: tests/usb and tests/vm. */
#include "driver/transport/transport.h"
#include "driver/transport/usb_find.h"
#include "driver/transport/usb_ladder.h"
#include "tests/support/failing_malloc.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

/* --- Names ----------------------------------------------------------------------------------- */

static void expect_refusal(const char *uri, enum problem_kind kind, const char *word)
{
    struct problem why = {0};
    assert_null(transport_open(uri, &why));
    if (why.kind != kind || !strstr(why.text, word))
        fail_msg("%s: kind %d, wanted %d with '%s': %s", uri, why.kind, kind, word, why.text);
}

/* Where there is no USB at all the message says that instead. */
static void a_plate_that_is_not_there(void **state)
{
    (void)state;
    struct problem why = {0};
    assert_null(transport_open("usb:TF-nobody-has-this", &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    if (!strstr(why.text, "USB cannot be used"))
        assert_non_null(strstr(why.text, "no plate"));
    assert_true(transport_is_plate("usb:TF-0042"));
}

static void usb_has_no_options(void **state)
{
    (void)state;
    expect_refusal("usb:TF-1?baud=9600", PROBLEM_USAGE, "no options");
    expect_refusal("usb:?", PROBLEM_USAGE, "no options");
}

static void expect_usb_name(void *context, const char *uri, const char *description,
                            const char *obstacle)
{
    (void)context, (void)obstacle;
    if (!strncmp(uri, "usb:", 4))
        assert_true(description[0]);
}

static void listing_needs_no_usb(void **state)
{
    (void)state;
    assert_int_equal(transport_list(expect_usb_name, NULL, NULL), 0);
}

/* Also where there is no USB. */
static void a_watch_ticks(void **state)
{
    (void)state;
    struct problem why = {0};
    struct transport_watch *watch = transport_watch_open(&why);
    assert_non_null(watch);
    struct pollfd in = {.fd = transport_watch_fd(watch), .events = POLLIN};
    for (int i = 0; i < 2; i++) {
        while (!transport_watch_has_news(watch))
            assert_int_equal(poll(&in, 1, 1500), 1);
        assert_int_equal(poll(&in, 1, 0), 0);
    }
    transport_watch_close(watch);
    for (long n = 1, failed = 1; failed; n++) {
        failing_malloc_at(n);
        watch = transport_watch_open(&why);
        failed = failing_malloc_off();
        assert_int_equal(!watch, failed);
        transport_watch_close(watch);
    }
    transport_watch_close(NULL);
}

static void no_memory_is_a_problem_and_no_leak(void **state)
{
    (void)state;
    for (long n = 1, failed = 1; failed; n++) {
        struct problem why = {0};
        failing_malloc_at(n);
        assert_null(transport_open("usb:TF-nobody-has-this", &why));
        failed = failing_malloc_off();
        assert_int_equal(why.kind, PROBLEM_FAILED);
        if (failed)
            assert_non_null(strstr(why.text, "memory"));
    }
}

static unsigned count_descriptors(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

/* The system gives n descriptors more and then none. */
static void no_descriptors_is_a_problem_and_none_is_kept(void **state)
{
    (void)state;
    struct rlimit before;
    unsigned open_before = count_descriptors();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (unsigned n = 0; n < 16; n++) {
        struct problem why = {0};
        struct rlimit few = {.rlim_cur = open_before + n, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        assert_null(transport_open("usb:TF-nobody-has-this", &why));
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        assert_int_equal(why.kind, PROBLEM_FAILED);
        assert_true(why.text[0]);
        assert_int_equal(count_descriptors(), open_before);
    }
}

/* --- Strings of any bytes -------------------------------------------------------------------- */

static void strings_of_any_bytes_become_printable(void **state)
{
    (void)state;
    char all[256], shown[300];
    for (int i = 0; i < 256; i++)
        all[i] = (char)i;
    usb_printable(shown, sizeof shown, all, sizeof all);
    assert_int_equal(strlen(shown), 256);
    for (int i = 0; i < 256; i++)
        assert_int_equal(shown[i], i >= 0x20 && i < 0x7F ? i : '.');
    usb_printable(shown, sizeof shown, "TF-0042\n", 8);
    assert_string_equal(shown, "TF-0042");
    usb_printable(shown, 4, "TF-0042\n", 8);
    assert_string_equal(shown, "TF-");
    usb_printable(shown, sizeof shown, "", 0);
    assert_string_equal(shown, "");
}

/* --- Choosing -------------------------------------------------------------------------------- */

static void add(struct usb_places *places, const char *serial, int is_sure)
{
    struct usb_place *place = &places->place[places->n];
    memset(place, 0, sizeof *place);
    snprintf(place->serial, sizeof place->serial, "%s", serial);
    snprintf(place->uri, sizeof place->uri, "usb:%s", serial);
    snprintf(place->node, sizeof place->node, "/dev/bus/usb/003/%03u", ++places->n);
    place->in = is_sure ? 0x81 : 0;
}

static void expect_choice(const struct usb_places *places, const char *serial, int index)
{
    struct problem why = {0};
    const struct usb_place *place = usb_choose(places, serial, &why);
    assert_ptr_equal(place, &places->place[index]);
}

static void expect_no_choice(const struct usb_places *places, const char *serial, const char *word,
                             const char *other)
{
    struct problem why = {0};
    assert_null(usb_choose(places, serial, &why));
    assert_int_equal(why.kind, PROBLEM_FAILED);
    if (!strstr(why.text, word) || !strstr(why.text, other))
        fail_msg("wanted '%s' and '%s': %s", word, other, why.text);
}

static void a_plate_is_chosen_by_its_serial_number(void **state)
{
    (void)state;
    struct usb_places places = {0};
    expect_no_choice(&places, "", "no plate is plugged in", "cable");
    expect_no_choice(&places, "TF-7", "no plate", "TF-7");
    add(&places, "TF-7", 1);
    expect_choice(&places, "", 0);
    expect_choice(&places, "TF-7", 0);
    expect_no_choice(&places, "TF-8", "TF-8", "what is: usb:TF-7");
    expect_no_choice(&places, "TF-77", "TF-77", "usb:TF-7");
    add(&places, "TF-77", 1);
    expect_choice(&places, "TF-7", 0);
    expect_choice(&places, "TF-77", 1);
    expect_no_choice(&places, "", "usb:TF-7, ", "usb:TF-77");
    add(&places, "TF-7", 1);
    expect_no_choice(&places, "TF-7", "several plates", "unplug");
}

static void a_device_that_cannot_be_read_counts_only_alone(void **state)
{
    (void)state;
    struct usb_places places = {0};
    add(&places, "", 0);
    expect_choice(&places, "", 0);
    add(&places, "TF-3", 1);
    expect_choice(&places, "", 1);
    add(&places, "", 1); /* a plate without a serial number */
    expect_no_choice(&places, "", "usb:TF-3", "/dev/bus/usb/003/003");
}

static void many_plates_are_named_as_far_as_they_fit(void **state)
{
    (void)state;
    struct usb_places places = {0};
    for (unsigned i = 0; i < USB_PLACES_MAX; i++) {
        char serial[USB_SERIAL_MAX + 1];
        snprintf(serial, sizeof serial, "a-long-serial-number-%02u", i % 100);
        add(&places, serial, 1);
    }
    expect_no_choice(&places, "", "usb:a-long-serial-number-00", "number-04");
}

static void no_permission_says_how_to_get_it(void **state)
{
    (void)state;
    struct problem why;
    usb_permission_problem("usb:a-serial-of-24-letters--", &why);
    assert_int_equal(why.kind, PROBLEM_FAILED);
    assert_non_null(strstr(why.text, "tenderfoot devices --udev-rule | sudo tee "
                                     "/etc/udev/rules.d/70-tenderfoot.rules && sudo udevadm "
                                     "control --reload && sudo udevadm trigger"));
    assert_non_null(strstr(why.text, "usb:a-serial-of-24-letters--"));
}

/* --- The ladder ------------------------------------------------------------------------------ */

#define S 1000000u

static void trouble_again_within_a_while_climbs_and_calm_goes_back(void **state)
{
    (void)state;
    struct usb_ladder ladder = {0};
    uint64_t t = 3u * S; /* a computer just started */
    assert_int_equal(usb_ladder_climb(&ladder, t), USB_RUNG_CLEAR);
    assert_int_equal(usb_ladder_climb(&ladder, t += 2 * S), USB_RUNG_REOPEN);
    assert_int_equal(usb_ladder_climb(&ladder, t += 2 * S), USB_RUNG_RESET);
    assert_int_equal(usb_ladder_climb(&ladder, t += 9 * S), USB_RUNG_WAIT);
    assert_int_equal(usb_ladder_climb(&ladder, t += 2 * S), USB_RUNG_RESET);
    assert_int_equal(usb_ladder_climb(&ladder, t += USB_LADDER_CALM_US), USB_RUNG_CLEAR);
}

/* Trouble of any rhythm for an hour. */
static void resets_are_seldom(void **state)
{
    (void)state;
    struct usb_ladder ladder = {0};
    uint64_t t = 1, last = 0, step = 7;
    unsigned resets = 0;
    for (; t < 3600ull * S; t += step = (step * 48271u) % 2147483647u % (3 * S)) {
        if (usb_ladder_climb(&ladder, t) != USB_RUNG_RESET)
            continue;
        assert_true(!resets || t - last >= USB_LADDER_RESET_EACH_US);
        last = t;
        resets++;
    }
    assert_in_range(resets, 300, 360);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plate_that_is_not_there),
        cmocka_unit_test(usb_has_no_options),
        cmocka_unit_test(listing_needs_no_usb),
        cmocka_unit_test(a_watch_ticks),
        cmocka_unit_test(no_memory_is_a_problem_and_no_leak),
        cmocka_unit_test(no_descriptors_is_a_problem_and_none_is_kept),
        cmocka_unit_test(strings_of_any_bytes_become_printable),
        cmocka_unit_test(a_plate_is_chosen_by_its_serial_number),
        cmocka_unit_test(a_device_that_cannot_be_read_counts_only_alone),
        cmocka_unit_test(many_plates_are_named_as_far_as_they_fit),
        cmocka_unit_test(no_permission_says_how_to_get_it),
        cmocka_unit_test(trouble_again_within_a_while_climbs_and_calm_goes_back),
        cmocka_unit_test(resets_are_seldom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
