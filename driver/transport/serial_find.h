/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which USB device a serial port belongs to, as the kernel knows it from when it was plugged in:
 * nothing is opened, and no permission is needed. Ports are named by paths ("/dev/ttyACM0"), which
 * the kernel deals out anew at each plugging; a USB serial number stays. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_SERIAL_FIND_H
#define TENDERFOOT_DRIVER_TRANSPORT_SERIAL_FIND_H

#include <stddef.h>

struct serial_device {
    int is_usb;
    int vendor, product; /* USB ids, 0 when not known */
    char serial[128];    /* the USB serial number; "" = it has none */
};

/* The device behind a port; not a USB device also when the port is not there. */
void serial_device_of(const char *path, struct serial_device *device);

/* The port of the USB device with these ids and this serial number, whatever its name is now; of
 * several the one named `path` before. 1 and the path in `path` (changed in place), or 0. */
int serial_find_again(const struct serial_device *device, char *path, size_t cap);

/* Whether the port is a plate's own: the ids of firmware/wire/usb_id.h, which others test with too,
 * and beside the port an interface of a plate's class. */
int serial_is_plate(const char *path);

#endif
