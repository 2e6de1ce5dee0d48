/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The standard requests, USB 2.0 chapter 9.4. What the standard leaves to the device ("not
 * specified") is refused; so is what it does not have: remote wakeup, test modes, descriptors that
 * can be written, isochronous frames. */
#include "firmware/core/usb_private.h"
#include "firmware/wire/usb_id.h"

enum request {
    GET_STATUS = 0,
    CLEAR_FEATURE = 1,
    SET_FEATURE = 3,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    GET_CONFIGURATION = 8,
    SET_CONFIGURATION = 9,
    GET_INTERFACE = 10,
    SET_INTERFACE = 11,
};

enum descriptor { DEVICE = 1, CONFIGURATION = 2, STRING = 3, BOS = 15 };

#define ENDPOINT_HALT 0u
#define ADDRESS_MAX 127u

static int is_in(const struct usb_device *device)
{
    return (device->control.type & USB_IS_IN) != 0;
}

static int is_of(const struct usb_device *device, enum usb_recipient recipient)
{
    return (device->control.type & USB_RECIPIENT_MASK) == recipient;
}

/* An interface or endpoint (other than 0) that exists at present. */
static int is_there(const struct usb_device *device, enum usb_recipient recipient)
{
    unsigned index = device->control.index;
    if (!is_of(device, recipient) || device->state != USB_CONFIGURED || index > 0xFF)
        return 0;
    return recipient == USB_OF_INTERFACE ? index < USB_INTERFACE_COUNT
                                         : usb_endpoint_is_open(device, index);
}

static int is_endpoint_0(const struct usb_device *device)
{
    return is_of(device, USB_OF_ENDPOINT) && (device->control.index & ~USB_IS_IN) == 0;
}

/* Bus powered, no remote wakeup: all zeros but for a halted endpoint. */
static enum usb_verdict get_status(struct usb_device *device)
{
    int is_halted = 0;
    if (!is_in(device) || device->control.value != 0 || device->control.length != 2)
        return USB_REFUSED;
    if (is_there(device, USB_OF_ENDPOINT))
        is_halted = usb_endpoint_is_halted(device, device->control.index);
    else if (!is_there(device, USB_OF_INTERFACE) && !is_endpoint_0(device) &&
             !(is_of(device, USB_OF_DEVICE) && device->control.index == 0))
        return USB_REFUSED;
    device->control.made[0] = (uint8_t)is_halted;
    device->control.made[1] = 0;
    return usb_reply(device, device->control.made, 2);
}

/* Endpoint 0 has no halt feature: nothing to clear, and none to set (9.4.5). */
static enum usb_verdict change_feature(struct usb_device *device, int on)
{
    if (is_in(device) || device->control.value != ENDPOINT_HALT || device->control.length != 0)
        return USB_REFUSED;
    if (is_endpoint_0(device))
        return on ? USB_REFUSED : USB_DONE;
    if (!is_there(device, USB_OF_ENDPOINT))
        return USB_REFUSED;
    usb_endpoint_halt(device, device->control.index, on);
    return USB_DONE;
}

static enum usb_verdict set_address(struct usb_device *device)
{
    const struct usb_controller *controller = device->config->controller;
    uint16_t address = device->control.value;
    if (is_in(device) || !is_of(device, USB_OF_DEVICE) || address > ADDRESS_MAX ||
        device->control.index != 0 || device->control.length != 0 ||
        device->state == USB_CONFIGURED)
        return USB_REFUSED;
    device->state = address == 0 ? USB_DEFAULT : USB_ADDRESSED;
    controller->set_address(controller->context, (uint8_t)address);
    return USB_DONE;
}

static const uint8_t *find_descriptor(struct usb_device *device, size_t *n)
{
    const struct usb_device_config *config = device->config;
    unsigned type = device->control.value >> 8, number = device->control.value & 0xFFu;
    uint16_t language = device->control.index;
    uint8_t *made = device->control.made;
    if (type == STRING)
        return usb_descriptor_string(config, number, language, made, n);
    if (number != 0 || language != 0)
        return NULL;
    if (type == DEVICE)
        return usb_descriptor_device(config, made, n);
    if (type == CONFIGURATION)
        return usb_descriptor_configuration(n);
    return type == BOS ? usb_descriptor_bos(config, made, n) : NULL;
}

/* No device qualifier: that is how a full-speed device says that it is none of high speed (9.6.2).
 */
static enum usb_verdict get_descriptor(struct usb_device *device)
{
    size_t n = 0;
    if (!is_in(device) || !is_of(device, USB_OF_DEVICE))
        return USB_REFUSED;
    const uint8_t *bytes = find_descriptor(device, &n);
    return usb_reply(device, bytes, n);
}

static enum usb_verdict get_configuration(struct usb_device *device)
{
    if (!is_in(device) || !is_of(device, USB_OF_DEVICE) || device->control.value != 0 ||
        device->control.index != 0 || device->control.length != 1)
        return USB_REFUSED;
    return usb_reply_byte(device, device->state == USB_CONFIGURED ? USB_CONFIGURATION_VALUE : 0);
}

/* Also the present configuration begins anew: settings 0, toggles DATA0, no halts (9.1.1.5). */
static enum usb_verdict set_configuration(struct usb_device *device)
{
    if (is_in(device) || !is_of(device, USB_OF_DEVICE) ||
        device->control.value > USB_CONFIGURATION_VALUE || device->control.index != 0 ||
        device->control.length != 0)
        return USB_REFUSED;
    if (device->control.value == USB_CONFIGURATION_VALUE)
        usb_device_configure(device);
    else
        usb_device_unconfigure(device, USB_ADDRESSED);
    return USB_DONE;
}

static enum usb_verdict get_interface(struct usb_device *device)
{
    if (!is_in(device) || !is_there(device, USB_OF_INTERFACE) || device->control.value != 0 ||
        device->control.length != 1)
        return USB_REFUSED;
    return usb_reply_byte(
        device, device->control.index == USB_INTERFACE_STREAM ? device->vendor_setting : 0);
}

/* The link whose session is at stake when an interface begins anew. */
static void restart_links(struct usb_device *device, unsigned interface, unsigned setting)
{
    if (interface == USB_INTERFACE_STREAM) {
        usb_link_end(device, USB_LINK_VENDOR);
        usb_interface_close(device, interface, device->vendor_setting);
        device->vendor_setting = (uint8_t)setting;
    } else {
        if (interface == USB_INTERFACE_SERIAL_DATA)
            usb_link_end(device, USB_LINK_SERIAL);
        usb_interface_close(device, interface, 0);
    }
}

/* Choosing a setting anew also begins it anew (9.4.10): toggles DATA0, no halts. */
static enum usb_verdict set_interface(struct usb_device *device)
{
    struct usb_endpoint found[2];
    unsigned interface = device->control.index, setting = device->control.value;
    if (is_in(device) || !is_there(device, USB_OF_INTERFACE) || device->control.length != 0 ||
        usb_descriptor_endpoints(interface, setting, found) < 0)
        return USB_REFUSED;
    int was_open = usb_link_is_open(device, USB_LINK_SERIAL);
    restart_links(device, interface, setting);
    usb_interface_open(device, interface, setting);
    if (interface == USB_INTERFACE_STREAM && setting == USB_ID_SETTING_STREAM)
        usb_link_begin(device, USB_LINK_VENDOR);
    if (was_open)
        usb_link_begin(device, USB_LINK_SERIAL);
    usb_device_poll(device);
    return USB_DONE;
}

/* Before it has an address a device has a descriptor, and gets an address; no more is specified. */
static int is_early(unsigned request)
{
    return request == GET_DESCRIPTOR || request == SET_ADDRESS;
}

enum usb_verdict usb_standard_request(struct usb_device *device)
{
    unsigned request = device->control.request;
    if (device->state < USB_ADDRESSED && !is_early(request))
        return USB_REFUSED;
    switch (request) {
    case GET_STATUS:
        return get_status(device);
    case CLEAR_FEATURE:
        return change_feature(device, 0);
    case SET_FEATURE:
        return change_feature(device, 1);
    case SET_ADDRESS:
        return set_address(device);
    case GET_DESCRIPTOR:
        return get_descriptor(device);
    case GET_CONFIGURATION:
        return get_configuration(device);
    case SET_CONFIGURATION:
        return set_configuration(device);
    case GET_INTERFACE:
        return get_interface(device);
    case SET_INTERFACE:
        return set_interface(device);
    default:
        return USB_REFUSED;
    }
}
