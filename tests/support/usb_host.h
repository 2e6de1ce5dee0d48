/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A USB host of the tests: the firmware's device on a bus in software, asked request by request.
 * Each deed fails the test when the device breaks a rule of the bus. */
#ifndef TENDERFOOT_TESTS_USB_HOST_H
#define TENDERFOOT_TESTS_USB_HOST_H

#include "firmware/boards/host/usb_bus.h"
#include "firmware/core/usb_device.h"

#define USB_HOST_RING_BYTES 4096u

struct usb_host {
    struct usb_bus *bus;
    struct usb_device_config config;
    struct usb_device device;
    uint8_t rings[USB_LINKS][USB_HOST_RING_BYTES];
    uint8_t data[65536]; /* of the last control transfer, either way */
};

/* A device with a config that may be changed before usb_host_plug: "A. Maker", "Rig plate",
 * "RIG-0001", 0x0123, a landing page, rings of USB_HOST_RING_BYTES. */
struct usb_host *usb_host_make(void);
void usb_host_free(struct usb_host *host);

/* Starts the device and puts it on the bus: reset, without an address. */
void usb_host_plug(struct usb_host *host);
/* Address 5, descriptors, configuration 1: as an operating system does it. */
void usb_host_enumerate(struct usb_host *host);

/* One control transfer: bytes moved or an answer of usb_bus.h. */
int usb_host_ask(struct usb_host *host, unsigned type, unsigned request, unsigned value,
                 unsigned index, unsigned length);
/* The same, cancelled behind so many packets of its data stage. */
void usb_host_ask_part(struct usb_host *host, unsigned type, unsigned request, unsigned value,
                       unsigned index, unsigned length, unsigned packets);

/* Setting 1 or 0 of the vendor interface; DTR of the serial one: the deed of opening or closing. */
void usb_host_open(struct usb_host *host, enum usb_link link, int on);

/* What the host can read of a link at once, at most cap: ends at a NAK. */
size_t usb_host_read(struct usb_host *host, enum usb_link link, uint8_t *bytes, size_t cap);
/* Packets as long as the device takes them: bytes written. */
size_t usb_host_write(struct usb_host *host, enum usb_link link, const uint8_t *bytes, size_t n);

void usb_host_check(const struct usb_host *host);

#endif
