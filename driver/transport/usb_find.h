/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plates among the USB devices: who each is and what stands in its way, without opening any.
 *
 * A plate has the ids of firmware/wire/usb_id.h and, in the setting for the stream, its class
 * triple and a bulk endpoint each way. Its serial number is the string descriptor that the kernel
 * read when it was plugged in (the attribute `serial` of its directory in /sys): so a plate is told
 * from another without a byte on the bus, without permission, and while another program has it.
 * The device's strings are any bytes: what is not printable ASCII becomes '.' before it is compared
 * or shown. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_USB_FIND_H
#define TENDERFOOT_DRIVER_TRANSPORT_USB_FIND_H

#include "firmware/wire/problem.h"

#include <libusb.h>
#include <stdint.h>

enum { USB_PLACES_MAX = 32, USB_SERIAL_MAX = 24 /* as in HELLO */ };

struct usb_place {
    libusb_device *device; /* a reference of ours */
    char uri[32];          /* "usb:TF-0042"; "usb:" when it has no (good) serial number */
    char serial[USB_SERIAL_MAX + 1];
    char description[128];    /* "tenderfoot plate, bus 1 port 2.3" */
    char node[32];            /* "/dev/bus/usb/001/007" */
    struct problem obstacle;  /* why it cannot be opened as far as can be seen; or PROBLEM_NONE */
    uint8_t interface_number; /* of the stream */
    uint8_t in, out;          /* endpoint addresses */
};

struct usb_places {
    unsigned n;
    struct usb_place place[USB_PLACES_MAX];
};

/* All plates that the context knows, and devices with a plate's ids whose descriptors cannot be
 * read (with that as the obstacle), by name. 0, or -1: the list cannot be had. */
int usb_find(libusb_context *libusb, struct usb_places *places, struct problem *why);
void usb_places_release(struct usb_places *places);

/* The plate with this serial number, or the only one if it is "". NULL: there is none, or several
 * (failed, naming what there is). Obstacles are not looked at. */
const struct usb_place *usb_choose(const struct usb_places *places, const char *serial,
                                   struct problem *why);

/* Copies a device's string as printable ASCII, without the end of line that /sys adds. */
void usb_printable(char *to, size_t cap, const char *from, size_t n);

/* No permission for this plate: names the rule that gives it and how to install it. Always -1. */
int usb_permission_problem(const char *uri, struct problem *why);

#endif
