/* SPDX-License-Identifier: GPL-3.0-or-later */
/* usb:SERIAL: a plate's vendor interface over libusb, asynchronous transfers only (the completion
 * of a synchronous one in Debian 12's libusb uses memory that it has freed).
 *
 * A plate is `bound` while its handle is open and its ring of transfers is full. Whatever ends that
 * makes it lost: the handle is closed at once, what had come is still read, then the loss is told,
 * and usb_rejoin binds the plate with the same serial number wherever it turns up. A second stall
 * within a while is such a loss too: opening anew closes the plate's link, so the session has to
 * start it again anyway. */
#include "driver/transport/transport_private.h"

#include "driver/clock.h"
#include "driver/transport/usb_binding.h"
#include "driver/transport/usb_context.h"
#include "driver/transport/usb_find.h"
#include "driver/transport/usb_ladder.h"
#include "driver/transport/usb_ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct usb_plate {
    struct transport *transport;
    struct usb_context context;
    struct usb_binding binding;
    char serial[USB_SERIAL_MAX + 1]; /* "" = it has none, and cannot be found again */
    uint64_t bound_us;               /* when it was bound last */
    struct usb_ladder ladder;
    struct problem loss; /* how it was lost; PROBLEM_NONE while bound */
    int is_told;         /* the loss has been told */
    int must_reset;      /* before it is opened again */
};

/* --- Bound and not --------------------------------------------------------------------------- */

/* The plate is no longer bound. It is worth asking for at once if a rung of the ladder says so, or
 * if it was bound for a second at least: so a plate in endless trouble is opened once a second. */
static void lose(struct usb_plate *usb, int at_once, const char *uri, const char *how)
{
    usb_binding_close(&usb->binding);
    problem(&usb->loss, PROBLEM_DEVICE_LOST, "the plate has left: %s (%s)", uri, how);
    usb->is_told = 0;
    usb_context_tick(&usb->context, 1);
    usb->context.has_ticked = at_once || host_clock_us() - usb->bound_us >= 1000000u;
}

/* What comes back has been plugged in anew: it is met at the foot of the ladder. */
static void lose_unplugged(struct usb_plate *usb, const char *uri)
{
    usb->ladder.next = USB_RUNG_CLEAR;
    lose(usb, 0, uri, "unplugged");
}

static void note_small_ring(struct usb_plate *usb)
{
    if (usb->binding.is_small)
        snprintf(usb->transport->notice, sizeof usb->transport->notice,
                 "the system had little memory left for USB transfers "
                 "(/sys/module/usbcore/parameters/usbfs_memory_mb), so the plate got %u of %zu "
                 "bytes; frames may have been lost while this computer was busy",
                 usb->binding.ring_n, usb->binding.ring_bytes);
}

static enum usb_bound bind(struct usb_plate *usb, const struct usb_place *place,
                           struct problem *why)
{
    if (place->obstacle.kind) {
        *why = place->obstacle;
        return USB_HINDERED;
    }
    enum usb_bound answer = usb_binding_open(&usb->binding, place, usb->must_reset, why);
    usb->must_reset = 0;
    if (answer == USB_BOUND) {
        strcpy(usb->serial, place->serial);
        usb->loss = (struct problem){0};
        usb->bound_us = host_clock_us();
        note_small_ring(usb);
    }
    return answer;
}

/* Binds the plate of this serial number, or the only one. */
static enum usb_bound find_and_bind(struct usb_plate *usb, const char *serial, struct problem *why)
{
    struct usb_places places;
    if (usb_find(usb->context.libusb, &places, why))
        return USB_HINDERED;
    const struct usb_place *place = usb_choose(&places, serial, why);
    enum usb_bound answer = place ? bind(usb, place, why) : USB_ABSENT;
    usb_places_release(&places);
    return answer;
}

/* --- Opening and closing --------------------------------------------------------------------- */

