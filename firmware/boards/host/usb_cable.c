/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/usb_cable.h"

#include "firmware/boards/host/usb_bus.h"
#include "firmware/boards/host/usb_redir.h"
#include "firmware/boards/host/usb_witness.h"
#include "firmware/core/plate.h"
#include "firmware/core/usb_descriptors.h"
#include "firmware/core/usb_device.h"
#include "firmware/core/usb_links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
#define TRY_AGAIN_MS 100
#define LOOK_MS 20 /* while the machine has not let go of the device before */
#define RING_BYTES 65536u

static const uint8_t in_endpoints[USB_LINKS] = {
    [USB_LINK_VENDOR] = USB_ENDPOINT_STREAM_IN, [USB_LINK_SERIAL] = USB_ENDPOINT_SERIAL_IN};

struct usb_cable {
    struct sockaddr_un address;
    int has_address;
    int fd; /* given, not yet in use; or -1 */
    struct usb_bus *bus;
    struct usb_device device;
    struct usb_device_config config;
    char serial[25];
    struct usb_witness *witness;
    struct usb_redir *redir; /* NULL = nobody has the other end */
    int is_ready;            /* the device is made */
    int is_in;               /* plugged in, as far as the cable goes */
    int is_known;            /* attached, as last noted */
    int was_power_cut;
    int64_t try_ns, plug_ns;   /* not before */
    uint64_t given[USB_LINKS]; /* what usb_witness_fetched says when the host has all */
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* --- What goes over the bus ------------------------------------------------------------------ */

static void move(struct usb_cable *cable)
{
    usb_device_poll(&cable->device);
    if (cable->redir)
        usb_redir_pump(cable->redir);
}

size_t usb_cable_send(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct usb_cable *cable = context;
    if (!cable->is_ready || link >= USB_LINKS ||
        !usb_link_is_open(&cable->device, (enum usb_link)link))
        return n;
    size_t taken = usb_link_send(&cable->device, (enum usb_link)link, bytes, n);
    cable->given[link] += taken;
    move(cable);
    return taken;
}

/* To whom the hosts' words and ends go, for the length of a call. */
struct ear {
    struct usb_cable *cable;
    cable_heard *heard;
    void *context;
};

static void hear_bytes(void *context, unsigned link, const uint8_t *bytes, size_t n)
{
    const struct ear *ear = context;
    ear->heard(ear->context, (int)link, bytes, n);
}

static void hear_end(void *context, unsigned link)
{
    const struct ear *ear = context;
    ear->cable->given[link] = usb_witness_fetched(ear->cable->witness, in_endpoints[link]);
    usb_witness_note(ear->cable->witness, "closed");
    ear->heard(ear->context, (int)link, NULL, 0);
}

static void hear(struct usb_cable *cable, cable_heard *heard, void *context)
{
    struct ear ear = {.cable = cable, .heard = heard, .context = context};
    const struct usb_links_listener listener = {
        .context = &ear, .receive = hear_bytes, .closed = hear_end};
    while (usb_links_serve(&cable->device, &listener))
        move(cable);
}

/* --- The other end --------------------------------------------------------------------------- */

static int connect_socket(const struct usb_cable *cable)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (!connect(fd, (const struct sockaddr *)&cable->address, sizeof cable->address))
        return fd;
    close(fd);
    return -1;
}

static void plug_in(struct usb_cable *cable)
{
    usb_device_connect(&cable->device, 1);
    usb_redir_plug(cable->redir);
}

static void look_for_host(struct usb_cable *cable)
{
    struct problem ignored;
    struct usb_redir_witness eyes = usb_witness_eyes(cable->witness);
    if (cable->redir || now_ns() < cable->try_ns)
        return;
    cable->try_ns = now_ns() + TRY_AGAIN_MS * NS_PER_MS;
    int fd = cable->has_address ? connect_socket(cable) : cable->fd;
    cable->fd = -1;
    if (fd < 0)
        return;
    cable->redir = usb_redir_create(fd, cable->bus, &eyes, &ignored);
    if (cable->redir && cable->is_in)
        plug_in(cable);
}

static void note_attachment(struct usb_cable *cable)
{
    int is_known = cable->redir && usb_redir_is_attached(cable->redir);
    if (is_known != cable->is_known)
        usb_witness_note(cable->witness, is_known ? "attached" : "detached");
    cable->is_known = is_known;
}

static void pull_out(struct usb_cable *cable, long ms, int with_power)
{
    cable->is_in = 0;
    cable->plug_ns = now_ns() + ms * NS_PER_MS;
    cable->was_power_cut |= with_power;
    if (cable->redir)
        usb_redir_unplug(cable->redir);
    usb_device_connect(&cable->device, 0);
}

/* A machine that ends takes its end of the cable with it. */
static void serve_host(struct usb_cable *cable)
{
    struct problem why;
    if (!cable->redir || !usb_redir_serve(cable->redir, &why))
        return;
    if (why.kind == PROBLEM_REFUSED)
        usb_witness_note(cable->witness, "stranger");
    usb_redir_free(cable->redir);
    cable->redir = NULL;
    usb_device_connect(&cable->device, 0);
}

static void do_pulls(struct usb_cable *cable)
{
    long ms;
    int with_power;
    if (usb_witness_pulls(cable->witness, &ms, &with_power))
        pull_out(cable, ms, with_power);
    if (cable->is_in || now_ns() < cable->plug_ns)
        return;
    cable->is_in = 1;
    if (cable->redir)
        plug_in(cable);
}

