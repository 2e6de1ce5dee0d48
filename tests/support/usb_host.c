/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/usb_host.h"
#include "firmware/core/usb_descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct usb_host *usb_host_make(void)
{
    struct usb_host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host->bus = usb_bus_create();
    assert_non_null(host->bus);
    host->config = (struct usb_device_config){
        .controller = usb_bus_controller(host->bus),
        .manufacturer = "A. Maker",
        .product = "Rig plate",
        .serial = "RIG-0001",
        .landing_page = "https://plate.example/start",
        .version_bcd = 0x0123,
        .out_ring = {host->rings[0], host->rings[1]},
        .out_ring_bytes = USB_HOST_RING_BYTES,
    };
    return host;
}

void usb_host_free(struct usb_host *host)
{
    usb_host_check(host);
    usb_bus_free(host->bus);
    free(host);
}

void usb_host_check(const struct usb_host *host)
{
    if (usb_bus_complaint(host->bus))
        fail_msg("the bus complains: %s", usb_bus_complaint(host->bus));
}

void usb_host_plug(struct usb_host *host)
{
    const char *wrong = usb_device_init(&host->device, &host->config);
    if (wrong)
        fail_msg("usb_device_init: %s", wrong);
    usb_bus_attach(host->bus, &host->device);
    usb_device_connect(&host->device, 1);
    usb_bus_reset(host->bus);
}

static void fill_setup(uint8_t setup[8], unsigned type, unsigned request, unsigned value,
                       unsigned index, unsigned length)
{
    const unsigned bytes[8] = {type,         request,    value & 0xFF,  value >> 8,
                               index & 0xFF, index >> 8, length & 0xFF, length >> 8};
    for (int i = 0; i < 8; i++)
        setup[i] = (uint8_t)bytes[i];
}

int usb_host_ask(struct usb_host *host, unsigned type, unsigned request, unsigned value,
                 unsigned index, unsigned length)
{
    uint8_t setup[8];
    fill_setup(setup, type, request, value, index, length);
    int n = usb_bus_control(host->bus, setup, host->data);
    usb_host_check(host);
    return n;
}

void usb_host_ask_part(struct usb_host *host, unsigned type, unsigned request, unsigned value,
                       unsigned index, unsigned length, unsigned packets)
{
    uint8_t setup[8];
    fill_setup(setup, type, request, value, index, length);
    usb_bus_control_part(host->bus, setup, host->data, packets);
    usb_host_check(host);
}

void usb_host_enumerate(struct usb_host *host)
{
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0100, 0, 64), 18);
    assert_int_equal(usb_host_ask(host, 0x00, 5, 5, 0, 0), 0);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0100, 0, 18), 18);
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0200, 0, 9), 9);
    unsigned total = host->data[2] | (unsigned)host->data[3] << 8;
    assert_int_equal(usb_host_ask(host, 0x80, 6, 0x0200, 0, total), total);
    assert_int_equal(usb_host_ask(host, 0x00, 9, 1, 0, 0), 0);
}

void usb_host_open(struct usb_host *host, enum usb_link link, int on)
{
    if (link == USB_LINK_VENDOR)
        assert_int_equal(usb_host_ask(host, 0x01, 11, (unsigned)(on != 0), USB_INTERFACE_STREAM, 0),
                         0);
    else
        assert_int_equal(
            usb_host_ask(host, 0x21, 0x22, on ? 3 : 0, USB_INTERFACE_SERIAL_CONTROL, 0), 0);
}

size_t usb_host_read(struct usb_host *host, enum usb_link link, uint8_t *bytes, size_t cap)
{
    const uint8_t endpoint =
        link == USB_LINK_VENDOR ? USB_ENDPOINT_STREAM_IN : USB_ENDPOINT_SERIAL_IN;
    uint8_t packet[USB_PACKET_MAX];
    size_t got = 0;
    while (got + USB_PACKET_MAX <= cap) {
        int n = usb_bus_in(host->bus, endpoint, packet);
        if (n < 0)
            break;
        memcpy(bytes + got, packet, (size_t)n);
        got += (size_t)n;
    }
    usb_host_check(host);
    return got;
}

size_t usb_host_write(struct usb_host *host, enum usb_link link, const uint8_t *bytes, size_t n)
{
    const uint8_t endpoint =
        link == USB_LINK_VENDOR ? USB_ENDPOINT_STREAM_OUT : USB_ENDPOINT_SERIAL_OUT;
    size_t given = 0;
    while (given < n) {
        size_t part = n - given < USB_PACKET_MAX ? n - given : USB_PACKET_MAX;
        if (usb_bus_out(host->bus, endpoint, bytes + given, part) < 0)
            break;
        given += part;
    }
    usb_host_check(host);
    return given;
}
