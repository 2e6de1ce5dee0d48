/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bulk transfers a virtual machine has asked of one endpoint and has no answer to, oldest
 * first. One thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_REQUESTS_H
#define TENDERFOOT_BOARDS_HOST_USB_REQUESTS_H

#include <stddef.h>
#include <stdint.h>

#define USB_REQUESTS_MAX 256u            /* of an endpoint */
#define USB_REQUEST_BYTES_MAX (1u << 20) /* of one transfer */

struct usb_request {
    uint64_t id;
    uint32_t stream_id; /* usbredir wants it back */
    uint8_t *bytes;     /* OUT: owned, what the host sends. IN: owned, NULL until it is its turn */
    uint32_t size, done;
    int is_fed; /* OUT: its packets, an empty one included, are all with the device */
};

struct usb_requests {
    struct usb_request ring[USB_REQUESTS_MAX];
    unsigned first, n;
};

/* NULL = none waits. */
struct usb_request *usb_requests_head(struct usb_requests *requests);

/* -1: too many wait. `bytes` is taken over otherwise. */
int usb_requests_add(struct usb_requests *requests, const struct usb_request *request);

/* Takes the one of this id out, wherever it stands; 0 = it is not there. Its bytes are the
 * caller's. */
int usb_requests_take(struct usb_requests *requests, uint64_t id, struct usb_request *request);

#endif
