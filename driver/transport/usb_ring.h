/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transfers of one open plate: a ring of bulk IN transfers that is always full, and a few bulk
 * OUT transfers.
 *
 * Every IN transfer is either under way or holds bytes that the caller has not read yet; there is
 * no third buffer, so a caller that does not read leaves the plate without transfers, and the plate
 * drops whole frames and counts them. Nothing is submitted from inside a callback: however fast a
 * device answers, libusb's event handling ends.
 *
 * While the state is WHOLE and nothing was cancelled: under way + held = size. Whatever could make
 * that sum smaller (a status other than COMPLETED, a submit that fails) changes the state instead,
 * and stays until usb_ring_refill has made the ring whole. One thread. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_USB_RING_H
#define TENDERFOOT_DRIVER_TRANSPORT_USB_RING_H

#include <libusb.h>
#include <stddef.h>
#include <stdint.h>

enum {
    USB_RING_LEAST = 8,            /* transfers that a ring never goes below */
    USB_RING_MOST_BYTES = 1 << 20, /* of all IN transfers together: usbfs allows 16 MiB to all */
    USB_RING_OUT = 4,              /* OUT transfers */
    USB_RING_OUT_BYTES = 512       /* and what each takes */
};

/* What the ring does with a transfer; libusb's own functions but for tests. Both return 0 or a
 * libusb error, and a submitted transfer's callback is called exactly once, later. */
struct usb_ring_calls {
    int (*submit)(struct libusb_transfer *transfer);
    int (*cancel)(struct libusb_transfer *transfer);
};
extern const struct usb_ring_calls usb_ring_libusb;

enum usb_ring_state {
    USB_RING_WHOLE,   /* as it should be, or never filled */
    USB_RING_FAULT,   /* a transfer failed or could not be submitted: cancel, mend, refill */
    USB_RING_NO_ROOM, /* as FAULT: the system had no memory for a transfer */
    USB_RING_GONE,    /* the device is no longer there */
};

struct usb_ring;

/* `n` transfers of `bytes` each: n >= USB_RING_LEAST, bytes a multiple of 512, together at most
 * USB_RING_MOST_BYTES. NULL = no memory. */
struct usb_ring *usb_ring_create(unsigned n, size_t bytes, const struct usb_ring_calls *calls);

/* Nothing may be under way, and the libusb context must still be there: a transfer keeps its
 * device, and libusb 1.0.26 looks from the device into its context when it lets go of it. */
void usb_ring_free(struct usb_ring *ring);

/* Where the transfers go; the handle is borrowed until nothing is under way any more. */
void usb_ring_aim(struct usb_ring *ring, libusb_device_handle *handle, uint8_t in, uint8_t out);

/* Submits every IN transfer that is neither under way nor holding bytes. The state is new then. */
enum usb_ring_state usb_ring_refill(struct usb_ring *ring);

/* Bytes in the order in which they came, at most cap; transfers that are read empty are submitted
 * again unless the state says otherwise. Looks at each transfer once at most. */
size_t usb_ring_read(struct usb_ring *ring, uint8_t *bytes, size_t cap);
int usb_ring_has_bytes(const struct usb_ring *ring);

/* Bytes taken, 0 while all OUT transfers are under way. What is taken may still be lost when the
 * state changes: the plate's answer tells. */
size_t usb_ring_write(struct usb_ring *ring, const uint8_t *bytes, size_t n);

/* Asks for all that is under way to end; their callbacks follow. Nothing is submitted any more
 * until usb_ring_refill, but what was received can still be read. */
void usb_ring_cancel(struct usb_ring *ring);

/* The handle was closed with transfers under way: their callbacks will not come any more. */
void usb_ring_abandon(struct usb_ring *ring);

unsigned usb_ring_under_way(const struct usb_ring *ring); /* IN and OUT */
unsigned usb_ring_in_under_way(const struct usb_ring *ring);
unsigned usb_ring_held(const struct usb_ring *ring); /* IN transfers not yet read */
enum usb_ring_state usb_ring_state(const struct usb_ring *ring);

/* What happened last, in words, for messages: "a transfer stalled"; "" = nothing. */
const char *usb_ring_trouble(const struct usb_ring *ring);

#endif
