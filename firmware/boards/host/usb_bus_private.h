/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the two parts of usb_bus: the controller and its packets (usb_bus.c), and what a host
 * makes of them: control transfers, and what it knows from them (usb_bus_control.c). */
#ifndef TENDERFOOT_BOARDS_HOST_USB_BUS_PRIVATE_H
#define TENDERFOOT_BOARDS_HOST_USB_BUS_PRIVATE_H

#include "firmware/boards/host/usb_bus.h"

#define USB_BUS_IN 0x80u    /* of an endpoint's address */
#define USB_BUS_NUMBERS 16u /* of endpoints, each way */
#define USB_BUS_CONFIGURATION_MAX 512u

/* One direction of one endpoint, with both sides' idea of the next packet's toggle. */
struct usb_bus_pipe {
    int is_open, is_halted;
    enum usb_transfer type;
    uint16_t max_packet;
    int device_toggle, host_toggle;
    /* IN */
    int is_sending;
    const uint8_t *bytes;
    size_t n, sent;
    uint32_t crc; /* of the bytes when they were given */
    /* OUT */
    int is_receiving;
};

struct usb_bus {
    struct usb_controller controller;
    struct usb_device *device;
    int is_connected, is_suspended;
    struct usb_bus_pipe in[USB_BUS_NUMBERS], out[USB_BUS_NUMBERS];
    /* What a host knows. */
    uint8_t address_told;              /* by the device to its controller */
    uint8_t address;                   /* given by the last SET_ADDRESS that was accepted */
    uint8_t configuration;             /* chosen, 0 = none */
    uint8_t settings[USB_BUS_NUMBERS]; /* of the interfaces */
    uint8_t descriptor[USB_BUS_CONFIGURATION_MAX]; /* the configuration, as it was read; n = 0: not
                                                      yet */
    size_t n_descriptor;
    /* A request that changes something was begun and not ended: the host does not know. */
    int is_unsure;
    char complaint[160];
};

/* --- usb_bus.c -------------------------------------------------------------------------------- */

/* Keeps the first one. */
void usb_bus_complain(struct usb_bus *bus, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct usb_bus_pipe *usb_bus_pipe(struct usb_bus *bus, unsigned endpoint);
/* What is under way there. */
void usb_bus_forget(struct usb_bus_pipe *pipe);
/* The device is not there, off the bus, or suspended. */
int usb_bus_is_silent(const struct usb_bus *bus);
/* As usb_bus_in and usb_bus_out, of endpoint 0 as well. */
int usb_bus_packet_in(struct usb_bus *bus, unsigned endpoint, uint8_t packet[USB_PACKET_MAX]);
int usb_bus_packet_out(struct usb_bus *bus, unsigned endpoint, const uint8_t *packet, size_t n);

/* --- usb_bus_control.c ------------------------------------------------------------------------ */

/* Complains where the device is not as the host's requests have left it. */
void usb_bus_check_state(struct usb_bus *bus);
/* The host's, of all endpoints but 0. */
void usb_bus_restart_toggles(struct usb_bus *bus);

#endif
