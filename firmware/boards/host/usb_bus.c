/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_bus.h"

#include "firmware/boards/host/usb_bus_private.h"
#include "firmware/wire/crc32c.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void usb_bus_complain(struct usb_bus *bus, const char *format, ...)
{
    va_list arguments;
    if (bus->complaint[0])
        return;
    va_start(arguments, format);
    vsnprintf(bus->complaint, sizeof bus->complaint, format, arguments);
    va_end(arguments);
}

const char *usb_bus_complaint(const struct usb_bus *bus)
{
    return bus->complaint[0] ? bus->complaint : NULL;
}

struct usb_bus_pipe *usb_bus_pipe(struct usb_bus *bus, unsigned endpoint)
{
    return endpoint & USB_BUS_IN ? &bus->in[endpoint % USB_BUS_NUMBERS]
                                 : &bus->out[endpoint % USB_BUS_NUMBERS];
}

void usb_bus_forget(struct usb_bus_pipe *pipe)
{
    pipe->is_sending = 0;
    pipe->is_receiving = 0;
}

/* --- The controller, as the device sees it --------------------------------------------------- */

/* The pipe, or NULL and a complaint when the device may not use it. */
static struct usb_bus_pipe *usable(struct usb_bus *bus, unsigned endpoint, const char *deed)
{
    struct usb_bus_pipe *pipe = usb_bus_pipe(bus, endpoint);
    if (bus->is_suspended)
        usb_bus_complain(bus, "the device wants to %s on endpoint 0x%02X of a suspended bus", deed,
                         endpoint);
    if ((endpoint & 0x70u) != 0 || !pipe->is_open) {
        usb_bus_complain(bus, "the device wants to %s on endpoint 0x%02X, which is not open", deed,
                         endpoint);
        return NULL;
    }
    return pipe;
}

/* Off the bus a host forgets the device; on it, it begins with a reset. */
static void on_connect(void *context, int on)
{
    struct usb_bus *bus = context;
    bus->is_connected = on;
    bus->is_suspended = 0;
    bus->is_unsure = 0;
    bus->configuration = 0;
    bus->n_descriptor = 0;
}

static void on_set_address(void *context, uint8_t address)
{
    struct usb_bus *bus = context;
    bus->address_told = address;
}

static int is_legal_size(enum usb_transfer type, unsigned size)
{
    return type == USB_BULK ? size == 8 || size == 16 || size == 32 || size == 64
                            : type == USB_INTERRUPT && size > 0 && size <= 64;
}

static void on_open(void *context, uint8_t endpoint, enum usb_transfer type, uint16_t max_packet)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usb_bus_pipe(bus, endpoint);
    if ((endpoint & 0x70u) != 0 || endpoint % USB_BUS_NUMBERS == 0 || pipe->is_open)
        usb_bus_complain(bus, "the device opens endpoint 0x%02X, which is open or cannot be",
                         endpoint);
    if (!is_legal_size(type, max_packet))
        usb_bus_complain(bus, "endpoint 0x%02X: %u bytes is no size of its kind", endpoint,
                         max_packet);
    /* The host's toggle stays: it changes by what the host does. */
    int host_toggle = pipe->host_toggle;
    *pipe = (struct usb_bus_pipe){
        .is_open = 1, .type = type, .max_packet = max_packet, .host_toggle = host_toggle};
}

static void on_close(void *context, uint8_t endpoint)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usable(bus, endpoint, "close");
    if (!pipe || endpoint % USB_BUS_NUMBERS == 0) {
        usb_bus_complain(bus, "the device closes endpoint 0x%02X", endpoint);
        return;
    }
    pipe->is_open = 0;
    pipe->is_halted = 0;
    usb_bus_forget(pipe);
}

static void on_halt(void *context, uint8_t endpoint, int on)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usable(bus, endpoint, "halt");
    if (!pipe)
        return;
    pipe->is_halted = on;
    if (!on)
        pipe->device_toggle = 0;
    usb_bus_forget(pipe);
}

