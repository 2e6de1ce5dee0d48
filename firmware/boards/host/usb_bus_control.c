/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's side of the bus: control transfers by their stages (USB 2.0, 8.5.3), and what a host
 * learns from those that went well. */
#include "firmware/boards/host/usb_bus_private.h"

#include <string.h>

#define CONTROL_PACKETS_MAX 2048u

/* --- What a host learns from its requests ---------------------------------------------------- */

enum request {
    CLEAR_FEATURE = 1,
    SET_ADDRESS = 5,
    GET_DESCRIPTOR = 6,
    SET_CONFIGURATION = 9,
    SET_INTERFACE = 11
};

static unsigned word(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static void remember_configuration(struct usb_bus *bus, const uint8_t *bytes, size_t n)
{
    if (n < 9 || n != word(bytes + 2) || n > sizeof bus->descriptor)
        return;
    memcpy(bus->descriptor, bytes, n);
    bus->n_descriptor = n;
}

/* Walks the endpoints of the configuration; `visit` learns each with its interface and setting. */
static void each_endpoint(struct usb_bus *bus,
                          void (*visit)(struct usb_bus *bus, unsigned interface, unsigned setting,
                                        const uint8_t *endpoint, unsigned argument),
                          unsigned argument)
{
    unsigned interface = 0, setting = 0;
    for (size_t at = 0; at + 2 <= bus->n_descriptor && bus->descriptor[at] >= 2;
         at += bus->descriptor[at]) {
        const uint8_t *d = bus->descriptor + at;
        if (at + d[0] > bus->n_descriptor)
            return;
        if (d[1] == 4 && d[0] >= 9) {
            interface = d[2];
            setting = d[3];
        } else if (d[1] == 5 && d[0] >= 7) {
            visit(bus, interface, setting, d, argument);
        }
    }
}

static void restart_toggle(struct usb_bus *bus, unsigned interface, unsigned setting,
                           const uint8_t *endpoint, unsigned wanted_interface)
{
    (void)setting;
    if (interface == wanted_interface)
        usb_bus_pipe(bus, endpoint[2])->host_toggle = 0;
}

/* An endpoint is open if its setting is the chosen one. */
static void check_endpoint(struct usb_bus *bus, unsigned interface, unsigned setting,
                           const uint8_t *endpoint, unsigned unused)
{
    (void)unused;
    const struct usb_bus_pipe *pipe = usb_bus_pipe(bus, endpoint[2]);
    int is_wanted = bus->configuration != 0 && interface < USB_BUS_NUMBERS &&
                    bus->settings[interface] == setting;
    if (is_wanted != pipe->is_open)
        usb_bus_complain(bus, "endpoint 0x%02X is %s in configuration %u, interface %u, setting %u",
                         endpoint[2], pipe->is_open ? "open" : "closed", bus->configuration,
                         interface, bus->settings[interface % USB_BUS_NUMBERS]);
    else if (pipe->is_open && (pipe->max_packet != word(endpoint + 4) ||
                               pipe->type != (enum usb_transfer)(endpoint[3] & 3)))
        usb_bus_complain(bus, "endpoint 0x%02X was opened otherwise than its descriptor says",
                         endpoint[2]);
}

/* After each transfer that went well. */
void usb_bus_check_state(struct usb_bus *bus)
{
    if (bus->in[0].is_halted || bus->out[0].is_halted)
        usb_bus_complain(bus, "endpoint 0 is halted behind a transfer that was acknowledged");
    if (bus->is_unsure)
        return;
    if (bus->address_told != bus->address)
        usb_bus_complain(bus, "the device takes address %u, and the host has given it %u",
                         bus->address_told, bus->address);
    for (unsigned i = 1; i < USB_BUS_NUMBERS && bus->configuration == 0; i++)
        if (bus->in[i].is_open || bus->out[i].is_open)
            usb_bus_complain(bus, "endpoint %u is open without a configuration", i);
    each_endpoint(bus, check_endpoint, 0);
}

/* A host that never read the configuration does not know whose endpoints begin anew. */
static void restart_toggles_of(struct usb_bus *bus, unsigned interface)
{
    each_endpoint(bus, restart_toggle, interface);
    for (unsigned i = 1; i < USB_BUS_NUMBERS && bus->n_descriptor == 0; i++) {
        bus->in[i].host_toggle = bus->in[i].device_toggle;
        bus->out[i].host_toggle = bus->out[i].device_toggle;
    }
}

void usb_bus_restart_toggles(struct usb_bus *bus)
{
    for (unsigned i = 1; i < USB_BUS_NUMBERS; i++)
        bus->in[i].host_toggle = bus->out[i].host_toggle = 0;
}

static void learn(struct usb_bus *bus, const uint8_t setup[8], const uint8_t *data, size_t n)
{
    unsigned value = word(setup + 2), index = word(setup + 4);
    if (setup[0] == 0x80 && setup[1] == GET_DESCRIPTOR && setup[3] == 2)
        remember_configuration(bus, data, n);
    if (bus->is_unsure)
        bus->address = bus->address_told;
    if (setup[0] == 0x00 && setup[1] == SET_ADDRESS) {
        bus->address = (uint8_t)value;
    } else if (setup[0] == 0x00 && setup[1] == SET_CONFIGURATION) {
        bus->configuration = (uint8_t)value;
        memset(bus->settings, 0, sizeof bus->settings);
        bus->is_unsure = 0;
        usb_bus_restart_toggles(bus);
    } else if (setup[0] == 0x01 && setup[1] == SET_INTERFACE && index < USB_BUS_NUMBERS) {
        bus->settings[index] = (uint8_t)value;
        restart_toggles_of(bus, index);
    } else if (setup[0] == 0x02 && setup[1] == CLEAR_FEATURE && value == 0 && index % USB_BUS_IN) {
        usb_bus_pipe(bus, index)->host_toggle = 0;
    }
    usb_bus_check_state(bus);
}

/* --- Control transfers ----------------------------------------------------------------------- */

static void begin_control(struct usb_bus *bus, const uint8_t setup[8])
{
    struct usb_bus_pipe *pipes[] = {&bus->in[0], &bus->out[0]};
    for (int i = 0; i < 2; i++) {
        usb_bus_forget(pipes[i]);
        pipes[i]->is_halted = 0;
        pipes[i]->device_toggle = pipes[i]->host_toggle = 1;
    }
    usb_device_setup(bus->device, setup);
}

/* A packet that never comes: nothing else could bring it. */
static int no_nak(struct usb_bus *bus, int answer, const uint8_t setup[8])
{
    if (answer == USB_BUS_NAK)
        usb_bus_complain(bus, "request %02X %02X value %04X index %04X length %u never ends",
                         setup[0], setup[1], word(setup + 2), word(setup + 4), word(setup + 6));
    return answer == USB_BUS_NAK ? USB_BUS_BROKEN : answer;
}

/* The data stage, at most `packets` of it: bytes moved, or an answer. *done when it is over. */
static int data_in(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data, unsigned packets)
{
    uint8_t packet[USB_PACKET_MAX];
    size_t length = word(setup + 6), got = 0;
    for (unsigned i = 0; i < packets && got < length; i++) {
        int n = no_nak(bus, usb_bus_packet_in(bus, USB_BUS_IN, packet), setup);
        if (n < 0)
            return n;
        if ((size_t)n > length - got) {
            usb_bus_complain(bus, "the device answers more than %zu bytes", length);
            return USB_BUS_BROKEN;
        }
        memcpy(data + got, packet, (size_t)n);
        got += (size_t)n;
        if (n < (int)USB_PACKET_MAX)
            break;
    }
    if (length > 0 && got == length && bus->in[0].is_sending)
        usb_bus_complain(bus, "the device goes on sending behind the %zu bytes that were asked for",
                         length);
    return (int)got;
}

static int data_out(struct usb_bus *bus, const uint8_t setup[8], const uint8_t *data,
                    unsigned packets)
{
    size_t length = word(setup + 6), given = 0;
    for (unsigned i = 0; i < packets && given < length; i++) {
        size_t left = length - given, n = left < USB_PACKET_MAX ? left : USB_PACKET_MAX;
        int answer = no_nak(bus, usb_bus_packet_out(bus, 0, data + given, n), setup);
        if (answer < 0)
            return answer;
        given += n;
    }
    return (int)given;
}

static int status_stage(struct usb_bus *bus, const uint8_t setup[8], int is_in)
{
    uint8_t packet[USB_PACKET_MAX];
    bus->in[0].host_toggle = bus->out[0].host_toggle = 1;
    if (is_in) {
        bus->out[0].device_toggle = 1;
        return no_nak(bus, usb_bus_packet_out(bus, 0, NULL, 0), setup);
    }
    bus->in[0].device_toggle = 1;
    int n = no_nak(bus, usb_bus_packet_in(bus, USB_BUS_IN, packet), setup);
    if (n > 0)
        usb_bus_complain(bus, "a status stage of %d bytes", n);
    return n;
}

int usb_bus_control(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data)
{
    int is_in = setup[0] & USB_BUS_IN && word(setup + 6) > 0;
    if (usb_bus_is_silent(bus))
        return USB_BUS_SILENT;
    begin_control(bus, setup);
    int n = is_in ? data_in(bus, setup, data, CONTROL_PACKETS_MAX)
                  : data_out(bus, setup, data, CONTROL_PACKETS_MAX);
    int status = n < 0 ? n : status_stage(bus, setup, is_in);
    if (status < 0)
        return bus->complaint[0] ? USB_BUS_BROKEN : status;
    learn(bus, setup, data, (size_t)n);
    return bus->complaint[0] ? USB_BUS_BROKEN : n;
}

void usb_bus_control_part(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data,
                          unsigned packets)
{
    if (usb_bus_is_silent(bus))
        return;
    begin_control(bus, setup);
    if (!(setup[0] & USB_BUS_IN) && (setup[0] & 0x60) == 0)
        bus->is_unsure = 1;
    if (setup[0] & USB_BUS_IN)
        data_in(bus, setup, data, packets);
    else
        data_out(bus, setup, data, packets);
}

int usb_bus_control_status(struct usb_bus *bus, const uint8_t setup[8])
{
    if (usb_bus_is_silent(bus))
        return USB_BUS_SILENT;
    int status = status_stage(bus, setup, setup[0] & USB_BUS_IN && word(setup + 6) > 0);
    return bus->complaint[0] ? USB_BUS_BROKEN : status;
}