/* "usb:" becomes the plate's own name. */
static int take_name(struct transport *transport, struct problem *why)
{
    struct usb_plate *usb = transport->own;
    char uri[8 + USB_SERIAL_MAX];
    snprintf(uri, sizeof uri, "usb:%s", usb->serial);
    char *name = strdup(uri);
    if (!name)
        return problem_no_memory(why, "a plate's name");
    free(transport->name);
    transport->name = name;
    return 0;
}

static int usb_open(struct transport *transport, const char *address, struct problem *why)
{
    if (strchr(address, '?'))
        return problem(why, PROBLEM_USAGE, "'%.60s': usb: has no options; usb:SERIAL names a plate",
                       address);
    struct usb_plate *usb = calloc(1, sizeof *usb);
    if (!usb)
        return problem_no_memory(why, "a USB transport");
    transport->own = usb;
    usb->transport = transport;
    usb->binding.context = &usb->context;
    if (usb_context_init(&usb->context, why) || find_and_bind(usb, address, why) != USB_BOUND)
        return -1;
    transport->fd = usb->context.epoll_fd;
    return take_name(transport, why);
}

static void usb_close(struct transport *transport)
{
    struct usb_plate *usb = transport->own;
    if (!usb)
        return;
    usb_binding_close(&usb->binding);
    usb_binding_forget(&usb->binding);
    usb_context_exit(&usb->context);
    free(usb);
    transport->own = NULL;
    transport->fd = -1;
}

/* --- What goes wrong while it is bound ------------------------------------------------------- */

/* The next rung against trouble, `how` says which; NULL = against silence. What cannot be done in
 * place is a loss. */
static void climb(struct usb_plate *usb, const char *uri, const char *how)
{
    enum usb_rung rung = usb_ladder_climb(&usb->ladder, host_clock_us());
    enum usb_ring_state state = USB_RING_FAULT;
    if (rung == USB_RUNG_WAIT && !how)
        return;
    if (rung == USB_RUNG_CLEAR) {
        state = usb_binding_mend(&usb->binding);
        if (state == USB_RING_WHOLE)
            return;
        if (state != USB_RING_GONE)
            rung = usb_ladder_climb(&usb->ladder, host_clock_us());
    }
    if (state == USB_RING_GONE) {
        lose_unplugged(usb, uri);
        return;
    }
    usb->must_reset = rung == USB_RUNG_RESET;
    lose(usb, rung != USB_RUNG_WAIT, uri, how ? how : "silent, and opened anew");
}

/* Takes what has happened; the plate may be lost afterwards. */
static void look_after(struct usb_plate *usb, const char *uri)
{
    usb_context_handle(&usb->context);
    if (usb->loss.kind)
        return;
    enum usb_ring_state state = usb_ring_state(usb->binding.ring);
    if (state == USB_RING_GONE || usb->context.has_watched_left)
        lose_unplugged(usb, uri);
    else if (state != USB_RING_WHOLE)
        climb(usb, uri, usb_ring_trouble(usb->binding.ring));
}

/* The descriptor says whether there is more to say than the next event of libusb's. */
static void show(struct usb_plate *usb)
{
    int has_bytes = usb->binding.ring && usb_ring_has_bytes(usb->binding.ring);
    int has_news = usb->context.has_ticked || usb->context.has_arrival;
    int has_loss = usb->loss.kind && (!usb->is_told || has_news);
    int has_fault = !usb->loss.kind && usb_ring_state(usb->binding.ring) != USB_RING_WHOLE;
    usb_context_flag(&usb->context, has_bytes || has_loss || has_fault);
}

/* --- Bytes ----------------------------------------------------------------------------------- */

static ssize_t usb_read(struct transport *transport, uint8_t *bytes, size_t cap,
                        struct problem *why)
{
    struct usb_plate *usb = transport->own;
    look_after(usb, transport->name);
    size_t n = usb->binding.ring ? usb_ring_read(usb->binding.ring, bytes, cap) : 0;
    int has_ended =
        !n && usb->loss.kind && !(usb->binding.ring && usb_ring_has_bytes(usb->binding.ring));
    if (has_ended) {
        *why = usb->loss;
        usb->is_told = 1;
    }
    show(usb);
    return has_ended ? -1 : (ssize_t)n;
}

