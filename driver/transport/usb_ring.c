/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/usb_ring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum slot_state { IDLE, UNDER_WAY, HELD };

struct slot {
    struct usb_ring *ring;
    struct libusb_transfer *transfer;
    enum slot_state state;
    size_t read; /* of what it holds */
};

struct usb_ring {
    const struct usb_ring_calls *calls;
    libusb_device_handle *handle;
    uint8_t in_endpoint, out_endpoint;
    unsigned n, in_under_way, out_under_way;
    size_t bytes; /* of one IN transfer */
    struct slot *in, out[USB_RING_OUT];
    uint8_t *in_memory, out_memory[USB_RING_OUT][USB_RING_OUT_BYTES];
    unsigned *held; /* numbers of slots, a ring in the order of completion */
    unsigned first_held, n_held;
    enum usb_ring_state state;
    const char *trouble;
    int is_cancelling; /* until refilled */
};

const struct usb_ring_calls usb_ring_libusb = {libusb_submit_transfer, libusb_cancel_transfer};

/* --- Making ---------------------------------------------------------------------------------- */

static int make_transfers(struct usb_ring *ring, struct slot *slots, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        slots[i].ring = ring;
        slots[i].transfer = libusb_alloc_transfer(0);
        if (!slots[i].transfer)
            return -1;
    }
    return 0;
}

struct usb_ring *usb_ring_create(unsigned n, size_t bytes, const struct usb_ring_calls *calls)
{
    assert(n >= USB_RING_LEAST && bytes && bytes % 512 == 0 && n * bytes <= USB_RING_MOST_BYTES);
    struct usb_ring *ring = calloc(1, sizeof *ring);
    if (!ring)
        return NULL;
    ring->calls = calls;
    ring->n = n;
    ring->bytes = bytes;
    ring->trouble = "";
    ring->in = calloc(n, sizeof *ring->in);
    ring->held = calloc(n, sizeof *ring->held);
    ring->in_memory = calloc(n, bytes);
    if (!ring->in || !ring->held || !ring->in_memory || make_transfers(ring, ring->in, n) ||
        make_transfers(ring, ring->out, USB_RING_OUT)) {
        usb_ring_free(ring);
        return NULL;
    }
    return ring;
}

void usb_ring_free(struct usb_ring *ring)
{
    if (!ring)
        return;
    for (unsigned i = 0; ring->in && i < ring->n; i++)
        libusb_free_transfer(ring->in[i].transfer);
    for (unsigned i = 0; i < USB_RING_OUT; i++)
        libusb_free_transfer(ring->out[i].transfer);
    free(ring->in);
    free(ring->held);
    free(ring->in_memory);
    free(ring);
}

void usb_ring_aim(struct usb_ring *ring, libusb_device_handle *handle, uint8_t in, uint8_t out)
{
    ring->handle = handle;
    ring->in_endpoint = in;
    ring->out_endpoint = out;
}

/* --- Trouble --------------------------------------------------------------------------------- */

/* The first trouble is kept: what follows it is its consequence; but gone is gone. */
static void trouble(struct usb_ring *ring, enum usb_ring_state state, const char *what)
{
    if (ring->state != USB_RING_WHOLE && state != USB_RING_GONE)
        return;
    ring->state = state;
    ring->trouble = what;
}

static void judge(struct usb_ring *ring, enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return;
    case LIBUSB_TRANSFER_CANCELLED:
        if (!ring->is_cancelling)
            trouble(ring, USB_RING_FAULT, "a transfer was cancelled by the system");
        return;
    case LIBUSB_TRANSFER_NO_DEVICE:
        trouble(ring, USB_RING_GONE, "unplugged");
        return;
    case LIBUSB_TRANSFER_STALL:
        trouble(ring, USB_RING_FAULT, "an endpoint is halted");
        return;
    case LIBUSB_TRANSFER_OVERFLOW:
        trouble(ring, USB_RING_FAULT, "it sends more than it was asked for");
        return;
    case LIBUSB_TRANSFER_TIMED_OUT:
        trouble(ring, USB_RING_FAULT, "a transfer ran out of time");
        return;
    default:
        trouble(ring, USB_RING_FAULT, "a transfer failed");
        return;
    }
}

/* Whether anything may be submitted: not after a cancel, when the handle may be closed already. */
static int takes(const struct usb_ring *ring)
{
    return ring->state == USB_RING_WHOLE && !ring->is_cancelling;
}

static int submit(struct usb_ring *ring, struct slot *slot)
{
    int error = ring->calls->submit(slot->transfer);
    slot->state = error ? IDLE : UNDER_WAY;
    if (error == LIBUSB_ERROR_NO_DEVICE)
        trouble(ring, USB_RING_GONE, "unplugged");
    else if (error == LIBUSB_ERROR_NO_MEM)
        trouble(ring, USB_RING_NO_ROOM, "the system has no memory for a transfer");
    else if (error)
        trouble(ring, USB_RING_FAULT, "a transfer could not be submitted");
    return error;
}

/* --- In -------------------------------------------------------------------------------------- */

/* Bytes are kept whatever the status: they were on the wire, and the messages' own checksums tell
 * whether they are good. Nothing is submitted here. */
