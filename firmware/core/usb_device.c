/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device's states (USB 2.0, 9.1) and its endpoints. */
#include "firmware/core/usb_device.h"
#include "firmware/core/usb_private.h"

#include <string.h>

#define NAME_MAX 60u
#define SERIAL_MAX 24u
#define URL_MAX 120u

/* --- The config ------------------------------------------------------------------------------ */

static int is_printable(const char *text, size_t most)
{
    size_t n = 0;
    for (; text && n <= most && text[n]; n++)
        if (text[n] < 0x20 || text[n] > 0x7E)
            return 0;
    return text && n > 0 && n <= most;
}

static const char *check_names(const struct usb_device_config *c)
{
    if (!is_printable(c->manufacturer, NAME_MAX) || !is_printable(c->product, NAME_MAX))
        return "manufacturer or product is missing, over 60 characters or not printable ASCII";
    if (!is_printable(c->serial, SERIAL_MAX))
        return "serial is missing, over 24 characters or not printable ASCII";
    if (c->landing_page &&
        (!is_printable(c->landing_page, URL_MAX) || (strncmp(c->landing_page, "http://", 7) != 0 &&
                                                     strncmp(c->landing_page, "https://", 8) != 0)))
        return "landing_page is no http:// or https:// address of up to 120 printable characters";
    return NULL;
}

static const char *check_rings(const struct usb_device_config *c)
{
    size_t n = c->out_ring_bytes;
    if (n < 256 || n > 65536 || (n & (n - 1)) != 0)
        return "out_ring_bytes is no power of two of 256..65536";
    for (int link = 0; link < USB_LINKS; link++)
        if (!c->out_ring[link])
            return "an out_ring is missing";
    return NULL;
}

static const char *check_controller(const struct usb_controller *c)
{
    if (!c || !c->connect || !c->set_address || !c->open || !c->close || !c->halt || !c->send ||
        !c->cancel || !c->receive)
        return "a function of the controller is missing";
    return NULL;
}

const char *usb_device_init(struct usb_device *device, const struct usb_device_config *config)
{
    const char *wrong = check_controller(config->controller);
    if (!wrong)
        wrong = check_names(config);
    if (!wrong)
        wrong = check_rings(config);
    if (wrong)
        return wrong;
    memset(device, 0, sizeof *device);
    device->config = config;
    usb_class_reset(device);
    return NULL;
}

/* --- Endpoints ------------------------------------------------------------------------------- */

static uint16_t bit_of(unsigned endpoint)
{
    return (uint16_t)(1u << ((endpoint & 7u) + (endpoint & USB_IS_IN ? 8u : 0u)));
}

int usb_endpoint_is_open(const struct usb_device *device, unsigned endpoint)
{
    return (endpoint & 0x78u) == 0 && (device->opened & bit_of(endpoint)) != 0;
}

int usb_endpoint_is_halted(const struct usb_device *device, unsigned endpoint)
{
    return (device->halted & bit_of(endpoint)) != 0;
}

/* The controller has forgotten what was under way there. */
static void forget(struct usb_device *device, unsigned endpoint)
{
    switch (endpoint) {
    case USB_ENDPOINT_STREAM_IN:
        usb_link_forget_in(device, USB_LINK_VENDOR);
        break;
    case USB_ENDPOINT_STREAM_OUT:
        usb_link_forget_out(device, USB_LINK_VENDOR);
        break;
    case USB_ENDPOINT_SERIAL_IN:
        usb_link_forget_in(device, USB_LINK_SERIAL);
        break;
    case USB_ENDPOINT_SERIAL_OUT:
        usb_link_forget_out(device, USB_LINK_SERIAL);
        break;
    default:
        usb_class_forget(device);
    }
}

void usb_endpoint_halt(struct usb_device *device, unsigned endpoint, int on)
{
    const struct usb_controller *controller = device->config->controller;
    if (on)
        device->halted |= bit_of(endpoint);
    else
        device->halted &= (uint16_t)~bit_of(endpoint);
    controller->halt(controller->context, (uint8_t)endpoint, on);
    forget(device, endpoint);
    usb_device_poll(device);
}