static void on_send(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usable(bus, endpoint, "send");
    if (!pipe)
        return;
    if (!(endpoint & USB_BUS_IN) || pipe->is_halted || pipe->is_sending || (n > 0 && !bytes)) {
        usb_bus_complain(bus, "the device sends on endpoint 0x%02X, which is %s", endpoint,
                         !(endpoint & USB_BUS_IN) ? "no IN endpoint"
                         : pipe->is_halted        ? "halted"
                         : pipe->is_sending       ? "still sending"
                                                  : "given no bytes");
        return;
    }
    pipe->is_sending = 1;
    pipe->bytes = bytes;
    pipe->n = n;
    pipe->sent = 0;
    pipe->crc = n > 0 ? crc32c(0, bytes, n) : 0;
}

static void on_cancel(void *context, uint8_t endpoint)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usable(bus, endpoint, "cancel");
    if (pipe && !(endpoint & USB_BUS_IN))
        usb_bus_complain(bus, "the device cancels endpoint 0x%02X, which does not send", endpoint);
    if (pipe)
        pipe->is_sending = 0;
}

static void on_receive(void *context, uint8_t endpoint)
{
    struct usb_bus *bus = context;
    struct usb_bus_pipe *pipe = usable(bus, endpoint, "receive");
    if (!pipe)
        return;
    if (endpoint & USB_BUS_IN || pipe->is_halted || pipe->is_receiving)
        usb_bus_complain(bus, "the device wants to receive on endpoint 0x%02X, which is %s",
                         endpoint,
                         endpoint & USB_BUS_IN ? "no OUT endpoint"
                         : pipe->is_halted     ? "halted"
                                               : "about to receive already");
    pipe->is_receiving = 1;
}

/* A device that has just got its power: nothing is open but endpoint 0. */
void usb_bus_attach(struct usb_bus *bus, struct usb_device *device)
{
    const struct usb_bus_pipe control = {
        .is_open = 1, .type = USB_CONTROL, .max_packet = USB_PACKET_MAX};
    memset(bus->in, 0, sizeof bus->in);
    memset(bus->out, 0, sizeof bus->out);
    bus->in[0] = bus->out[0] = control;
    bus->device = device;
    on_connect(bus, 0);
}

struct usb_bus *usb_bus_create(void)
{
    struct usb_bus *bus = calloc(1, sizeof *bus);
    if (!bus)
        return NULL;
    bus->controller = (struct usb_controller){.context = bus,
                                              .connect = on_connect,
                                              .set_address = on_set_address,
                                              .open = on_open,
                                              .close = on_close,
                                              .halt = on_halt,
                                              .send = on_send,
                                              .cancel = on_cancel,
                                              .receive = on_receive};
    usb_bus_attach(bus, NULL);
    return bus;
}

void usb_bus_free(struct usb_bus *bus)
{
    free(bus);
}

const struct usb_controller *usb_bus_controller(struct usb_bus *bus)
{
    return &bus->controller;
}

/* --- Packets --------------------------------------------------------------------------------- */

int usb_bus_is_silent(const struct usb_bus *bus)
{
    return !bus->device || !bus->is_connected || bus->is_suspended;
}

static int answer_of(const struct usb_bus *bus, const struct usb_bus_pipe *pipe)
{
    if (bus->complaint[0])
        return USB_BUS_BROKEN;
    if (!pipe->is_open)
        return USB_BUS_SILENT;
    return pipe->is_halted ? USB_BUS_STALL : USB_BUS_NAK;
}

static int same_toggle(struct usb_bus *bus, struct usb_bus_pipe *pipe, unsigned endpoint)
{
    if (bus->is_unsure && endpoint % USB_BUS_NUMBERS != 0)
        pipe->host_toggle = pipe->device_toggle;
    if (pipe->device_toggle != pipe->host_toggle)
        usb_bus_complain(bus, "endpoint 0x%02X: the device is at DATA%d, the host at DATA%d",
                         endpoint, pipe->device_toggle, pipe->host_toggle);
    pipe->device_toggle ^= 1;
    pipe->host_toggle ^= 1;
    return !bus->complaint[0];
}

