/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the three parts of usb_redir: the connection and the plug (usb_redir.c), what the machine
 * wants, one callback of the parser for each (usb_redir_wishes.c), and the transfers on the bus
 * (usb_redir_transfers.c). */
#ifndef TENDERFOOT_BOARDS_HOST_USB_REDIR_PRIVATE_H
#define TENDERFOOT_BOARDS_HOST_USB_REDIR_PRIVATE_H

#include "firmware/boards/host/usb_map.h"
#include "firmware/boards/host/usb_redir.h"
#include "firmware/boards/host/usb_requests.h"

#include <usbredirparser.h>

/* USB 2.0, tables 9-2 to 9-6. */
enum { TO_INTERFACE = 0x01, FROM_INTERFACE = 0x81, TO_ENDPOINT = 0x02, FROM_DEVICE = 0x80 };
enum {
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9,
    GET_INTERFACE = 10,
    SET_INTERFACE = 11
};

struct usb_redir {
    int fd;
    struct usb_bus *bus;
    struct usb_redir_witness witness;
    struct usbredirparser *parser;
    struct usb_map map;
    int has_hello, wants_plug, is_attached, is_stopped;
    int is_letting_go; /* told to let go; deaf until it has, or until let_go_ns */
    int64_t let_go_ns;
    int is_dead; /* the socket */
    unsigned bad_packets;
    size_t may_read;             /* in this round */
    size_t out_bytes;            /* from the machine, not yet taken by the device */
    int receives_interrupts[16]; /* by IN endpoint */
    uint64_t interrupts;
    struct usb_requests requests[USB_MAP_ENDPOINTS]; /* at USB_MAP_INDEX */
};

/* --- usb_redir.c ------------------------------------------------------------------------------ */

/* Whether so much waits for the machine already that it is not served. */
int usb_redir_is_full(const struct usb_redir *redir);

/* Tells the machine of the device if that may and can be. */
void usb_redir_attach(struct usb_redir *redir);

/* --- usb_redir_wishes.c ----------------------------------------------------------------------- */

void usb_redir_listen(struct usb_redir *redir);

/* --- usb_redir_transfers.c -------------------------------------------------------------------- */

struct usb_redir_request {
    uint8_t type, request;
    uint16_t value, index, length;
};

/* On the bus at once; what usb_bus_control gives, and what usbredir calls that. */
int usb_redir_control(struct usb_redir *redir, struct usb_redir_request ask, uint8_t *data);
uint8_t usb_redir_status(int answer);

/* The device is in its address state afterwards. */
void usb_redir_reset_bus(struct usb_redir *redir);

/* Ends the transfer of this id on the endpoint at `index`, if there is one, or all of them. While
 * the machine lets go of the device it is told nothing. */
void usb_redir_answer(struct usb_redir *redir, unsigned index, uint64_t id, uint8_t status);
void usb_redir_answer_all(struct usb_redir *redir, unsigned index, uint8_t status);
/* The same for all endpoints, and interrupts are not received any more. */
void usb_redir_forget_requests(struct usb_redir *redir);

/* All that can go on does. */
void usb_redir_move(struct usb_redir *redir);

#endif
