/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/core/usb_links.h"

static int serve_link(struct usb_device *device, enum usb_link link,
                      const struct usb_links_listener *listener)
{
    uint8_t bytes[USB_PACKET_MAX];
    int told = usb_link_has_closed(device, link);
    if (told)
        listener->closed(listener->context, link);
    for (size_t most = USB_INBOX_BYTES; most > 0;) {
        size_t n = usb_link_receive(device, link, bytes, sizeof bytes);
        if (n == 0)
            break;
        listener->receive(listener->context, link, bytes, n);
        told = 1;
        most -= n < most ? n : most;
    }
    return told;
}

int usb_links_serve(struct usb_device *device, const struct usb_links_listener *listener)
{
    int told = 0;
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        told |= serve_link(device, link, listener);
    return told;
}

static void receive(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    struct plate *plate = context;
    plate_receive(plate, link, bytes, n);
}

static void closed(void *context, unsigned link)
{
    struct plate *plate = context;
    plate_link_closed(plate, link);
}

int usb_links_serve_plate(struct usb_device *device, struct plate *plate)
{
    const struct usb_links_listener listener = {plate, receive, closed};
    return usb_links_serve(device, &listener);
}
