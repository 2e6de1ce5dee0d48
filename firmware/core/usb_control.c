/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stages of a control transfer (USB 2.0, 8.5.3 and 9.2): SETUP, data, status. A host may end a
 * data stage early, by its status packet or by the next SETUP. */
#include "firmware/core/usb_private.h"

#include <string.h>

#define CONTROL_IN 0x80u
#define CONTROL_OUT 0x00u

static void send(const struct usb_device *device, const uint8_t *bytes, size_t n)
{
    const struct usb_controller *controller = device->config->controller;
    controller->send(controller->context, CONTROL_IN, bytes, n);
}

static void receive(const struct usb_device *device)
{
    const struct usb_controller *controller = device->config->controller;
    controller->receive(controller->context, CONTROL_OUT);
}

static void stall(struct usb_device *device)
{
    const struct usb_controller *controller = device->config->controller;
    device->control.stage = USB_IDLE;
    controller->halt(controller->context, CONTROL_IN, 1);
    controller->halt(controller->context, CONTROL_OUT, 1);
}

static void begin_status_in(struct usb_device *device)
{
    device->control.stage = USB_STATUS_IN;
    send(device, NULL, 0);
}

/* At most what was asked for. A reply that is shorter than that and ends with a full packet is
 * followed by an empty one (5.5.3). The status packet may come at any time. */
static void begin_data_in(struct usb_device *device)
{
    size_t n = device->control.reply_size;
    size_t wanted = device->control.length;
    device->control.needs_empty = n > 0 && n < wanted && n % USB_PACKET_MAX == 0;
    device->control.stage = USB_DATA_IN;
    receive(device);
    send(device, device->control.reply, n < wanted ? n : wanted);
}

enum usb_verdict usb_reply(struct usb_device *device, const uint8_t *bytes, size_t n)
{
    device->control.reply = bytes;
    device->control.reply_size = n;
    return bytes ? USB_REPLY : USB_REFUSED;
}

enum usb_verdict usb_reply_byte(struct usb_device *device, uint8_t byte)
{
    device->control.made[0] = byte;
    return usb_reply(device, device->control.made, 1);
}

static enum usb_verdict answer(struct usb_device *device)
{
    switch (device->control.type & USB_KIND_MASK) {
    case USB_KIND_STANDARD:
        return usb_standard_request(device);
    case USB_KIND_CLASS:
        return usb_class_request(device);
    case USB_KIND_VENDOR:
        return usb_vendor_request(device);
    default:
        return USB_REFUSED;
    }
}

/* A request without a data stage ends with an IN status, whatever its direction bit says (9.3.1);
 * then a reply is not sent. */
void usb_control_begin(struct usb_device *device)
{
    device->control.stage = USB_IDLE;
    device->control.taken = 0;
    enum usb_verdict verdict = answer(device);
    if (verdict == USB_TAKE && device->control.length <= sizeof device->control.data) {
        device->control.stage = USB_DATA_OUT;
        receive(device);
    } else if (verdict == USB_REPLY && device->control.length > 0) {
        begin_data_in(device);
    } else if (verdict == USB_REPLY || verdict == USB_DONE) {
        begin_status_in(device);
    } else {
        stall(device);
    }
}

void usb_control_sent(struct usb_device *device)
{
    if (device->control.stage == USB_STATUS_IN) {
        device->control.stage = USB_IDLE;
    } else if (device->control.stage == USB_DATA_IN && device->control.needs_empty) {
        device->control.needs_empty = 0;
        send(device, NULL, 0);
    }
}

/* All data of a request that was answered TAKE must come, and no more. */
static void take_data(struct usb_device *device, const uint8_t *bytes, size_t n)
{
    size_t wanted = device->control.length;
    if (n > wanted - device->control.taken) {
        stall(device);
        return;
    }
    memcpy(device->control.data + device->control.taken, bytes, n);
    device->control.taken += n;
    if (device->control.taken == wanted && usb_class_taken(device))
        begin_status_in(device);
    else if (device->control.taken == wanted || n < USB_PACKET_MAX)
        stall(device);
    else
        receive(device);
}

void usb_control_received(struct usb_device *device, const uint8_t *bytes, size_t n)
{
    if (device->control.stage == USB_DATA_OUT)
        take_data(device, bytes, n);
    else if (device->control.stage == USB_DATA_IN && n == 0)
        device->control.stage = USB_IDLE;
    else
        stall(device);
}
