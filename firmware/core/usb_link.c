/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link between the main loop and a pair of bulk endpoints: two rings, each with one producer and
 * one consumer at different priorities.
 *
 * A session ends on the bus side at any moment, also in the middle of usb_link_send. So neither
 * side moves the other's end of a ring: the bus side counts the closing; the plate side takes note
 * between two of its calls and says from which byte on the next session's bytes come; only then
 * does the bus side send again. */
#include "firmware/core/usb_private.h"

#include <string.h>

/* In the controller's hands at once: large enough to keep it busy for a millisecond, small enough
 * that the ring's room comes back in time. A multiple of the packet. */
#define IN_FLIGHT_MAX 1024u

static const uint8_t in_endpoint[USB_LINKS] = {USB_ENDPOINT_STREAM_IN, USB_ENDPOINT_SERIAL_IN};
static const uint8_t out_endpoint[USB_LINKS] = {USB_ENDPOINT_STREAM_OUT, USB_ENDPOINT_SERIAL_OUT};

static uint32_t acquire(const _Atomic uint32_t *value)
{
    return atomic_load_explicit(value, memory_order_acquire);
}

static uint32_t own(const _Atomic uint32_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void release(_Atomic uint32_t *value, uint32_t to)
{
    atomic_store_explicit(value, to, memory_order_release);
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* --- The bus side ---------------------------------------------------------------------------- */

void usb_link_begin(struct usb_device *device, enum usb_link link)
{
    release(&device->links[link].is_open, 1);
}

/* The controller is asked to forget; a toggle goes on, as the endpoint may stay open. */
void usb_link_end(struct usb_device *device, enum usb_link link)
{
    struct usb_device_link *l = &device->links[link];
    const struct usb_controller *controller = device->config->controller;
    if (!own(&l->is_open))
        return;
    if (l->is_sending)
        controller->cancel(controller->context, in_endpoint[link]);
    l->is_sending = 0;
    l->in_flight = 0;
    l->is_begun = 0;
    l->needs_empty = 0;
    release(&l->is_open, 0);
    release(&l->in_begin, own(&l->in_head));
    release(&l->closings, own(&l->closings) + 1);
}

/* Bytes of which nobody knows whether the host has them are not said again: repeated they would
 * stand in the middle of something else. */
void usb_link_forget_in(struct usb_device *device, enum usb_link link)
{
    struct usb_device_link *l = &device->links[link];
    release(&l->out_tail, own(&l->out_tail) + l->in_flight);
    l->in_flight = 0;
    l->is_sending = 0;
}

void usb_link_forget_out(struct usb_device *device, enum usb_link link)
{
    device->links[link].is_receiving = 0;
}

static uint32_t inbox_room(const struct usb_device_link *l)
{
    return USB_INBOX_BYTES - (own(&l->in_head) - acquire(&l->in_tail));
}

static void poll_out(struct usb_device *device, enum usb_link link)
{
    struct usb_device_link *l = &device->links[link];
    const struct usb_controller *controller = device->config->controller;
    unsigned endpoint = out_endpoint[link];
    if (l->is_receiving || !usb_endpoint_is_open(device, endpoint) ||
        usb_endpoint_is_halted(device, endpoint) || inbox_room(l) < USB_PACKET_MAX)
        return;
    l->is_receiving = 1;
    controller->receive(controller->context, (uint8_t)endpoint);
}

/* What a serial port is sent while nobody has raised DTR is for nobody. */
void usb_link_received(struct usb_device *device, enum usb_link link, const uint8_t *bytes,
                       size_t n)
{
    struct usb_device_link *l = &device->links[link];
    uint32_t head = own(&l->in_head);
    l->is_receiving = 0;
    if (own(&l->is_open) && n <= inbox_room(l)) {
        for (size_t i = 0; i < n; i++)
            l->inbox[(head + i) % USB_INBOX_BYTES] = bytes[i];
        release(&l->in_head, head + (uint32_t)n);
    }
    poll_out(device, link);
}

/* Bytes from the ring for the controller: whole packets as long as there are more behind them, so
 * that a short packet always means that there was no more. A packet that goes over the ring's end
 * is put together first. */
static const uint8_t *next_bytes(struct usb_device_link *l, const uint8_t *ring, uint32_t size,
                                 uint32_t waiting, uint32_t *n)
{
    uint32_t at = own(&l->out_tail) % size;
    uint32_t to_end = lesser(waiting, size - at);
    if (to_end < waiting && to_end < USB_PACKET_MAX) {
        *n = lesser(waiting, USB_PACKET_MAX);
        memcpy(l->packet, ring + at, to_end);
        memcpy(l->packet + to_end, ring, *n - to_end);
        return l->packet;
    }
    *n = lesser(to_end, IN_FLIGHT_MAX);
    if (*n < waiting)
        *n -= *n % USB_PACKET_MAX;
    return ring + at;
}

static void send_more(struct usb_device *device, enum usb_link link, uint32_t waiting)
{
    struct usb_device_link *l = &device->links[link];
    const struct usb_controller *controller = device->config->controller;
    const uint8_t *bytes = NULL;
    uint32_t n = 0;
    if (waiting > 0)
        bytes = next_bytes(l, device->config->out_ring[link],
                           (uint32_t)device->config->out_ring_bytes, waiting, &n);
    l->is_sending = 1;
    l->in_flight = n;
    l->needs_empty = n > 0 && n % USB_PACKET_MAX == 0;
    controller->send(controller->context, in_endpoint[link], bytes, n);
}

static void poll_in(struct usb_device *device, enum usb_link link)
{
    struct usb_device_link *l = &device->links[link];
    if (!own(&l->is_open) || l->is_sending || usb_endpoint_is_halted(device, in_endpoint[link]) ||
        acquire(&l->noted) != own(&l->closings))
        return;
    if (!l->is_begun) {
        release(&l->out_tail, acquire(&l->out_begin));
        l->is_begun = 1;
    }
    uint32_t waiting = acquire(&l->out_head) - own(&l->out_tail);
    if (waiting > 0 || l->needs_empty)
        send_more(device, link, waiting);
}

void usb_link_poll(struct usb_device *device, enum usb_link link)
{
    poll_out(device, link);
    poll_in(device, link);
}

void usb_link_sent(struct usb_device *device, enum usb_link link)
{
    usb_link_forget_in(device, link);
    poll_in(device, link);
}

/* --- The plate side -------------------------------------------------------------------------- */

static int is_noted(const struct usb_device_link *l)
{
    return acquire(&l->closings) == own(&l->noted);
}

int usb_link_is_open(const struct usb_device *device, enum usb_link link)
{
    return acquire(&device->links[link].is_open) != 0;
}

int usb_link_has_closed(struct usb_device *device, enum usb_link link)
{
    struct usb_device_link *l = &device->links[link];
    uint32_t closings = acquire(&l->closings);
    if (closings == own(&l->noted))
        return 0;
    release(&l->in_tail, acquire(&l->in_begin));
    release(&l->out_begin, own(&l->out_head));
    release(&l->noted, closings);
    return 1;
}

size_t usb_link_send(struct usb_device *device, enum usb_link link, const uint8_t *bytes, size_t n)
{
    struct usb_device_link *l = &device->links[link];
    uint8_t *ring = device->config->out_ring[link];
    size_t size = device->config->out_ring_bytes;
    if (!usb_link_is_open(device, link) || usb_device_is_suspended(device) || !is_noted(l))
        return 0;
    uint32_t head = own(&l->out_head);
    size_t room = size - (head - acquire(&l->out_tail));
    size_t part = n < room ? n : room;
    size_t to_end = size - head % size;
    size_t first = part < to_end ? part : to_end;
    if (part == 0)
        return 0;
    memcpy(ring + head % size, bytes, first);
    memcpy(ring, bytes + first, part - first);
    release(&l->out_head, head + (uint32_t)part);
    return part;
}

int usb_link_has_left(const struct usb_device *device, enum usb_link link)
{
    const struct usb_device_link *l = &device->links[link];
    return !is_noted(l) || !usb_link_is_open(device, link) ||
           own(&l->out_head) == acquire(&l->out_tail);
}

/* The head is read before the closings: what a new session has sent is then never taken for the
 * old one's. */
size_t usb_link_receive(struct usb_device *device, enum usb_link link, uint8_t *bytes, size_t cap)
{
    struct usb_device_link *l = &device->links[link];
    uint32_t head = acquire(&l->in_head), tail = own(&l->in_tail);
    if (!is_noted(l))
        return 0;
    uint32_t n = lesser(head - tail, cap < USB_INBOX_BYTES ? (uint32_t)cap : USB_INBOX_BYTES);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = l->inbox[(tail + i) % USB_INBOX_BYTES];
    release(&l->in_tail, tail + n);
    return n;
}

int usb_device_is_suspended(const struct usb_device *device)
{
    return acquire(&device->is_suspended) != 0;
}
