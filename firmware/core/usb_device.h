/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate as a USB device: chapter 9 of USB 2.0, a vendor interface and a CDC-ACM function, over
 * a controller that the board drives. Full speed. No register, no heap, no waiting.
 *
 * It has two sides that may run at different priorities:
 *   the bus side    usb_device_*: called by the board's controller driver, from its interrupt or
 *                   from anywhere, provided that no two calls overlap. Calls the controller's
 *                   functions and nothing else.
 *   the plate side  usb_link_*: called from the main loop, one thread.
 * Between them are rings of one producer and one consumer (C11 atomics); nothing is ever masked. */
#ifndef TENDERFOOT_CORE_USB_DEVICE_H
#define TENDERFOOT_CORE_USB_DEVICE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define USB_PACKET_MAX 64u /* bytes of a full-speed bulk or control packet */

enum usb_transfer { USB_CONTROL = 0, USB_BULK = 2, USB_INTERRUPT = 3 };

/* What a controller does. Endpoints are numbered as on the bus, 0x80 = IN. Endpoint 0 is always
 * open. Of what is forgotten here no usb_device_sent or _received follows. While the bus is
 * suspended nothing is asked. */
struct usb_controller {
    void *context;
    /* On the bus (pull-up) or off it; a suspend is over with it. */
    void (*connect)(void *context, int on);
    /* Told before the status stage of SET_ADDRESS; hardware that must not answer to it before that
     * stage is over waits by itself. */
    void (*set_address)(void *context, uint8_t address);
    /* Opens an endpoint: DATA0, not halted, OUT answers NAK until `receive`. Closing forgets what
     * is under way. */
    void (*open)(void *context, uint8_t endpoint, enum usb_transfer type, uint16_t max_packet);
    void (*close)(void *context, uint8_t endpoint);
    /* Halts, or ends a halt (DATA0 again, also where none was). What is under way there is
     * forgotten. On endpoint 0 (both directions are halted) a halt lasts until the next SETUP. */
    void (*halt)(void *context, uint8_t endpoint, int on);
    /* Begins to send n bytes as packets of the endpoint's size, the last one shorter if n is no
     * multiple of it; n = 0 is one empty packet. `bytes` stay where they are until
     * usb_device_sent. Never called while the endpoint still sends. */
    void (*send)(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n);
    /* Forgets what an IN endpoint still sends; its toggle goes on. */
    void (*cancel)(void *context, uint8_t endpoint);
    /* Takes one packet more; usb_device_received follows. Never called while one is still to
     * come. */
    void (*receive)(void *context, uint8_t endpoint);
};

enum usb_link { USB_LINK_VENDOR, USB_LINK_SERIAL, USB_LINKS };

struct usb_device_config {
    const struct usb_controller *controller;
    const char *manufacturer, *product; /* UTF-8 is not needed: ASCII, up to 60 characters */
    const char *serial;                 /* up to 24 printable ASCII, as in the plate's HELLO */
    const char *landing_page;           /* for WebUSB: http:// or https://, up to 120; or NULL */
    uint16_t version_bcd;               /* of the firmware, 0x0123 = 1.2.3 */
    /* What a link may hold that the host has not fetched: a power of two, 256..65536 bytes, the
     * caller's for the device's life. A frame or more fits well. */
    uint8_t *out_ring[USB_LINKS];
    size_t out_ring_bytes;
};

#define USB_INBOX_BYTES 512u /* per link: what the host has sent and the main loop not yet read */
#define USB_REPLY_BYTES 256u /* the longest answer to a control request */
#define USB_TAKEN_BYTES 8u   /* the longest data stage that a host may send */

/* The device's own state, here only so that it can lie anywhere without a heap: about 2 KiB. Nobody
 * but firmware/core looks inside. `head` and `tail` count bytes since power-up, modulo 2^32. */