/* --- As a cable ------------------------------------------------------------------------------ */

static void serve_usb(void *own, cable_heard *heard, void *context)
{
    struct usb_cable *cable = own;
    if (!cable->is_ready)
        return;
    look_for_host(cable);
    serve_host(cable);
    do_pulls(cable);
    hear(cable, heard, context);
    note_attachment(cable);
    move(cable);
}

static int is_alive(const void *own)
{
    const struct usb_cable *cable = own;
    return cable->has_address || cable->fd >= 0 || cable->redir;
}

static size_t poll_entries(const void *own, struct pollfd *entries, int want_write)
{
    const struct usb_cable *cable = own;
    (void)want_write; /* there is room when the machine has asked for something */
    if (!cable->redir)
        return 0;
    entries[0] =
        (struct pollfd){.fd = usb_redir_fd(cable->redir), .events = usb_redir_events(cable->redir)};
    return 1;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int patience_ms(const void *own)
{
    const struct usb_cable *cable = own;
    int64_t now = now_ns(), next = usb_witness_silent_until_ns(cable->witness);
    if (usb_witness_will_pull(cable->witness))
        return 0;
    if (!cable->redir)
        next = sooner(next, cable->try_ns);
    if (!cable->is_in)
        next = sooner(next, cable->plug_ns);
    else if (cable->redir && !usb_redir_is_attached(cable->redir))
        next = sooner(next, now + LOOK_MS * NS_PER_MS);
    if (next == 0)
        return -1;
    return next <= now ? 0 : (int)((next - now) / NS_PER_MS) + 1;
}

/* Open, and something given to it that the host has not fetched yet. */
static int has_unsent(const void *own)
{
    const struct usb_cable *cable = own;
    for (int link = 0; link < USB_LINKS; link++)
        if (usb_link_is_open(&cable->device, (enum usb_link)link) &&
            cable->given[link] > usb_witness_fetched(cable->witness, in_endpoints[link]))
            return 1;
    return cable->redir && (usb_redir_events(cable->redir) & POLLOUT);
}

static int was_power_cut(void *own)
{
    struct usb_cable *cable = own;
    int was = cable->was_power_cut;
    cable->was_power_cut = 0;
    return was;
}

struct cable cable_of_usb(struct usb_cable *cable)
{
    return (struct cable){.own = cable,
                          .alive = is_alive,
                          .poll = poll_entries,
                          .patience_ms = patience_ms,
                          .serve = serve_usb,
                          .has_unsent = has_unsent,
                          .was_power_cut = was_power_cut};
}

/* --- Made ------------------------------------------------------------------------------------ */

static int take_path(struct usb_cable *cable, const char *path, struct problem *why)
{
    cable->address.sun_family = AF_UNIX;
    cable->has_address = 1;
    if (strlen(path) >= sizeof cable->address.sun_path)
        return problem(why, PROBLEM_USAGE, "socket path longer than %zu bytes: %s",
                       sizeof cable->address.sun_path - 1, path);
    strcpy(cable->address.sun_path, path);
    return 0;
}

static int make_parts(struct usb_cable *cable, const struct usb_cable_options *options,
                      struct problem *why)
{
    if (options->path && take_path(cable, options->path, why))
        return -1;
    cable->witness = usb_witness_create(options->faults, options->seed, options->log, why);
    if (!cable->witness)
        return -1;
    cable->bus = usb_bus_create();
    for (int link = 0; link < USB_LINKS; link++)
        cable->config.out_ring[link] = malloc(RING_BYTES);
    if (!cable->bus || !cable->config.out_ring[0] || !cable->config.out_ring[1])
        return problem_no_memory(why, "a USB cable");
    return 0;
}

struct usb_cable *usb_cable_create(const struct usb_cable_options *options, struct problem *why)
{
    struct usb_cable *cable = calloc(1, sizeof *cable);
    if (!cable) {
        problem_no_memory(why, "a USB cable");
        if (!options->path)
            close(options->fd);
        return NULL;
    }
    cable->fd = options->path ? -1 : options->fd;
    if (make_parts(cable, options, why)) {
        usb_cable_free(cable);
        return NULL;
    }
    return cable;
}

int usb_cable_begin(struct usb_cable *cable, const char *serial, struct problem *why)
{
    strncpy(cable->serial, serial, sizeof cable->serial - 1);
    cable->config.controller = usb_bus_controller(cable->bus);
    cable->config.manufacturer = "tenderfoot";
    cable->config.product = "tenderfoot plate";
    cable->config.serial = cable->serial;
    cable->config.version_bcd = PLATE_CORE_VERSION_BCD;
    cable->config.out_ring_bytes = RING_BYTES;
    const char *wrong = usb_device_init(&cable->device, &cable->config);
    if (wrong)
        return problem(why, PROBLEM_REFUSED, "no such USB device: %s", wrong);
    usb_bus_attach(cable->bus, &cable->device);
    cable->is_ready = 1;
    cable->try_ns = cable->plug_ns = now_ns();
    return 0;
}

void usb_cable_free(struct usb_cable *cable)
{
    if (!cable)
        return;
    if (cable->redir)
        pull_out(cable, 0, 0);
    note_attachment(cable);
    usb_redir_free(cable->redir);
    if (cable->fd >= 0)
        close(cable->fd);
    for (int link = 0; link < USB_LINKS; link++)
        free(cable->config.out_ring[link]);
    usb_bus_free(cable->bus);
    usb_witness_free(cable->witness);
    free(cable);
}
