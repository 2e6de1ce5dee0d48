/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial port's requests: CDC PSTN subclass 1.2, 6.3 and 6.5. There is no line, so its speed is
 * remembered and told and otherwise of no effect; DTR says whether somebody listens. */
#include "firmware/core/usb_private.h"

#include <string.h>

enum request {
    SET_LINE_CODING = 0x20,
    GET_LINE_CODING = 0x21,
    SET_CONTROL_LINE_STATE = 0x22,
    SEND_BREAK = 0x23,
};

#define DTR 1u

/* 115200 baud, 8 bits, no parity, 1 stop bit. */
static const uint8_t usual_coding[7] = {0x00, 0xC2, 0x01, 0x00, 0, 0, 8};

/* SERIAL_STATE: carrier and DSR. Never taken back: a host takes a lost carrier for a hangup, and
 * would read the old news when it opens the port again. */
static const uint8_t serial_state[10] = {USB_IS_IN | USB_KIND_CLASS | USB_OF_INTERFACE,
                                         0x20,
                                         0,
                                         0,
                                         USB_INTERFACE_SERIAL_CONTROL,
                                         0,
                                         2,
                                         0,
                                         0x03,
                                         0};

void usb_class_reset(struct usb_device *device)
{
    memcpy(device->serial.line_coding, usual_coding, sizeof usual_coding);
    device->serial.state_is_due = 0;
    device->serial.is_sending = 0;
}

void usb_class_poll(struct usb_device *device)
{
    const struct usb_controller *controller = device->config->controller;
    if (!device->serial.state_is_due || device->serial.is_sending ||
        usb_endpoint_is_halted(device, USB_ENDPOINT_NOTICE_IN))
        return;
    device->serial.state_is_due = 0;
    device->serial.is_sending = 1;
    controller->send(controller->context, USB_ENDPOINT_NOTICE_IN, serial_state,
                     sizeof serial_state);
}

void usb_class_sent(struct usb_device *device)
{
    device->serial.is_sending = 0;
}

void usb_class_forget(struct usb_device *device)
{
    device->serial.state_is_due |= device->serial.is_sending;
    device->serial.is_sending = 0;
}

static enum usb_verdict set_control_line_state(struct usb_device *device)
{
    if (device->control.length != 0)
        return USB_REFUSED;
    if (!(device->control.value & DTR)) {
        usb_link_end(device, USB_LINK_SERIAL);
    } else if (!usb_link_is_open(device, USB_LINK_SERIAL)) {
        usb_link_begin(device, USB_LINK_SERIAL);
        device->serial.state_is_due = 1;
    }
    usb_device_poll(device);
    return USB_DONE;
}

/* Baud rate, stop bits 1, 1.5 or 2, five kinds of parity, 5 to 8 or 16 bits. */
int usb_class_taken(struct usb_device *device)
{
    const uint8_t *coding = device->control.data;
    if (coding[4] > 2 || coding[5] > 4 || !((coding[6] >= 5 && coding[6] <= 8) || coding[6] == 16))
        return 0;
    memcpy(device->serial.line_coding, coding, sizeof device->serial.line_coding);
    return 1;
}

enum usb_verdict usb_class_request(struct usb_device *device)
{
    const unsigned to_us = USB_KIND_CLASS | USB_OF_INTERFACE;
    const size_t coding_size = sizeof device->serial.line_coding;
    if (device->state != USB_CONFIGURED || device->control.index != USB_INTERFACE_SERIAL_CONTROL)
        return USB_REFUSED;
    if (device->control.type == (to_us | USB_IS_IN))
        return device->control.request == GET_LINE_CODING && device->control.value == 0
                   ? usb_reply(device, device->serial.line_coding, coding_size)
                   : USB_REFUSED;
    if (device->control.type != to_us)
        return USB_REFUSED;
    switch (device->control.request) {
    case SET_LINE_CODING:
        return device->control.length == coding_size && device->control.value == 0 ? USB_TAKE
                                                                                   : USB_REFUSED;
    case SET_CONTROL_LINE_STATE:
        return set_control_line_state(device);
    case SEND_BREAK:
        return device->control.length == 0 ? USB_DONE : USB_REFUSED;
    default:
        return USB_REFUSED;
    }
}
