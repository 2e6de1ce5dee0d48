/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A USB device for a virtual machine: the device side of the usbredir protocol on a stream socket,
 * over a software bus. QEMU has the host's side:
 *
 *     -chardev socket,id=plate,path=SOCKET,server=on,wait=off -device usb-redir,chardev=plate
 *
 * Each request of the machine becomes packets on the bus, which the device's own logic answers; a
 * bulk or interrupt read that the device has nothing for waits until it has. Nothing ever waits for
 * the machine: while it does not read the socket, it is neither read from nor given more, so that
 * memory is bounded by what libusbredirparser buffers of one packet (at most 128 MiB by its own
 * limit, where a machine sends such). One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_REDIR_H
#define TENDERFOOT_BOARDS_HOST_USB_REDIR_H

#include "firmware/boards/host/usb_bus.h"
#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

struct usb_redir;

/* What becomes of an IN packet between the device and the machine. */
enum usb_redir_fate {
    USB_REDIR_PASS,
    USB_REDIR_LOSE,   /* vanishes; the transfer goes on */
    USB_REDIR_FAIL,   /* the transfer fails with all it held */
    USB_REDIR_BABBLE, /* the same, as the packet was too long */
    USB_REDIR_HALT,   /* passes, and the endpoint is halted behind it */
    USB_REDIR_STOP,   /* passes, and nothing more is done until usb_redir_unplug */
};

/* Stands by the cable. */
struct usb_redir_witness {
    void *context;
    /* An IN packet of a bulk endpoint, as the device sent it. */
    enum usb_redir_fate (*packet)(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n);
    /* What a bulk IN transfer that went well hands to the machine. */
    void (*handed)(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n);
    /* 1 = the endpoints are not asked at the moment. */
    int (*is_silent)(void *context);
};

/* Takes the descriptor over, also when it fails (no memory, or it cannot be made non-blocking).
 * `bus` and `witness` (copied; NULL = nothing happens on the way) outlive it. */
struct usb_redir *usb_redir_create(int fd, struct usb_bus *bus,
                                   const struct usb_redir_witness *witness, struct problem *why);
void usb_redir_free(struct usb_redir *redir); /* closes the descriptor; NULL is fine */

/* The device, connected to the bus, is plugged into the machine; told when the machine has said
 * hello and has let go of the device before (or 2 s after that was pulled). Unplugging ends at once
 * what was under way. */
void usb_redir_plug(struct usb_redir *redir);
void usb_redir_unplug(struct usb_redir *redir);

/* Whether the machine knows the device at the moment. */
int usb_redir_is_attached(const struct usb_redir *redir);

/* Reads what the machine wants (a bounded amount) and answers. -1 and *why: it has hung up
 * (failed), or what it sends is not usbredir (refused). */
int usb_redir_serve(struct usb_redir *redir, struct problem *why);

/* Answers what waits, as far as the device has something by now. */
void usb_redir_pump(struct usb_redir *redir);

/* What to wait for, as for poll. */
int usb_redir_fd(const struct usb_redir *redir);
short usb_redir_events(const struct usb_redir *redir);

#endif