static ssize_t usb_write(struct transport *transport, const uint8_t *bytes, size_t n,
                         struct problem *why)
{
    struct usb_plate *usb = transport->own;
    look_after(usb, transport->name);
    size_t taken = usb->loss.kind ? 0 : usb_ring_write(usb->binding.ring, bytes, n);
    if (usb->loss.kind)
        *why = usb->loss;
    show(usb);
    return usb->loss.kind ? -1 : (ssize_t)taken;
}

/* --- Coming back ----------------------------------------------------------------------------- */

/* The transfers keep the device, and this its context, which libusb looks into when it frees them:
 * none may outlive the context. What they held has been read by now, or is not wanted. */
static int look_anew(struct usb_plate *usb, struct problem *why)
{
    usb_binding_forget(&usb->binding);
    return usb_context_rescan(&usb->context, why);
}

/* As transport_rejoin: looks where the plate is, if there is news or a second is over. */
static int look_again(struct usb_plate *usb, struct problem *why)
{
    int has_ticked = usb->context.has_ticked;
    if (!has_ticked && !usb->context.has_arrival)
        return 0;
    usb->context.has_ticked = usb->context.has_arrival = 0;
    if (has_ticked && look_anew(usb, why))
        return -1;
    /* What is in the way may go: a udevd that has yet to permit, another program that will end. */
    struct problem obstacle;
    enum usb_bound answer = find_and_bind(usb, usb->serial, &obstacle);
    if (answer == USB_HINDERED)
        *why = obstacle;
    return answer == USB_BOUND;
}

static int usb_rejoin(struct transport *transport, struct problem *why)
{
    struct usb_plate *usb = transport->own;
    if (!usb->loss.kind)
        lose(usb, 1, transport->name, "silent, and opened anew");
    if (!usb->serial[0])
        return problem(why, PROBLEM_DEVICE_LOST,
                       "the plate at %s has no serial number, by which it could be known again",
                       transport->name);
    usb_context_handle(&usb->context);
    int answer = look_again(usb, why);
    if (answer == 1)
        usb_context_tick(&usb->context, 0);
    show(usb);
    return answer;
}

static int usb_nudge(struct transport *transport, struct problem *why)
{
    struct usb_plate *usb = transport->own;
    look_after(usb, transport->name);
    if (!usb->loss.kind)
        climb(usb, transport->name, NULL);
    if (usb->loss.kind)
        *why = usb->loss;
    show(usb);
    return usb->loss.kind ? -1 : 0;
}

/* --- Listing --------------------------------------------------------------------------------- */

static int usb_list(transport_found *found, void *context, struct problem *why)
{
    struct usb_context usb;
    struct usb_places places;
    struct problem ignored;
    /* A container without /sys or usbfs has no USB, which is no failure. */
    int bad = 0;
    if (!usb_context_init(&usb, &ignored)) {
        bad = usb_find(usb.libusb, &places, why);
        for (unsigned i = 0; !bad && i < places.n; i++)
            found(context, places.place[i].uri, places.place[i].description,
                  places.place[i].obstacle.text);
        if (!bad)
            usb_places_release(&places);
    }
    usb_context_exit(&usb);
    return bad;
}

/* The listing names nothing else. */
static int usb_is_plate(const char *address)
{
    (void)address;
    return 1;
}

const struct transport_kind transport_usb = {
    .about = {"usb", "usb:[SERIAL]",
              "a plate on a USB cable; without a serial number the only one"},
    .open = usb_open,
    .read = usb_read,
    .write = usb_write,
    .close = usb_close,
    .list = usb_list,
    .rejoin = usb_rejoin,
    .nudge = usb_nudge,
    .is_plate = usb_is_plate,
};
