/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the USB files of the core say to each other; usb_device.h is what a board sees. All of it is
 * the bus side. */
#ifndef TENDERFOOT_CORE_USB_PRIVATE_H
#define TENDERFOOT_CORE_USB_PRIVATE_H

#include "firmware/core/usb_descriptors.h"
#include "firmware/core/usb_device.h"

/* bmRequestType, USB 2.0 table 9-2. */
#define USB_IS_IN 0x80u
#define USB_KIND_MASK 0x60u
#define USB_RECIPIENT_MASK 0x1Fu

enum usb_kind { USB_KIND_STANDARD = 0x00, USB_KIND_CLASS = 0x20, USB_KIND_VENDOR = 0x40 };
enum usb_recipient { USB_OF_DEVICE = 0, USB_OF_INTERFACE = 1, USB_OF_ENDPOINT = 2 };

/* What becomes of a control request. TAKE: its data is wanted first, then usb_class_taken says. */
enum usb_verdict { USB_REFUSED, USB_DONE, USB_REPLY, USB_TAKE };

/* usb_device.c: endpoints. One is known while it is open; endpoint 0 is not among them. */
int usb_endpoint_is_open(const struct usb_device *device, unsigned endpoint);
int usb_endpoint_is_halted(const struct usb_device *device, unsigned endpoint);
void usb_endpoint_halt(struct usb_device *device, unsigned endpoint, int on);
/* Opens or closes all endpoints of an interface's setting. */
void usb_interface_open(struct usb_device *device, unsigned interface, unsigned setting);
void usb_interface_close(struct usb_device *device, unsigned interface, unsigned setting);
/* To CONFIGURED, with everything as after a reset; or from there to `state`. */
void usb_device_configure(struct usb_device *device);
void usb_device_unconfigure(struct usb_device *device, enum usb_state state);

/* usb_control.c: the stages of endpoint 0. */
void usb_control_begin(struct usb_device *device);
void usb_control_sent(struct usb_device *device);
void usb_control_received(struct usb_device *device, const uint8_t *bytes, size_t n);
/* For the functions that answer requests: the reply's bytes, which stay where they are (`made` of
 * the control state, or a constant). NULL is refused. */
enum usb_verdict usb_reply(struct usb_device *device, const uint8_t *bytes, size_t n);
enum usb_verdict usb_reply_byte(struct usb_device *device, uint8_t byte);

/* usb_standard.c, usb_class.c, usb_vendor.c: the request lies in device->control. */
enum usb_verdict usb_standard_request(struct usb_device *device);
enum usb_verdict usb_class_request(struct usb_device *device);
/* 0 = the data is refused. */
int usb_class_taken(struct usb_device *device);
enum usb_verdict usb_vendor_request(struct usb_device *device);

void usb_class_reset(struct usb_device *device);
void usb_class_poll(struct usb_device *device);
/* The notice endpoint forgot what it sent. */
void usb_class_forget(struct usb_device *device);
void usb_class_sent(struct usb_device *device);

/* usb_link.c. begin and end: a host listens, or no longer. forget: the endpoint forgot what was
 * under way. */
void usb_link_begin(struct usb_device *device, enum usb_link link);
void usb_link_end(struct usb_device *device, enum usb_link link);
void usb_link_forget_out(struct usb_device *device, enum usb_link link);
void usb_link_forget_in(struct usb_device *device, enum usb_link link);
void usb_link_poll(struct usb_device *device, enum usb_link link);
void usb_link_sent(struct usb_device *device, enum usb_link link);
void usb_link_received(struct usb_device *device, enum usb_link link, const uint8_t *bytes,
                       size_t n);

#endif
