/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/transport/usb_binding.h"

#include "driver/transport/transport_private.h"
#include "firmware/wire/usb_id.h"

#include <errno.h>
#include <sys/ioctl.h>

#include <linux/usbdevice_fs.h>

/* 0 is ABSENT, -1 HINDERED. */
static enum usb_bound open_problem(const char *uri, int error, struct problem *why)
{
    switch (error) {
    case LIBUSB_ERROR_ACCESS:
        return (enum usb_bound)usb_permission_problem(uri, why);
    case LIBUSB_ERROR_BUSY:
        return (enum usb_bound)transport_open_problem(uri, EBUSY, why);
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        transport_open_problem(uri, ENODEV, why);
        return USB_ABSENT;
    case LIBUSB_ERROR_NO_MEM:
        return (enum usb_bound)problem_no_memory(why, "a USB device's handle");
    default:
        return (enum usb_bound)problem(why, PROBLEM_FAILED,
                                       "%s cannot be opened (%s); unplug it and plug it in again",
                                       uri, libusb_strerror(error));
    }
}

/* SET_INTERFACE by the kernel's own request. libusb_set_interface_alt_setting does no more, but
 * that of 1.0.26 unlocks what it has not locked when its other thread has just seen the device
 * leave, and aborts the program for it when the handle is closed. 0, or a libusb error. */
static int choose_setting(const struct usb_binding *binding, unsigned setting)
{
    struct usbdevfs_setinterface ask = {binding->interface_number, setting};
    if (!ioctl(binding->fd, USBDEVFS_SETINTERFACE, &ask))
        return 0;
    return errno == ENODEV ? LIBUSB_ERROR_NO_DEVICE : LIBUSB_ERROR_IO;
}

/* --- Letting go ------------------------------------------------------------------------------ */

static unsigned under_way(const void *ring)
{
    return usb_ring_under_way(ring);
}

/* Ends all transfers: 0, or -1 when the system does not give some of them back. */
static int stop_transfers(struct usb_binding *binding)
{
    if (!binding->ring || !usb_ring_under_way(binding->ring))
        return 0;
    usb_ring_cancel(binding->ring);
    return usb_context_drain(binding->context, under_way, binding->ring);
}

static void rest(struct usb_binding *binding)
{
    int is_gone = binding->ring && usb_ring_state(binding->ring) == USB_RING_GONE;
    if (binding->is_claimed && !is_gone && !binding->is_deaf)
        choose_setting(binding, USB_ID_SETTING_REST);
}

/* Every transfer first, then the interface, then the handle: in any other order libusb keeps what
 * belongs to a transfer, or calls back into what is gone. */
void usb_binding_close(struct usb_binding *binding)
{
    if (!binding->handle)
        return;
    int is_stuck = stop_transfers(binding);
    rest(binding);
    libusb_release_interface(binding->handle, binding->interface_number);
    libusb_close(binding->handle);
    binding->handle = NULL;
    binding->context->watched = NULL;
    if (is_stuck) /* closing has ended them in the kernel, and libusb has struck them off its list
                   */
        usb_ring_abandon(binding->ring);
}

void usb_binding_forget(struct usb_binding *binding)
{
    usb_ring_free(binding->ring);
    binding->ring = NULL;
}

/* --- Binding --------------------------------------------------------------------------------- */

static enum usb_bound no_ring(enum usb_ring_state state, const char *uri, struct problem *why)
{
    if (state == USB_RING_GONE)
        return open_problem(uri, LIBUSB_ERROR_NO_DEVICE, why);
    if (state != USB_RING_NO_ROOM)
        return open_problem(uri, LIBUSB_ERROR_IO, why);
    return (enum usb_bound)problem(
        why, PROBLEM_FAILED,
        "the system has no memory left for USB transfers of %s: other programs use it all; end "
        "them, or as root raise /sys/module/usbcore/parameters/usbfs_memory_mb",
        uri);
}

/* The largest ring that the system has room for: usbfs gives 16 MiB to all programs together. */
static enum usb_bound fill_ring(struct usb_binding *binding, const char *uri, struct problem *why)
{
    static const struct {
        unsigned n;
        size_t bytes;
    } shapes[] = {{32, 16384}, {16, 16384}, {8, 16384}, {8, 4096}, {USB_RING_LEAST, 1024}};
    enum usb_ring_state state = USB_RING_NO_ROOM;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0] && state == USB_RING_NO_ROOM; i++) {
        if (stop_transfers(binding))
            break;
        usb_binding_forget(binding);
        binding->ring = usb_ring_create(shapes[i].n, shapes[i].bytes, &usb_ring_libusb);
        if (!binding->ring)
            return (enum usb_bound)problem_no_memory(why, "the transfers of a plate");
        binding->ring_n = shapes[i].n;
        binding->ring_bytes = shapes[i].bytes;
        binding->is_small = i > 0;
        usb_ring_aim(binding->ring, binding->handle, binding->in, binding->out);
        state = usb_ring_refill(binding->ring);
    }
    return state == USB_RING_WHOLE ? USB_BOUND : no_ring(state, uri, why);
}

static enum usb_bound claim(struct usb_binding *binding, const char *uri, int reset_first,
                            struct problem *why)
{
    int error = reset_first ? libusb_reset_device(binding->handle) : 0;
    if (!error)
        error = libusb_claim_interface(binding->handle, binding->interface_number);
    if (!error) {
        binding->is_claimed = 1;
        error = choose_setting(binding, USB_ID_SETTING_STREAM);
        binding->is_deaf = error != 0;
    }
    return error ? open_problem(uri, error, why) : USB_BOUND;
}

enum usb_bound usb_binding_open(struct usb_binding *binding, const struct usb_place *place,
                                int reset_first, struct problem *why)
{
    usb_binding_forget(binding);
    int error = libusb_open(place->device, &binding->handle);
    if (error) {
        binding->handle = NULL;
        return open_problem(place->uri, error, why);
    }
    binding->fd = binding->context->newest_fd;
    binding->is_claimed = 0;
    binding->interface_number = place->interface_number;
    binding->in = place->in;
    binding->out = place->out;
    binding->is_deaf = 0;
    binding->context->watched = place->device;
    binding->context->has_watched_left = 0;
    enum usb_bound answer = claim(binding, place->uri, reset_first, why);
    if (answer == USB_BOUND)
        answer = fill_ring(binding, place->uri, why);
    if (answer != USB_BOUND)
        usb_binding_close(binding);
    return answer;
}

/* --- Mending --------------------------------------------------------------------------------- */

enum usb_ring_state usb_binding_mend(struct usb_binding *binding)
{
    if (stop_transfers(binding))
        return USB_RING_FAULT;
    int error = libusb_clear_halt(binding->handle, binding->in);
    if (!error)
        error = libusb_clear_halt(binding->handle, binding->out);
    if (error == LIBUSB_ERROR_NO_DEVICE)
        return USB_RING_GONE;
    binding->is_deaf = error != 0;
    return error ? USB_RING_FAULT : usb_ring_refill(binding->ring);
}