int usb_bus_packet_in(struct usb_bus *bus, unsigned endpoint, uint8_t packet[USB_PACKET_MAX])
{
    struct usb_bus_pipe *pipe = usb_bus_pipe(bus, endpoint);
    if (!pipe->is_open || pipe->is_halted || !pipe->is_sending || bus->complaint[0])
        return answer_of(bus, pipe);
    size_t left = pipe->n - pipe->sent;
    size_t n = left < pipe->max_packet ? left : pipe->max_packet;
    if (n > 0)
        memcpy(packet, pipe->bytes + pipe->sent, n);
    pipe->sent += n;
    if (!same_toggle(bus, pipe, endpoint))
        return USB_BUS_BROKEN;
    if (pipe->sent == pipe->n) {
        if (pipe->n > 0 && crc32c(0, pipe->bytes, pipe->n) != pipe->crc)
            usb_bus_complain(bus, "endpoint 0x%02X: bytes changed while they were sent", endpoint);
        pipe->is_sending = 0;
        usb_device_sent(bus->device, (uint8_t)endpoint);
    }
    return bus->complaint[0] ? USB_BUS_BROKEN : (int)n;
}

int usb_bus_packet_out(struct usb_bus *bus, unsigned endpoint, const uint8_t *packet, size_t n)
{
    struct usb_bus_pipe *pipe = usb_bus_pipe(bus, endpoint);
    uint8_t own[USB_PACKET_MAX] = {0}; /* nobody keeps a pointer into the host's memory */
    if (!pipe->is_open || pipe->is_halted || !pipe->is_receiving || bus->complaint[0])
        return answer_of(bus, pipe);
    if (!same_toggle(bus, pipe, endpoint))
        return USB_BUS_BROKEN;
    pipe->is_receiving = 0;
    if (n > 0)
        memcpy(own, packet, n);
    usb_device_received(bus->device, (uint8_t)endpoint, own, n);
    return bus->complaint[0] ? USB_BUS_BROKEN : (int)n;
}

int usb_bus_in(struct usb_bus *bus, uint8_t endpoint, uint8_t packet[USB_PACKET_MAX])
{
    if (usb_bus_is_silent(bus) || (endpoint & ~USB_BUS_IN) == 0 ||
        (endpoint & ~USB_BUS_IN) >= USB_BUS_NUMBERS || !(endpoint & USB_BUS_IN))
        return USB_BUS_SILENT;
    usb_device_poll(bus->device);
    return usb_bus_packet_in(bus, endpoint, packet);
}

int usb_bus_out(struct usb_bus *bus, uint8_t endpoint, const uint8_t *packet, size_t n)
{
    if (usb_bus_is_silent(bus) || endpoint == 0 || endpoint >= USB_BUS_NUMBERS ||
        n > USB_PACKET_MAX)
        return USB_BUS_SILENT;
    usb_device_poll(bus->device);
    return usb_bus_packet_out(bus, endpoint, packet, n);
}

int usb_bus_read(struct usb_bus *bus, uint8_t endpoint, uint8_t *bytes, size_t cap, int *done)
{
    uint8_t packet[USB_PACKET_MAX];
    size_t got = 0;
    *done = 0;
    while (!*done) {
        int n = usb_bus_in(bus, endpoint, packet);
        if (n < 0)
            return n == USB_BUS_NAK || got > 0 ? (int)got : n;
        if ((size_t)n > cap - got) {
            usb_bus_complain(bus, "endpoint 0x%02X: more than the host asked for", endpoint);
            return USB_BUS_BROKEN;
        }
        memcpy(bytes + got, packet, (size_t)n);
        got += (size_t)n;
        *done = n < usb_bus_pipe(bus, endpoint)->max_packet || got == cap;
    }
    return (int)got;
}

/* --- The bus as a whole ---------------------------------------------------------------------- */

void usb_bus_reset(struct usb_bus *bus)
{
    if (!bus->device || !bus->is_connected)
        return;
    bus->is_suspended = 0;
    bus->is_unsure = 0;
    bus->configuration = 0;
    bus->address = 0;
    usb_bus_forget(&bus->in[0]);
    usb_bus_forget(&bus->out[0]);
    bus->in[0].is_halted = bus->out[0].is_halted = 0;
    usb_bus_restart_toggles(bus);
    usb_device_reset(bus->device);
    usb_bus_check_state(bus);
}

void usb_bus_suspend(struct usb_bus *bus)
{
    if (usb_bus_is_silent(bus))
        return;
    bus->is_suspended = 1;
    usb_device_suspend(bus->device);
}

void usb_bus_resume(struct usb_bus *bus)
{
    if (!bus->is_suspended)
        return;
    bus->is_suspended = 0;
    usb_device_resume(bus->device);
}
