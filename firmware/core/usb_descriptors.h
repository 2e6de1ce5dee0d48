/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plate says of itself as a USB device: the one table. The endpoints that the device opens
 * are read from the same bytes that the host gets.
 *
 * Sources: USB 2.0 chapter 9.6; Interface Association Descriptors ECN; CDC 1.2 and CDC PSTN 1.2;
 * Microsoft OS 2.0 Descriptors Specification; WebUSB API, "WebUSB Platform Capability". */
#ifndef TENDERFOOT_CORE_USB_DESCRIPTORS_H
#define TENDERFOOT_CORE_USB_DESCRIPTORS_H

#include "firmware/core/usb_device.h"

#define USB_INTERFACE_STREAM 0u
#define USB_INTERFACE_SERIAL_CONTROL 1u
#define USB_INTERFACE_SERIAL_DATA 2u
#define USB_INTERFACE_COUNT 3u

#define USB_ENDPOINT_STREAM_IN 0x81u
#define USB_ENDPOINT_STREAM_OUT 0x01u
#define USB_ENDPOINT_NOTICE_IN 0x82u
#define USB_ENDPOINT_SERIAL_IN 0x83u
#define USB_ENDPOINT_SERIAL_OUT 0x03u

#define USB_CONFIGURATION_VALUE 1u

/* The vendor requests that the BOS descriptor names (bRequest); wIndex says what is wanted. */
#define USB_REQUEST_MICROSOFT 0x4Du
#define USB_REQUEST_WEBUSB 0x57u

/* Each gives the bytes and their number; those that are made lie in `made` (USB_REPLY_BYTES). NULL
 * = there is no such descriptor. */
const uint8_t *usb_descriptor_device(const struct usb_device_config *config, uint8_t *made,
                                     size_t *n);
const uint8_t *usb_descriptor_configuration(size_t *n);
const uint8_t *usb_descriptor_bos(const struct usb_device_config *config, uint8_t *made, size_t *n);
const uint8_t *usb_descriptor_string(const struct usb_device_config *config, unsigned index,
                                     uint16_t language, uint8_t *made, size_t *n);
const uint8_t *usb_descriptor_microsoft(size_t *n);
const uint8_t *usb_descriptor_url(const struct usb_device_config *config, unsigned index,
                                  uint8_t *made, size_t *n);

struct usb_endpoint {
    uint8_t address;
    enum usb_transfer type;
    uint16_t max_packet;
};

/* The endpoints of an interface's setting: the number filled, at most 2; -1 = no such setting. */
int usb_descriptor_endpoints(unsigned interface, unsigned setting, struct usb_endpoint found[2]);

#endif
