/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A USB cable and a host controller in software, packet by packet: it drives firmware/core's USB
 * device as a board's controller would (struct usb_controller) and asks it what a host asks. Keeps
 * the rules of the bus (toggles, halts, NAK, short packets) and tells when the device breaks one.
 * Used by tenderfoot-plate, the tests and the fuzzers. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_BUS_H
#define TENDERFOOT_BOARDS_HOST_USB_BUS_H

#include "firmware/core/usb_device.h"

#include <stddef.h>
#include <stdint.h>

struct usb_bus;

/* A bus with nothing on it; NULL = no memory. `controller` is what to give to the device's config;
 * attach then says who answers: a device that has just got its power (usb_device_init); NULL =
 * none.
 */
struct usb_bus *usb_bus_create(void);
void usb_bus_free(struct usb_bus *bus);
const struct usb_controller *usb_bus_controller(struct usb_bus *bus);
void usb_bus_attach(struct usb_bus *bus, struct usb_device *device);

/* The answers that are no length. */
enum usb_bus_answer {
    USB_BUS_NAK = -1,    /* nothing now (IN) or no room now (OUT) */
    USB_BUS_STALL = -2,  /* halted, or the request is refused */
    USB_BUS_SILENT = -3, /* no such endpoint is open, or not connected */
    USB_BUS_BROKEN = -4, /* the device broke a rule of the bus; usb_bus_complaint says which */
};

/* The host's deeds. Reset makes address 0, unconfigured. */
void usb_bus_reset(struct usb_bus *bus);
void usb_bus_suspend(struct usb_bus *bus);
void usb_bus_resume(struct usb_bus *bus);

/* A whole control transfer: SETUP, the data stage in packets, the status stage. `data` is written
 * or read by the setup's direction and must hold wLength bytes. Bytes moved, or an answer. */
int usb_bus_control(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data);

/* A SETUP and `packets` packets of its data stage, then nothing more: a host that changed its mind
 * (the next SETUP cancels it). */
void usb_bus_control_part(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data,
                          unsigned packets);

/* The status stage of such a transfer, before its data stage is over: 0, or an answer. */
int usb_bus_control_status(struct usb_bus *bus, const uint8_t setup[8]);

/* One packet. IN: its length (at most the endpoint's size), or an answer. OUT: n, or an answer. */
int usb_bus_in(struct usb_bus *bus, uint8_t endpoint, uint8_t packet[USB_PACKET_MAX]);
int usb_bus_out(struct usb_bus *bus, uint8_t endpoint, const uint8_t *packet, size_t n);

/* A bulk IN transfer as a host controller makes it: packets until one is short or cap is reached.
 * Returns the bytes so far and sets *done when the transfer is over; 0 and not done = NAK at once.
 * A transfer that is not done goes on with the next call's buffer. Or an answer below NAK. */
int usb_bus_read(struct usb_bus *bus, uint8_t endpoint, uint8_t *bytes, size_t cap, int *done);

/* NULL, or the first rule that was broken. */
const char *usb_bus_complaint(const struct usb_bus *bus);

#endif
