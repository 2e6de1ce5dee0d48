/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A computer's USB for one test program and its children: a bus with ports into which plates are
 * plugged, seen by unmodified libusb and libudev (umockdev). One thread runs plates and host
 * controller in real time, a round each millisecond.
 *
 * The test program must have been started through usb_rig_preload. Functions assert that they work
 * and may be called from the test's thread only. */
#ifndef TENDERFOOT_TESTS_USB_RIG_H
#define TENDERFOOT_TESTS_USB_RIG_H

#include "tests/usb/usb_plate.h"
#include "tests/usb/usbfs.h"

#include <stdint.h>

struct usb_rig;

/* Call first in main: starts the program again with umockdev's library preloaded (a sanitizer's
 * runtime before it); returns in that second life only. */
void usb_rig_preload(char **argv);

struct usb_rig *usb_rig_make(void);
void usb_rig_free(struct usb_rig *rig);

/* A plate of this rig, not plugged in; freed with the rig. Between lock and unlock its fields, and
 * those of its device, may be read and written. */
struct usb_plate *usb_rig_plate(struct usb_rig *rig, const char *serial, unsigned rows,
                                unsigned cols, unsigned rate_hz);
void usb_rig_lock(struct usb_rig *rig);
void usb_rig_unlock(struct usb_rig *rig);

enum usb_rig_how {
    USB_RIG_PROPERLY = 0,
    USB_RIG_UNNOTICED = 1, /* udev's message is lost */
    USB_RIG_TWICE = 2,     /* it comes twice */
    USB_RIG_POWERED = 4,   /* the plate has (unplug: keeps) power of its own: no new boot */
};

/* Into port 1.. : enumerates, makes node and sysfs entries, tells udev. Afterwards the device, for
 * faults and counts; valid until the rig is freed or a second after unplug. */
struct usbfs *usb_rig_plug(struct usb_rig *rig, struct usb_plate *plate, unsigned port,
                           unsigned how);
void usb_rig_unplug(struct usb_rig *rig, struct usb_plate *plate, unsigned how);
/* NULL when not plugged in. */
struct usbfs *usb_rig_device(struct usb_rig *rig, const struct usb_plate *plate);

/* What the plugged plate calls itself from now on, as the kernel shows it. */
void usb_rig_call(struct usb_rig *rig, const struct usb_plate *plate, const char *product);

/* Gives the plugged plate's CDC-ACM function its port, /dev/ttyACM0, until usb_rig_hide_tty; the
 * plug stays in meanwhile. One in a rig. */
void usb_rig_show_tty(struct usb_rig *rig, const struct usb_plate *plate);
void usb_rig_hide_tty(struct usb_rig *rig);

/* What the next plugs show in sysfs instead of the truth (borrowed): `descriptors` of n bytes, the
 * serial number (no end of line in it); NULL = the truth. */
void usb_rig_lie(struct usb_rig *rig, const uint8_t *descriptors, size_t n, const char *serial);

/* Says "remove" of a plate that stays where it is. */
void usb_rig_tell_left(struct usb_rig *rig, const struct usb_plate *plate);

/* Says "add" once more for a plate that is plugged in. */
void usb_rig_tell_again(struct usb_rig *rig, const struct usb_plate *plate);

/* The permissions of the plate's node, e.g. 0 (see program.h on the superuser). */
void usb_rig_permit(struct usb_rig *rig, const struct usb_plate *plate, unsigned mode);

#endif
