/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plate's stream held open: handle, claimed interface in setting 1, a full ring of transfers; and
 * taken down in the one order that libusb bears. Nothing here waits for a plate, but the kernel
 * itself gives a control request up to 5 s (USB 2.0, 9.2.6.4) when a plate does not answer it. One
 * thread. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_USB_BINDING_H
#define TENDERFOOT_DRIVER_TRANSPORT_USB_BINDING_H

#include "driver/transport/usb_context.h"
#include "driver/transport/usb_find.h"
#include "driver/transport/usb_ring.h"

struct usb_binding {
    struct usb_context *context;  /* the caller's, set before anything else */
    libusb_device_handle *handle; /* NULL = not bound */
    int fd;                       /* the handle's, libusb's own */
    uint8_t interface_number, in, out;
    int is_claimed;
    int is_deaf;           /* it did not answer a control request: it is asked nothing more */
    struct usb_ring *ring; /* of this binding, or what is left to read of the last one; or NULL */
    unsigned ring_n;       /* its shape */
    size_t ring_bytes;
    int is_small; /* memory was short: it is not the ring we would have liked */
};

enum usb_bound { USB_HINDERED = -1, USB_ABSENT = 0, USB_BOUND = 1 };

/* Binds the plate at this place, after a reset of its port if asked for. ABSENT: it is not there
 * (any more); HINDERED: something is in the way; *why says which in both cases. */
enum usb_bound usb_binding_open(struct usb_binding *binding, const struct usb_place *place,
                                int reset_first, struct problem *why);

/* Lets go of the plate; what it had sent can still be read from the ring. Harmless when not bound.
 */
void usb_binding_close(struct usb_binding *binding);

/* Ends the endpoints' halts and makes the ring whole again; what had come stays. The ring's new
 * state. */
enum usb_ring_state usb_binding_mend(struct usb_binding *binding);

/* Frees the ring of a closed binding, as must be before its libusb context ends. */
void usb_binding_forget(struct usb_binding *binding);

#endif
