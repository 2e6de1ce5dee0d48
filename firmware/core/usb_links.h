/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts a plate behind a USB device: what hosts send goes to the plate, what it says goes to them.
 * Link 0 of the plate is the vendor interface, link 1 the serial port (enum usb_link). Plate side:
 * called from the main loop. */
#ifndef TENDERFOOT_CORE_USB_LINKS_H
#define TENDERFOOT_CORE_USB_LINKS_H

#include "firmware/core/plate.h"
#include "firmware/core/usb_device.h"

/* Who is told what the hosts of the links do; struct plate by usb_links_serve_plate. */
struct usb_links_listener {
    void *context;
    void (*receive)(void *context, unsigned link, const uint8_t *bytes, size_t n);
    void (*closed)(void *context, unsigned link);
};

/* One round: ends of sessions first, then at most USB_INBOX_BYTES of each link. Whether anything
 * was told. usb_device_poll is to follow, so that the hosts may send more. */
int usb_links_serve(struct usb_device *device, const struct usb_links_listener *listener);
int usb_links_serve_plate(struct usb_device *device, struct plate *plate);

#endif
