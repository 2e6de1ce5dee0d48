/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate on a USB cable into a virtual machine: firmware/core's USB device on a software bus,
 * behind usbredir (usb_redir.h), with the faults of such a cable (usb_witness.h).
 *
 * The machine listens (QEMU: -chardev socket,path=...,server=on,wait=off), the cable connects, and
 * tries again ten times a second as long as nobody listens there, so that plate and machine may
 * start and end in any order. Pulling the plug is a message within the connection and leaves it
 * standing. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_CABLE_H
#define TENDERFOOT_BOARDS_HOST_USB_CABLE_H

#include "firmware/boards/host/cable.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct usb_cable;

struct usb_cable_options {
    const char *path;   /* of the machine's socket; or NULL: */
    int fd;             /* the only connection there will be, taken over */
    const char *faults; /* list as in faults.h, of which those of USB are brought; or NULL */
    uint64_t seed;      /* of the faults */
    FILE *log;          /* as in usb_witness.h, borrowed; or NULL */
};

/* NULL and *why: the path is too long or the list of faults wrong (usage), no memory. Nothing is
 * connected before usb_cable_begin. */
struct usb_cable *usb_cable_create(const struct usb_cable_options *options, struct problem *why);
void usb_cable_free(struct usb_cable *cable); /* unplugs; NULL is fine */

/* The plate has this serial number (up to 24 printable ASCII, copied) and may be plugged in. */
int usb_cable_begin(struct usb_cable *cable, const char *serial, struct problem *why);

/* A virtual_plate_sink: context is the cable. Link 0 is the vendor interface, link 1 the serial
 * one. Bytes for a link that no host has open are taken and gone. */
size_t usb_cable_send(void *context, int link, const uint8_t *bytes, size_t n);

/* For serve(); the cable stays the caller's. */
struct cable cable_of_usb(struct usb_cable *cable);

#endif