struct usb_device_link {
    /* Written by the bus side: */
    _Atomic uint32_t is_open;
    _Atomic uint32_t closings; /* how often the link has closed */
    _Atomic uint32_t out_tail; /* fetched by the host */
    _Atomic uint32_t in_head;  /* sent by the host */
    _Atomic uint32_t in_begin; /* in_head when the link closed last: all before it is forgotten */
    uint32_t in_flight;        /* bytes of the ring that the controller has */
    int is_sending, is_receiving;
    int is_begun;    /* out_tail has been put to where this session begins */
    int needs_empty; /* the last packet was full: an empty one ends the host's read */
    uint8_t packet[USB_PACKET_MAX]; /* one that goes over the ring's end */
    /* Written by the plate side: */
    _Atomic uint32_t noted;     /* `closings` that the plate side knows of */
    _Atomic uint32_t out_begin; /* out_head when it took note: all before it is forgotten */
    _Atomic uint32_t out_head, in_tail;
    uint8_t inbox[USB_INBOX_BYTES];
};

enum usb_state { USB_DETACHED, USB_DEFAULT, USB_ADDRESSED, USB_CONFIGURED };
enum usb_stage { USB_IDLE, USB_DATA_IN, USB_DATA_OUT, USB_STATUS_IN };

struct usb_device {
    const struct usb_device_config *config;
    enum usb_state state;
    uint8_t vendor_setting;
    uint16_t opened, halted; /* a bit for each endpoint */
    _Atomic uint32_t is_suspended;
    struct {
        enum usb_stage stage;
        uint8_t type, request;
        uint16_t value, index, length;
        int needs_empty; /* an empty packet is still to end the data stage */
        const uint8_t *reply;
        size_t reply_size, taken;
        uint8_t made[USB_REPLY_BYTES]; /* a reply that is no constant */
        uint8_t data[USB_TAKEN_BYTES];
    } control;
    struct {
        uint8_t line_coding[7]; /* CDC PSTN 1.2, table 17 */
        int state_is_due, is_sending;
    } serial;
    struct usb_device_link links[USB_LINKS];
};

/* Checks the config (borrowed for the device's life); nothing is connected yet. NULL, or a fixed
 * sentence saying which field is out of bounds. */
const char *usb_device_init(struct usb_device *device, const struct usb_device_config *config);

/* --- The bus side ---------------------------------------------------------------------------- */

void usb_device_connect(struct usb_device *device, int on);
/* A bus reset is over: address 0, unconfigured, links closed (the device closes its endpoints). */
void usb_device_reset(struct usb_device *device);
/* A SETUP packet on endpoint 0: whatever went on there is over, and the controller has forgotten
 * it. */
void usb_device_setup(struct usb_device *device, const uint8_t setup[8]);
/* All that `send` was given has been fetched and acknowledged. */
void usb_device_sent(struct usb_device *device, uint8_t endpoint);
/* One packet, n <= the endpoint's size, 0 = an empty one. */
void usb_device_received(struct usb_device *device, uint8_t endpoint, const uint8_t *bytes,
                         size_t n);
void usb_device_suspend(struct usb_device *device);
void usb_device_resume(struct usb_device *device);
/* Takes up what the plate side has left to do (bytes to send, room to receive): called after
 * usb_link_send and usb_link_receive, by pending the controller's interrupt or directly. */
void usb_device_poll(struct usb_device *device);

/* --- The plate side -------------------------------------------------------------------------- */

/* Whether a host listens on the link: setting 1 of the vendor interface, DTR of the serial one;
 * never while unconfigured. */
int usb_link_is_open(const struct usb_device *device, enum usb_link link);

/* Whether the link has closed since the last call (it may be open again by now): the main loop then
 * tells plate_link_closed. Until it has asked, `send` and `receive` give 0, so that nothing said to
 * one host reaches the next. What is still unsent or unread of a closed link is forgotten. */
int usb_link_has_closed(struct usb_device *device, enum usb_link link);

/* Bytes taken (fewer than n: the host is slow; 0 while closed or suspended). */
size_t usb_link_send(struct usb_device *device, enum usb_link link, const uint8_t *bytes, size_t n);

/* Whether the host has fetched all that was taken (or nobody listens any more). */
int usb_link_has_left(const struct usb_device *device, enum usb_link link);

/* Bytes that the host has sent, at most cap; 0 = none. */
size_t usb_link_receive(struct usb_device *device, enum usb_link link, uint8_t *bytes, size_t cap);

int usb_device_is_suspended(const struct usb_device *device);

#endif
