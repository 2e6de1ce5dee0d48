/* SPDX-License-Identifier: GPL-3.0-or-later */
/* News of plugging in and out: libusb tells of plates at once, and each second it is worth looking
 * for whatever nobody tells of (serial ports, a system without udevd). */
#include "driver/transport/transport.h"
#include "driver/transport/usb_context.h"

#include <stdlib.h>

struct transport_watch {
    struct usb_context context;
};

struct transport_watch *transport_watch_open(struct problem *why)
{
    struct transport_watch *watch = calloc(1, sizeof *watch);
    why->kind = PROBLEM_NONE;
    if (!watch) {
        problem_no_memory(why, "a watch over the plates");
        return NULL;
    }
    /* Without USB (a container) there is still the second. */
    if (usb_context_init(&watch->context, why) && !usb_context_can_tick(&watch->context)) {
        transport_watch_close(watch);
        return NULL;
    }
    if (!why->kind && watch->context.hotplug_error)
        problem(why, PROBLEM_FAILED, "USB tells of no plugging on this system (%s)",
                libusb_strerror((enum libusb_error)watch->context.hotplug_error));
    usb_context_tick(&watch->context, 1);
    return watch;
}

int transport_watch_fd(const struct transport_watch *watch)
{
    return watch->context.epoll_fd;
}

int transport_watch_has_news(struct transport_watch *watch)
{
    struct usb_context *context = &watch->context;
    usb_context_handle(context);
    int has_news = context->has_arrival || context->has_departure || context->has_ticked;
    context->has_arrival = context->has_departure = context->has_ticked = 0;
    return has_news;
}

void transport_watch_close(struct transport_watch *watch)
{
    if (!watch)
        return;
    usb_context_exit(&watch->context);
    free(watch);
}