void usb_interface_open(struct usb_device *device, unsigned interface, unsigned setting)
{
    const struct usb_controller *controller = device->config->controller;
    struct usb_endpoint found[2];
    int n = usb_descriptor_endpoints(interface, setting, found);
    for (int i = 0; i < n; i++) {
        device->opened |= bit_of(found[i].address);
        controller->open(controller->context, found[i].address, found[i].type, found[i].max_packet);
    }
}

void usb_interface_close(struct usb_device *device, unsigned interface, unsigned setting)
{
    const struct usb_controller *controller = device->config->controller;
    struct usb_endpoint found[2];
    int n = usb_descriptor_endpoints(interface, setting, found);
    for (int i = 0; i < n; i++) {
        if (!usb_endpoint_is_open(device, found[i].address))
            continue;
        controller->close(controller->context, found[i].address);
        device->opened &= (uint16_t)~bit_of(found[i].address);
        device->halted &= (uint16_t)~bit_of(found[i].address);
        forget(device, found[i].address);
    }
}

/* --- States ---------------------------------------------------------------------------------- */

void usb_device_configure(struct usb_device *device)
{
    usb_device_unconfigure(device, USB_CONFIGURED);
    for (unsigned interface = 0; interface < USB_INTERFACE_COUNT; interface++)
        usb_interface_open(device, interface, 0);
    usb_device_poll(device);
}

void usb_device_unconfigure(struct usb_device *device, enum usb_state state)
{
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        usb_link_end(device, link);
    for (unsigned interface = 0; interface < USB_INTERFACE_COUNT; interface++)
        usb_interface_close(device, interface,
                            interface == USB_INTERFACE_STREAM ? device->vendor_setting : 0);
    device->vendor_setting = 0;
    usb_class_reset(device);
    device->state = state;
}

static void set_suspended(struct usb_device *device, uint32_t on)
{
    atomic_store_explicit(&device->is_suspended, on, memory_order_release);
}

void usb_device_connect(struct usb_device *device, int on)
{
    const struct usb_controller *controller = device->config->controller;
    controller->connect(controller->context, on);
    set_suspended(device, 0);
    usb_device_unconfigure(device, USB_DETACHED);
    device->control.stage = USB_IDLE;
}

void usb_device_reset(struct usb_device *device)
{
    const struct usb_controller *controller = device->config->controller;
    set_suspended(device, 0);
    usb_device_unconfigure(device, USB_DEFAULT);
    device->control.stage = USB_IDLE;
    controller->set_address(controller->context, 0);
}

void usb_device_suspend(struct usb_device *device)
{
    set_suspended(device, 1);
}

void usb_device_resume(struct usb_device *device)
{
    set_suspended(device, 0);
    usb_device_poll(device);
}

void usb_device_poll(struct usb_device *device)
{
    if (device->state != USB_CONFIGURED || usb_device_is_suspended(device))
        return;
    for (enum usb_link link = 0; link < USB_LINKS; link++)
        usb_link_poll(device, link);
    usb_class_poll(device);
}

/* --- What the controller has done ------------------------------------------------------------ */

void usb_device_setup(struct usb_device *device, const uint8_t setup[8])
{
    device->control.type = setup[0];
    device->control.request = setup[1];
    device->control.value = (uint16_t)(setup[2] | setup[3] << 8);
    device->control.index = (uint16_t)(setup[4] | setup[5] << 8);
    device->control.length = (uint16_t)(setup[6] | setup[7] << 8);
    usb_control_begin(device);
}

void usb_device_sent(struct usb_device *device, uint8_t endpoint)
{
    if (endpoint == 0x80)
        usb_control_sent(device);
    else if (endpoint == USB_ENDPOINT_STREAM_IN)
        usb_link_sent(device, USB_LINK_VENDOR);
    else if (endpoint == USB_ENDPOINT_SERIAL_IN)
        usb_link_sent(device, USB_LINK_SERIAL);
    else if (endpoint == USB_ENDPOINT_NOTICE_IN)
        usb_class_sent(device);
}

void usb_device_received(struct usb_device *device, uint8_t endpoint, const uint8_t *bytes,
                         size_t n)
{
    if (endpoint == 0x00)
        usb_control_received(device, bytes, n);
    else if (endpoint == USB_ENDPOINT_STREAM_OUT)
        usb_link_received(device, USB_LINK_VENDOR, bytes, n);
    else if (endpoint == USB_ENDPOINT_SERIAL_OUT)
        usb_link_received(device, USB_LINK_SERIAL, bytes, n);
}
