/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rig itself, looked at with plain libusb: what it shows is what Linux shows. */
#include "tests/usb/usb_rig.h"

#include "firmware/wire/usb_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <libusb.h>

static void a_plate_is_found_by_name(void **state)
{
    (void)state;
    struct usb_rig *rig = usb_rig_make();
    struct usb_plate *plate = usb_rig_plate(rig, "TF-0042", 16, 16, 100);
    usb_rig_plug(rig, plate, 1, USB_RIG_PROPERLY);
    libusb_context *usb;
    assert_int_equal(libusb_init(&usb), 0);
    libusb_device_handle *handle =
        libusb_open_device_with_vid_pid(usb, USB_ID_VENDOR, USB_ID_PRODUCT);
    assert_non_null(handle);
    unsigned char text[64];
    int n = libusb_get_string_descriptor_ascii(handle, 3, text, sizeof text);
    assert_int_equal(n, 7);
    assert_memory_equal(text, "TF-0042", 7);
    libusb_close(handle);
    libusb_exit(usb);
    usb_rig_free(rig);
}

int main(int argc, char **argv)
{
    (void)argc;
    usb_rig_preload(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plate_is_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
