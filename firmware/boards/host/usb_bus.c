/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_bus.h"
#include "firmware/wire/crc32c.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IN_BIT 0x80u
#define NUMBERS 16u
#define CONFIGURATION_MAX 512u
#define CONTROL_PACKETS_MAX 2048u

/* One direction of one endpoint, with both sides' idea of the next packet's toggle. */
struct pipe {
    int is_open, is_halted;
    enum usb_transfer type;
    uint16_t max_packet;
    int device_toggle, host_toggle;
    /* IN */
    int is_sending;
    const uint8_t *bytes;
    size_t n, sent;
    uint32_t crc; /* of the bytes when they were given */
    /* OUT */
    int is_receiving;
};

struct usb_bus {
    struct usb_controller controller;
    struct usb_device *device;
    int is_connected, is_suspended;
    struct pipe in[NUMBERS], out[NUMBERS];
    /* What a host knows. */
    uint8_t address_told;                  /* by the device to its controller */
    uint8_t address;                       /* given by the last SET_ADDRESS that was accepted */
    uint8_t configuration;                 /* chosen, 0 = none */
    uint8_t settings[NUMBERS];             /* of the interfaces */
    uint8_t descriptor[CONFIGURATION_MAX]; /* the configuration, as it was read; n = 0: not yet */
    size_t n_descriptor;
    /* A request that changes something was begun and not ended: the host does not know. */
    int is_unsure;
    char complaint[160];
};

