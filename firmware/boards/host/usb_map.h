/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a USB device has for interfaces and endpoints at the moment, read out of its own
 * configuration descriptor (USB 2.0, 9.6.3 to 9.6.6), in the words of the usbredir protocol. One
 * configuration. Any thread. */
#ifndef TENDERFOOT_BOARDS_HOST_USB_MAP_H
#define TENDERFOOT_BOARDS_HOST_USB_MAP_H

#include <stddef.h>
#include <stdint.h>
#include <usbredirproto.h>

#define USB_MAP_BYTES 1024u
#define USB_MAP_INTERFACES 32u /* usbredir knows no more */
#define USB_MAP_ENDPOINTS 32u

/* The place of an endpoint in usbredir's tables: 0..15 OUT, 16..31 IN. */
#define USB_MAP_INDEX(endpoint) ((((endpoint)&0x80u) >> 3) | ((endpoint)&0x0Fu))

struct usb_map {
    uint8_t descriptor[USB_MAP_BYTES]; /* the whole configuration, n bytes */
    size_t n;
    uint8_t configuration; /* chosen: its value, or 0 */
    uint8_t settings[USB_MAP_INTERFACES];
};

/* Takes a configuration descriptor as the device gave it. -1: it is none, or too long. */
int usb_map_take(struct usb_map *map, const uint8_t *descriptor, size_t n);

/* What the host has chosen. A configuration begins with every interface at setting 0. */
void usb_map_choose_configuration(struct usb_map *map, uint8_t value);
void usb_map_choose_setting(struct usb_map *map, uint8_t interface, uint8_t setting);

/* The tables as they are now. Unconfigured they are those of the configuration at its beginning,
 * so that a virtual machine can judge the device before it takes it. */
void usb_map_tell(const struct usb_map *map, struct usb_redir_interface_info_header *interfaces,
                  struct usb_redir_ep_info_header *endpoints);

#endif
