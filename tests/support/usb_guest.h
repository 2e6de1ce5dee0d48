/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual machine as far as a USB device sees one: the host's side of the usbredir protocol, by
 * libusbredirparser, on one end of a socket pair. It asks what a test tells it to and keeps the
 * answers. One thread. */
#ifndef TENDERFOOT_TESTS_USB_GUEST_H
#define TENDERFOOT_TESTS_USB_GUEST_H

#include <stddef.h>
#include <stdint.h>
#include <usbredirparser.h>

#define GUEST_ANSWERS 4096

struct guest_answer {
    uint64_t id;
    uint8_t endpoint, status;
    size_t n;
};

struct usb_guest {
    struct usbredirparser *parser;
    int fd;
    int has_hello, attached, arrivals, departures;
    int is_deaf; /* reads nothing */
    struct usb_redir_device_connect_header device;
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
    struct usb_redir_configuration_status_header configuration;
    struct usb_redir_alt_setting_status_header setting;
    struct usb_redir_control_packet_header control;
    uint8_t control_data[1024];
    int controls; /* answers to control packets so far */
    int statuses; /* of configuration, setting and interrupts together */
    uint8_t interrupt_status;
    int interrupts; /* packets so far; the last: */
    uint8_t interrupt[64];
    size_t interrupt_n;
    /* Bulk answers, all endpoints, in the order they came. */
    struct guest_answer answers[GUEST_ANSWERS];
    size_t n_answers;
    /* Bytes of the IN transfers that went well, one stream for each endpoint. */
    void *context;
    void (*take)(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n);
    uint64_t next_id;
};

/* The descriptor is taken over. `take` may be NULL. */
void usb_guest_begin(struct usb_guest *guest, int fd);
void usb_guest_end(struct usb_guest *guest);

/* Sends what is queued, reads what is there. -1: the plate has hung up. */
int usb_guest_serve(struct usb_guest *guest);

uint64_t usb_guest_control(struct usb_guest *guest, uint8_t type, uint8_t request, uint16_t value,
                           uint16_t index, uint16_t length, const uint8_t *data);
uint64_t usb_guest_read(struct usb_guest *guest, uint8_t endpoint, uint32_t n);
uint64_t usb_guest_write(struct usb_guest *guest, uint8_t endpoint, const uint8_t *bytes, size_t n);
void usb_guest_configure(struct usb_guest *guest, uint8_t configuration);
void usb_guest_choose(struct usb_guest *guest, uint8_t interface, uint8_t setting);

#endif
