/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Windows and browsers ask for on top of chapter 9, as the BOS descriptor offers it. */
#include "firmware/core/usb_private.h"

#define MICROSOFT_DESCRIPTOR_SET 7u /* wIndex, Microsoft OS 2.0 */
#define WEBUSB_GET_URL 2u           /* wIndex, WebUSB */

static enum usb_verdict microsoft(struct usb_device *device)
{
    size_t n = 0;
    if (device->control.index != MICROSOFT_DESCRIPTOR_SET || device->control.value != 0)
        return USB_REFUSED;
    const uint8_t *bytes = usb_descriptor_microsoft(&n);
    return usb_reply(device, bytes, n);
}

static enum usb_verdict webusb(struct usb_device *device)
{
    size_t n = 0;
    if (device->control.index != WEBUSB_GET_URL)
        return USB_REFUSED;
    const uint8_t *bytes =
        usb_descriptor_url(device->config, device->control.value, device->control.made, &n);
    return usb_reply(device, bytes, n);
}

enum usb_verdict usb_vendor_request(struct usb_device *device)
{
    if (device->control.type != (USB_IS_IN | USB_KIND_VENDOR | USB_OF_DEVICE) ||
        device->state < USB_ADDRESSED)
        return USB_REFUSED;
    if (device->control.request == USB_REQUEST_MICROSOFT)
        return microsoft(device);
    return device->control.request == USB_REQUEST_WEBUSB ? webusb(device) : USB_REFUSED;
}