static void LIBUSB_CALL in_done(struct libusb_transfer *transfer)
{
    struct slot *slot = transfer->user_data;
    struct usb_ring *ring = slot->ring;
    int length = transfer->actual_length;
    if (length < 0 || (size_t)length > ring->bytes)
        transfer->actual_length = 0;
    ring->in_under_way--;
    slot->state = HELD;
    slot->read = 0;
    ring->held[(ring->first_held + ring->n_held++) % ring->n] = (unsigned)(slot - ring->in);
    judge(ring, transfer->status);
}

static void submit_in(struct usb_ring *ring, struct slot *slot)
{
    uint8_t *memory = ring->in_memory + (size_t)(slot - ring->in) * ring->bytes;
    libusb_fill_bulk_transfer(slot->transfer, ring->handle, ring->in_endpoint, memory,
                              (int)ring->bytes, in_done, slot, 0);
    if (!submit(ring, slot))
        ring->in_under_way++;
}

/* Frees the oldest held transfer, which has been read; it goes back to work if all is well. */
static void release_first(struct usb_ring *ring)
{
    struct slot *slot = &ring->in[ring->held[ring->first_held]];
    ring->first_held = (ring->first_held + 1) % ring->n;
    ring->n_held--;
    slot->state = IDLE;
    if (takes(ring))
        submit_in(ring, slot);
}

enum usb_ring_state usb_ring_refill(struct usb_ring *ring)
{
    if (ring->state == USB_RING_GONE)
        return ring->state;
    ring->state = USB_RING_WHOLE;
    ring->is_cancelling = 0;
    for (unsigned i = 0; i < ring->n && ring->state == USB_RING_WHOLE; i++)
        if (ring->in[i].state == IDLE)
            submit_in(ring, &ring->in[i]);
    return ring->state;
}

size_t usb_ring_read(struct usb_ring *ring, uint8_t *bytes, size_t cap)
{
    size_t n = 0;
    for (unsigned left = ring->n_held; left; left--) {
        struct slot *slot = &ring->in[ring->held[ring->first_held]];
        size_t part = (size_t)slot->transfer->actual_length - slot->read;
        if (part > cap - n)
            part = cap - n;
        if (part)
            memcpy(bytes + n, slot->transfer->buffer + slot->read, part);
        n += part;
        slot->read += part;
        if (slot->read < (size_t)slot->transfer->actual_length)
            break;
        release_first(ring);
    }
    return n;
}

int usb_ring_has_bytes(const struct usb_ring *ring)
{
    return ring->n_held > 0;
}

/* --- Out ------------------------------------------------------------------------------------- */

static void LIBUSB_CALL out_done(struct libusb_transfer *transfer)
{
    struct slot *slot = transfer->user_data;
    slot->ring->out_under_way--;
    slot->state = IDLE;
    judge(slot->ring, transfer->status);
}

size_t usb_ring_write(struct usb_ring *ring, const uint8_t *bytes, size_t n)
{
    size_t taken = 0;
    for (unsigned i = 0; i < USB_RING_OUT && taken < n && takes(ring); i++) {
        struct slot *slot = &ring->out[i];
        if (slot->state != IDLE)
            continue;
        size_t part = n - taken < USB_RING_OUT_BYTES ? n - taken : USB_RING_OUT_BYTES;
        memcpy(ring->out_memory[i], bytes + taken, part);
        libusb_fill_bulk_transfer(slot->transfer, ring->handle, ring->out_endpoint,
                                  ring->out_memory[i], (int)part, out_done, slot, 0);
        if (submit(ring, slot))
            break;
        ring->out_under_way++;
        taken += part;
    }
    return taken;
}

/* --- The end of it --------------------------------------------------------------------------- */

/* From the last to the first: the first may be filling, and what fills it is then the last. */
void usb_ring_cancel(struct usb_ring *ring)
{
    ring->is_cancelling = 1;
    for (unsigned i = ring->n; i--;)
        if (ring->in[i].state == UNDER_WAY)
            ring->calls->cancel(ring->in[i].transfer);
    for (unsigned i = 0; i < USB_RING_OUT; i++)
        if (ring->out[i].state == UNDER_WAY)
            ring->calls->cancel(ring->out[i].transfer);
}

void usb_ring_abandon(struct usb_ring *ring)
{
    for (unsigned i = 0; i < ring->n; i++)
        if (ring->in[i].state == UNDER_WAY)
            ring->in[i].state = IDLE;
    for (unsigned i = 0; i < USB_RING_OUT; i++)
        ring->out[i].state = IDLE;
    ring->in_under_way = ring->out_under_way = 0;
}

unsigned usb_ring_under_way(const struct usb_ring *ring)
{
    return ring->in_under_way + ring->out_under_way;
}

unsigned usb_ring_in_under_way(const struct usb_ring *ring)
{
    return ring->in_under_way;
}

unsigned usb_ring_held(const struct usb_ring *ring)
{
    return ring->n_held;
}

enum usb_ring_state usb_ring_state(const struct usb_ring *ring)
{
    return ring->state;
}

const char *usb_ring_trouble(const struct usb_ring *ring)
{
    return ring->trouble;
}
