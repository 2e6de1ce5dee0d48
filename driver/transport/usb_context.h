/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libusb behind one pollable descriptor: its own descriptors, news of plugging, a tick each second
 * when asked for, and a flag, all in one epoll. No thread of ours and no waiting but in
 * usb_context_drain. One thread a context; contexts share nothing. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_USB_CONTEXT_H
#define TENDERFOOT_DRIVER_TRANSPORT_USB_CONTEXT_H

#include "firmware/wire/problem.h"

#include <libusb.h>

struct usb_context {
    libusb_context *libusb;
    libusb_hotplug_callback_handle hotplug;
    int hotplug_error; /* of libusb: why plugging is not told; 0 = it is */
    int epoll_fd;      /* the same for the context's life; readable = usb_context_handle is due */
    int tick_fd, flag_fd;
    libusb_device *watched; /* whose leaving is told apart; borrowed */
    int has_watched_left;
    int has_arrival;   /* something was plugged in (once or more) since this was last cleared */
    int has_departure; /* or out */
    int has_ticked;    /* a second is over since this was last cleared */
    int is_ready;      /* epoll, tick and flag are */
    int is_ticking, is_flagged;
    int newest_fd; /* that libusb asked to have polled: after libusb_open, the device's own */
    int is_polled; /* libusb's descriptors are all in the epoll */
};

/* Failed: no memory, no descriptors, or libusb has no USB to use. Exit after either. */
int usb_context_init(struct usb_context *context, struct problem *why);
/* After a failed init: whether it was but libusb that failed. Its tick and flag work then. */
int usb_context_can_tick(const struct usb_context *context);
void usb_context_exit(struct usb_context *context);

/* Looks at the bus anew. In 1.0.26 libusb_get_device_list only repeats what the hotplug events have
 * told, and there are none without a udevd (a container, a rescue system) or when one was missed: a
 * new libusb context is what really looks. No handle may be open, no transfer or device be
 * kept. */
int usb_context_rescan(struct usb_context *context, struct problem *why);

/* Takes what has happened, without waiting. */
void usb_context_handle(struct usb_context *context);

/* Handles events until the count is 0: 0; or -1 when it has not become smaller for a second, which
 * the system owes whatever a device does. `count` is a function because callbacks change what it
 * tells. */
int usb_context_drain(struct usb_context *context, unsigned (*count)(const void *of),
                      const void *of);

/* Whether (0 or 1) the descriptor is to become readable each second. */
void usb_context_tick(struct usb_context *context, int on);

/* Makes the descriptor readable now (1), until taken back (0). */
void usb_context_flag(struct usb_context *context, int on);

#endif
