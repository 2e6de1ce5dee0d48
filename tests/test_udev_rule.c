/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udev rule says what usb_id.h says, and sorts before what acts on it. (That a real udev takes
 * it is proven in the virtual machine.) */
#include "firmware/wire/usb_id.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME "70-tenderfoot.rules"

static char *rule; /* without its comments */

static int load(void **state)
{
    size_t n, kept = 0;
    (void)state;
    char *text = (char *)scratch_read("driver/" NAME, &n);
    rule = calloc(1, n + 1);
    for (char *at = text; at < text + n;) {
        char *end = memchr(at, '\n', n - (size_t)(at - text));
        size_t size = (size_t)((end ? end + 1 : text + n) - at);
        if (*at != '#') {
            memcpy(rule + kept, at, size);
            kept += size;
        }
        at += size;
    }
    free(text);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    free(rule);
    return 0;
}

static void expect(const char *format, unsigned a, unsigned b, unsigned c)
{
    char text[80];
    snprintf(text, sizeof text, format, a, b, c);
    if (!strstr(rule, text))
        fail_msg("the rule has no %s", text);
}

static void it_has_the_ids_of_the_plate(void **state)
{
    (void)state;
    expect("ENV{ID_VENDOR_ID}!=\"%04x\"", USB_ID_VENDOR, 0, 0);
    expect("ENV{ID_MODEL_ID}!=\"%04x\"", USB_ID_PRODUCT, 0, 0);
    expect("*:%02x%02x%02x:*", USB_ID_INTERFACE_CLASS, USB_ID_INTERFACE_SUBCLASS,
           USB_ID_INTERFACE_PROTOCOL);
}

/* Each line that gives permission gives it to who sits there; none runs anything. */
static void it_gives_what_it_should_and_no_more(void **state)
{
    (void)state;
    int n = 0;
    char *copy = strdup(rule);
    for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
        assert_null(strstr(line, "RUN"));
        assert_null(strstr(line, "0666"));
        if (strncmp(line, "SUBSYSTEM==", 11) || strstr(line, "SYMLINK"))
            continue;
        assert_non_null(strstr(line, "TAG+=\"uaccess\""));
        if (!strstr(line, "df11"))
            assert_non_null(strstr(line, "ENV{ID_MM_DEVICE_IGNORE}=\"1\""));
        n++;
    }
    assert_int_equal(n, 3); /* the plate, its port, its loader */
    free(copy);
}

/* "tenderfoot/" and nothing would take the place of the folder that holds everybody's names. */
static void without_a_serial_number_there_is_no_link(void **state)
{
    (void)state;
    const char *guard = strstr(rule, "ENV{ID_SERIAL_SHORT}!=\"?*\", GOTO=\"tenderfoot_end\"\n");
    assert_non_null(guard);
    const char *link = strstr(rule, "SYMLINK");
    assert_true(link > guard);
    assert_non_null(strstr(guard, "SYMLINK+=\"tenderfoot/$env{ID_SERIAL_SHORT}\"\n"));
    assert_non_null(strstr(guard, "SYMLINK+=\"tenderfoot/$env{ID_SERIAL_SHORT}-tty\"\n"));
}

static void it_sorts_before_the_seat_and_after_the_serial_number(void **state)
{
    (void)state;
    assert_true(strcmp(NAME, "73-seat-late.rules") < 0);
    assert_true(strcmp(NAME, "60-serial.rules") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_the_ids_of_the_plate),
        cmocka_unit_test(it_gives_what_it_should_and_no_more),
        cmocka_unit_test(without_a_serial_number_there_is_no_link),
        cmocka_unit_test(it_sorts_before_the_seat_and_after_the_serial_number),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