static void complain(struct usb_bus *bus, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(struct usb_bus *bus, const char *format, ...)
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

static struct pipe *pipe_of(struct usb_bus *bus, unsigned endpoint)
{
    return endpoint & IN_BIT ? &bus->in[endpoint % NUMBERS] : &bus->out[endpoint % NUMBERS];
}

static void forget(struct pipe *pipe)
{
    pipe->is_sending = 0;
    pipe->is_receiving = 0;
}

/* --- The controller, as the device sees it --------------------------------------------------- */

/* The pipe, or NULL and a complaint when the device may not use it. */
static struct pipe *usable(struct usb_bus *bus, unsigned endpoint, const char *deed)
{
    struct pipe *pipe = pipe_of(bus, endpoint);
    if (bus->is_suspended)
        complain(bus, "the device wants to %s on endpoint 0x%02X of a suspended bus", deed,
                 endpoint);
    if ((endpoint & 0x70u) != 0 || !pipe->is_open) {
        complain(bus, "the device wants to %s on endpoint 0x%02X, which is not open", deed,
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
    struct pipe *pipe = pipe_of(bus, endpoint);
    if ((endpoint & 0x70u) != 0 || endpoint % NUMBERS == 0 || pipe->is_open)
        complain(bus, "the device opens endpoint 0x%02X, which is open or cannot be", endpoint);
    if (!is_legal_size(type, max_packet))
        complain(bus, "endpoint 0x%02X: %u bytes is no size of its kind", endpoint, max_packet);
    /* The host's toggle stays: it changes by what the host does. */
    int host_toggle = pipe->host_toggle;
    *pipe = (struct pipe){
        .is_open = 1, .type = type, .max_packet = max_packet, .host_toggle = host_toggle};
}

static void on_close(void *context, uint8_t endpoint)
{
    struct usb_bus *bus = context;
    struct pipe *pipe = usable(bus, endpoint, "close");
    if (!pipe || endpoint % NUMBERS == 0) {
        complain(bus, "the device closes endpoint 0x%02X", endpoint);
        return;
    }
    pipe->is_open = 0;
    pipe->is_halted = 0;
    forget(pipe);
}

static void on_halt(void *context, uint8_t endpoint, int on)
{
    struct usb_bus *bus = context;
    struct pipe *pipe = usable(bus, endpoint, "halt");
    if (!pipe)
        return;
    pipe->is_halted = on;
    if (!on)
        pipe->device_toggle = 0;
    forget(pipe);
}

static void on_send(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct usb_bus *bus = context;
    struct pipe *pipe = usable(bus, endpoint, "send");
    if (!pipe)
        return;
    if (!(endpoint & IN_BIT) || pipe->is_halted || pipe->is_sending || (n > 0 && !bytes)) {
        complain(bus, "the device sends on endpoint 0x%02X, which is %s", endpoint,
                 !(endpoint & IN_BIT) ? "no IN endpoint"
                 : pipe->is_halted    ? "halted"
                 : pipe->is_sending   ? "still sending"
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
    struct pipe *pipe = usable(bus, endpoint, "cancel");
    if (pipe && !(endpoint & IN_BIT))
        complain(bus, "the device cancels endpoint 0x%02X, which does not send", endpoint);
    if (pipe)
        pipe->is_sending = 0;
}

static void on_receive(void *context, uint8_t endpoint)
{
    struct usb_bus *bus = context;
    struct pipe *pipe = usable(bus, endpoint, "receive");
    if (!pipe)
        return;
    if (endpoint & IN_BIT || pipe->is_halted || pipe->is_receiving)
        complain(bus, "the device wants to receive on endpoint 0x%02X, which is %s", endpoint,
                 endpoint & IN_BIT ? "no OUT endpoint"
                 : pipe->is_halted ? "halted"
                                   : "about to receive already");
    pipe->is_receiving = 1;
}

/* A device that has just got its power: nothing is open but endpoint 0. */
void usb_bus_attach(struct usb_bus *bus, struct usb_device *device)
{
    const struct pipe control = {.is_open = 1, .type = USB_CONTROL, .max_packet = USB_PACKET_MAX};
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

static int is_silent(const struct usb_bus *bus)
{
    return !bus->device || !bus->is_connected || bus->is_suspended;
}

static int answer_of(const struct usb_bus *bus, const struct pipe *pipe)
{
    if (bus->complaint[0])
        return USB_BUS_BROKEN;
    if (!pipe->is_open)
        return USB_BUS_SILENT;
    return pipe->is_halted ? USB_BUS_STALL : USB_BUS_NAK;
}

static int same_toggle(struct usb_bus *bus, struct pipe *pipe, unsigned endpoint)
{
    if (bus->is_unsure && endpoint % NUMBERS != 0)
        pipe->host_toggle = pipe->device_toggle;
    if (pipe->device_toggle != pipe->host_toggle)
        complain(bus, "endpoint 0x%02X: the device is at DATA%d, the host at DATA%d", endpoint,
                 pipe->device_toggle, pipe->host_toggle);
    pipe->device_toggle ^= 1;
    pipe->host_toggle ^= 1;
    return !bus->complaint[0];
}

static int packet_in(struct usb_bus *bus, unsigned endpoint, uint8_t packet[USB_PACKET_MAX])
{
    struct pipe *pipe = pipe_of(bus, endpoint);
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
            complain(bus, "endpoint 0x%02X: bytes changed while they were sent", endpoint);
        pipe->is_sending = 0;
        usb_device_sent(bus->device, (uint8_t)endpoint);
    }
    return bus->complaint[0] ? USB_BUS_BROKEN : (int)n;
}

static int packet_out(struct usb_bus *bus, unsigned endpoint, const uint8_t *packet, size_t n)
{
    struct pipe *pipe = pipe_of(bus, endpoint);
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
    if (is_silent(bus) || (endpoint & ~IN_BIT) == 0 || (endpoint & ~IN_BIT) >= NUMBERS ||
        !(endpoint & IN_BIT))
        return USB_BUS_SILENT;
    usb_device_poll(bus->device);
    return packet_in(bus, endpoint, packet);
}

int usb_bus_out(struct usb_bus *bus, uint8_t endpoint, const uint8_t *packet, size_t n)
{
    if (is_silent(bus) || endpoint == 0 || endpoint >= NUMBERS || n > USB_PACKET_MAX)
        return USB_BUS_SILENT;
    usb_device_poll(bus->device);
    return packet_out(bus, endpoint, packet, n);
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
            complain(bus, "endpoint 0x%02X: more than the host asked for", endpoint);
            return USB_BUS_BROKEN;
        }
        memcpy(bytes + got, packet, (size_t)n);
        got += (size_t)n;
        *done = n < pipe_of(bus, endpoint)->max_packet || got == cap;
    }
    return (int)got;
}

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
        pipe_of(bus, endpoint[2])->host_toggle = 0;
}

/* An endpoint is open if its setting is the chosen one. */
static void check_endpoint(struct usb_bus *bus, unsigned interface, unsigned setting,
                           const uint8_t *endpoint, unsigned unused)
{
    (void)unused;
    const struct pipe *pipe = pipe_of(bus, endpoint[2]);
    int is_wanted =
        bus->configuration != 0 && interface < NUMBERS && bus->settings[interface] == setting;
    if (is_wanted != pipe->is_open)
        complain(bus, "endpoint 0x%02X is %s in configuration %u, interface %u, setting %u",
                 endpoint[2], pipe->is_open ? "open" : "closed", bus->configuration, interface,
                 bus->settings[interface % NUMBERS]);
    else if (pipe->is_open && (pipe->max_packet != word(endpoint + 4) ||
                               pipe->type != (enum usb_transfer)(endpoint[3] & 3)))
        complain(bus, "endpoint 0x%02X was opened otherwise than its descriptor says", endpoint[2]);
}

/* After each transfer that went well. */
static void check_state(struct usb_bus *bus)
{
    if (bus->in[0].is_halted || bus->out[0].is_halted)
        complain(bus, "endpoint 0 is halted behind a transfer that was acknowledged");
    if (bus->is_unsure)
        return;
    if (bus->address_told != bus->address)
        complain(bus, "the device takes address %u, and the host has given it %u",
                 bus->address_told, bus->address);
    for (unsigned i = 1; i < NUMBERS && bus->configuration == 0; i++)
        if (bus->in[i].is_open || bus->out[i].is_open)
            complain(bus, "endpoint %u is open without a configuration", i);
    each_endpoint(bus, check_endpoint, 0);
}

/* A host that never read the configuration does not know whose endpoints begin anew. */
static void restart_toggles_of(struct usb_bus *bus, unsigned interface)
{
    each_endpoint(bus, restart_toggle, interface);
    for (unsigned i = 1; i < NUMBERS && bus->n_descriptor == 0; i++) {
        bus->in[i].host_toggle = bus->in[i].device_toggle;
        bus->out[i].host_toggle = bus->out[i].device_toggle;
    }
}

static void restart_all_toggles(struct usb_bus *bus)
{
    for (unsigned i = 1; i < NUMBERS; i++)
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
        restart_all_toggles(bus);
    } else if (setup[0] == 0x01 && setup[1] == SET_INTERFACE && index < NUMBERS) {
        bus->settings[index] = (uint8_t)value;
        restart_toggles_of(bus, index);
    } else if (setup[0] == 0x02 && setup[1] == CLEAR_FEATURE && value == 0 && index % IN_BIT) {
        pipe_of(bus, index)->host_toggle = 0;
    }
    check_state(bus);
}

/* --- Control transfers ----------------------------------------------------------------------- */

static void begin_control(struct usb_bus *bus, const uint8_t setup[8])
{
    struct pipe *pipes[] = {&bus->in[0], &bus->out[0]};
    for (int i = 0; i < 2; i++) {
        forget(pipes[i]);
        pipes[i]->is_halted = 0;
        pipes[i]->device_toggle = pipes[i]->host_toggle = 1;
    }
    usb_device_setup(bus->device, setup);
}

/* A packet that never comes: nothing else could bring it. */
static int no_nak(struct usb_bus *bus, int answer, const uint8_t setup[8])
{
    if (answer == USB_BUS_NAK)
        complain(bus, "request %02X %02X value %04X index %04X length %u never ends", setup[0],
                 setup[1], word(setup + 2), word(setup + 4), word(setup + 6));
    return answer == USB_BUS_NAK ? USB_BUS_BROKEN : answer;
}

/* The data stage, at most `packets` of it: bytes moved, or an answer. *done when it is over. */
static int data_in(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data, unsigned packets)
{
    uint8_t packet[USB_PACKET_MAX];
    size_t length = word(setup + 6), got = 0;
    for (unsigned i = 0; i < packets && got < length; i++) {
        int n = no_nak(bus, packet_in(bus, IN_BIT, packet), setup);
        if (n < 0)
            return n;
        if ((size_t)n > length - got) {
            complain(bus, "the device answers more than %zu bytes", length);
            return USB_BUS_BROKEN;
        }
        memcpy(data + got, packet, (size_t)n);
        got += (size_t)n;
        if (n < (int)USB_PACKET_MAX)
            break;
    }
    if (length > 0 && got == length && bus->in[0].is_sending)
        complain(bus, "the device goes on sending behind the %zu bytes that were asked for",
                 length);
    return (int)got;
}

static int data_out(struct usb_bus *bus, const uint8_t setup[8], const uint8_t *data,
                    unsigned packets)
{
    size_t length = word(setup + 6), given = 0;
    for (unsigned i = 0; i < packets && given < length; i++) {
        size_t left = length - given, n = left < USB_PACKET_MAX ? left : USB_PACKET_MAX;
        int answer = no_nak(bus, packet_out(bus, 0, data + given, n), setup);
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
        return no_nak(bus, packet_out(bus, 0, NULL, 0), setup);
    }
    bus->in[0].device_toggle = 1;
    int n = no_nak(bus, packet_in(bus, IN_BIT, packet), setup);
    if (n > 0)
        complain(bus, "a status stage of %d bytes", n);
    return n;
}

int usb_bus_control(struct usb_bus *bus, const uint8_t setup[8], uint8_t *data)
{
    int is_in = setup[0] & IN_BIT && word(setup + 6) > 0;
    if (is_silent(bus))
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
    if (is_silent(bus))
        return;
    begin_control(bus, setup);
    if (!(setup[0] & IN_BIT) && (setup[0] & 0x60) == 0)
        bus->is_unsure = 1;
    if (setup[0] & IN_BIT)
        data_in(bus, setup, data, packets);
    else
        data_out(bus, setup, data, packets);
}

int usb_bus_control_status(struct usb_bus *bus, const uint8_t setup[8])
{
    if (is_silent(bus))
        return USB_BUS_SILENT;
    int status = status_stage(bus, setup, setup[0] & IN_BIT && word(setup + 6) > 0);
    return bus->complaint[0] ? USB_BUS_BROKEN : status;
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
    forget(&bus->in[0]);
    forget(&bus->out[0]);
    bus->in[0].is_halted = bus->out[0].is_halted = 0;
    restart_all_toggles(bus);
    usb_device_reset(bus->device);
    check_state(bus);
}

void usb_bus_suspend(struct usb_bus *bus)
{
    if (is_silent(bus))
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
