/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/usb_context.h"

#include "driver/clock.h"
#include "firmware/wire/usb_id.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { DRAIN_US = 1000000, DRAIN_STEP_US = 20000 };

/* --- The epoll ------------------------------------------------------------------------------- */

static int watch(int epoll_fd, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* libusb asks for POLLIN or POLLOUT, which are EPOLLIN and EPOLLOUT. */
static void LIBUSB_CALL fd_added(int fd, short events, void *user_data)
{
    struct usb_context *context = user_data;
    context->newest_fd = fd;
    if (watch(context->epoll_fd, fd, (uint16_t)events) && errno != EEXIST)
        context->is_polled = 0;
}

static void LIBUSB_CALL fd_removed(int fd, void *user_data)
{
    struct usb_context *context = user_data;
    epoll_ctl(context->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static int watch_libusb(struct usb_context *context, struct problem *why)
{
    context->is_polled = 1;
    libusb_set_pollfd_notifiers(context->libusb, fd_added, fd_removed, context);
    const struct libusb_pollfd **fds = libusb_get_pollfds(context->libusb);
    if (!fds)
        return problem_no_memory(why, "the list of USB descriptors");
    for (size_t i = 0; fds[i]; i++)
        fd_added(fds[i]->fd, fds[i]->events, context);
    libusb_free_pollfds(fds);
    if (!context->is_polled)
        return problem(why, PROBLEM_FAILED, "USB cannot be waited for: %s", strerror(errno));
    return 0;
}

static void unwatch_libusb(struct usb_context *context)
{
    const struct libusb_pollfd **fds = libusb_get_pollfds(context->libusb);
    for (size_t i = 0; fds && fds[i]; i++)
        fd_removed(fds[i]->fd, context);
    libusb_free_pollfds(fds);
    libusb_set_pollfd_notifiers(context->libusb, NULL, NULL, NULL);
}

/* --- libusb ---------------------------------------------------------------------------------- */

/* May be told twice of one arrival; a second telling changes nothing. Opening a device in here is
 * what libusb forbids, so it is only noted. */
static int LIBUSB_CALL plugged(libusb_context *libusb, libusb_device *device,
                               libusb_hotplug_event event, void *user_data)
{
    struct usb_context *context = user_data;
    (void)libusb;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED)
        context->has_arrival = 1;
    else
        context->has_departure = 1;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT && device == context->watched)
        context->has_watched_left = 1;
    return 0;
}

static int begin_libusb(struct usb_context *context, struct problem *why)
{
    int error = libusb_init(&context->libusb);
    if (error) {
        context->libusb = NULL;
        return error == LIBUSB_ERROR_NO_MEM
                   ? problem_no_memory(why, "a USB context")
                   : problem(why, PROBLEM_FAILED, "USB cannot be used on this system (%s)",
                             libusb_strerror(error));
    }
    /* Without hotplug support the tick alone finds what comes. */
    context->hotplug_error = libusb_hotplug_register_callback(
        context->libusb, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
        USB_ID_VENDOR, USB_ID_PRODUCT, LIBUSB_HOTPLUG_MATCH_ANY, plugged, context,
        &context->hotplug);
    return watch_libusb(context, why);
}

/* The callback goes first and what is queued for it is taken: 1.0.26 takes its parts down in an
 * order in which a late event finds some of them gone. */
static void end_libusb(struct usb_context *context)
{
    if (!context->libusb)
        return;
    libusb_hotplug_deregister_callback(context->libusb, context->hotplug);
    usb_context_handle(context);
    unwatch_libusb(context);
    libusb_exit(context->libusb);
    context->libusb = NULL;
}

/* --- The context ----------------------------------------------------------------------------- */

int usb_context_init(struct usb_context *context, struct problem *why)
{
    *context =
        (struct usb_context){.epoll_fd = epoll_create1(EPOLL_CLOEXEC),
                             .tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                             .flag_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    context->is_ready = context->epoll_fd >= 0 && context->tick_fd >= 0 && context->flag_fd >= 0 &&
                        !watch(context->epoll_fd, context->tick_fd, EPOLLIN) &&
                        !watch(context->epoll_fd, context->flag_fd, EPOLLIN);
    if (!context->is_ready)
        return problem(why, PROBLEM_FAILED, "USB cannot be waited for: %s", strerror(errno));
    return begin_libusb(context, why);
}

int usb_context_can_tick(const struct usb_context *context)
{
    return context->is_ready;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void usb_context_exit(struct usb_context *context)
{
    end_libusb(context);
    close_fd(&context->flag_fd);
    close_fd(&context->tick_fd);
    close_fd(&context->epoll_fd);
}

int usb_context_rescan(struct usb_context *context, struct problem *why)
{
    end_libusb(context);
    context->has_arrival = 0;
    return begin_libusb(context, why);
}

void usb_context_handle(struct usb_context *context)
{
    struct timeval now = {0};
    uint64_t ticks;
    if (context->is_ticking && read(context->tick_fd, &ticks, sizeof ticks) > 0)
        context->has_ticked = 1;
    if (context->libusb)
        libusb_handle_events_timeout_completed(context->libusb, &now, NULL);
}

int usb_context_drain(struct usb_context *context, unsigned (*count)(const void *of),
                      const void *of)
{
    uint64_t end_us = host_clock_us() + DRAIN_US;
    for (unsigned left = count(of), before = left; left; before = left) {
        struct timeval step = {.tv_usec = DRAIN_STEP_US};
        libusb_handle_events_timeout_completed(context->libusb, &step, NULL);
        left = count(of);
        if (left < before)
            end_us = host_clock_us() + DRAIN_US;
        else if (host_clock_us() >= end_us)
            return -1;
    }
    return 0;
}

void usb_context_tick(struct usb_context *context, int on)
{
    struct itimerspec each = {.it_interval.tv_sec = on, .it_value.tv_sec = on};
    timerfd_settime(context->tick_fd, 0, &each, NULL);
    context->is_ticking = on;
    context->has_ticked = 0;
}

void usb_context_flag(struct usb_context *context, int on)
{
    uint64_t value = 1;
    if (on == context->is_flagged)
        return;
    context->is_flagged = on;
    ssize_t ignored = on ? write(context->flag_fd, &value, sizeof value)
                         : read(context->flag_fd, &value, sizeof value);
    (void)ignored; /* neither can fail: the count is 0 or 1 */
}
