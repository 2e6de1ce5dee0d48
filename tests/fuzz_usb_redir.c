/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a virtual machine sends to the plate's USB cable: the work is bounded, the device breaks
 * no rule of the bus, and what goes back is a stream of usbredir packets.
 *
 * The input is the bytes on the socket, behind a machine's hello. The device's links send back what
 * they get, and frames of their own. */
#include "firmware/boards/host/usb_bus.h"
#include "firmware/boards/host/usb_redir.h"
#include "firmware/core/usb_device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirproto.h>

#define RING_BYTES 1024u
#define CHUNK 700u
#define ROUNDS_AFTER 4

struct bench {
    struct usb_bus *bus;
    struct usb_device device;
    struct usb_device_config config;
    uint8_t rings[USB_LINKS][RING_BYTES];
    struct usb_redir *redir;
    int machine; /* its end of the socket */
    uint64_t packets;
    /* what has come back: the header of the packet at work, then the rest of it */
    uint8_t header[16];
    size_t n_header, n_rest;
};

/* Each tenth packet of the stream meets with something. */
static enum usb_redir_fate meet(void *context, uint8_t endpoint, const uint8_t *bytes, size_t n)
{
    struct bench *bench = context;
    (void)endpoint;
    (void)bytes;
    if (n > USB_PACKET_MAX)
        abort();
    return ++bench->packets % 10 ? USB_REDIR_PASS
                                 : (enum usb_redir_fate)(bench->packets / 10 % USB_REDIR_STOP);
}

static void begin(struct bench *bench)
{
    int pair[2];
    const struct usb_redir_witness witness = {.context = bench, .packet = meet};
    bench->bus = usb_bus_create();
    bench->config = (struct usb_device_config){.controller = usb_bus_controller(bench->bus),
                                               .manufacturer = "tenderfoot",
                                               .product = "tenderfoot plate",
                                               .serial = "FUZZ",
                                               .out_ring = {bench->rings[0], bench->rings[1]},
                                               .out_ring_bytes = RING_BYTES};
    if (usb_device_init(&bench->device, &bench->config) ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        abort();
    usb_bus_attach(bench->bus, &bench->device);
    usb_device_connect(&bench->device, 1);
    bench->machine = pair[1];
    bench->redir = usb_redir_create(pair[0], bench->bus, &witness, NULL);
    if (!bench->redir)
        abort();
    usb_redir_plug(bench->redir);
}

static void say_hello(const struct bench *bench)
{
    struct {
        uint32_t type, length, id;
        char version[64];
        uint32_t caps;
    } hello = {.type = usb_redir_hello, .length = 68, .version = "a machine", .caps = 0xFE};
    if (send(bench->machine, &hello, sizeof hello, 0) != sizeof hello)
        abort();
}

/* The plate's side: what comes is sent back. */
static void echo(struct bench *bench)
{
    uint8_t bytes[300];
    for (int i = 0; i < USB_LINKS; i++) {
        enum usb_link link = (enum usb_link)i;
        usb_link_has_closed(&bench->device, link);
        size_t n = usb_link_receive(&bench->device, link, bytes, sizeof bytes);
        usb_link_send(&bench->device, link, bytes, n);
        usb_link_send(&bench->device, link, (const uint8_t *)bench, 130);
    }
    usb_device_poll(&bench->device);
    usb_redir_pump(bench->redir);
}

/* Lengths must lead from header to header; the first, the hello's, has a short id. */
static void check_back(struct bench *bench, const uint8_t *bytes, size_t n, int *is_first)
{
    while (n > 0) {
        size_t wanted = *is_first ? 12 : 16;
        if (bench->n_rest > 0) {
            size_t step = n < bench->n_rest ? n : bench->n_rest;
            bench->n_rest -= step;
            bytes += step;
            n -= step;
            continue;
        }
        bench->header[bench->n_header++] = *bytes++;
        n--;
        if (bench->n_header < wanted)
            continue;
        uint32_t type, length;
        memcpy(&type, bench->header, 4);
        memcpy(&length, bench->header + 4, 4);
        if (type > usb_redir_buffered_bulk_packet || length > (2u << 20))
            abort();
        bench->n_header = 0;
        bench->n_rest = length;
        *is_first = 0;
    }
}

static int serve(struct bench *bench, int *is_first)
{
    uint8_t back[4096];
    ssize_t n;
    int result = usb_redir_serve(bench->redir, NULL);
    echo(bench);
    while ((n = recv(bench->machine, back, sizeof back, MSG_DONTWAIT)) > 0)
        check_back(bench, back, (size_t)n, is_first);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct bench *bench = calloc(1, sizeof *bench);
    int is_first = 1, result = 0;
    if (!bench)
        abort();
    begin(bench);
    say_hello(bench);
    for (size_t at = 0; at < n && result == 0; at += CHUNK) {
        size_t step = n - at < CHUNK ? n - at : CHUNK;
        if (send(bench->machine, bytes + at, step, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            break;
        result = serve(bench, &is_first);
    }
    for (int i = 0; i < ROUNDS_AFTER && result == 0; i++)
        result = serve(bench, &is_first);
    if (usb_bus_complaint(bench->bus)) {
        fprintf(stderr, "%s\n", usb_bus_complaint(bench->bus));
        abort();
    }
    usb_redir_unplug(bench->redir);
    usb_redir_free(bench->redir);
    close(bench->machine);
    usb_bus_free(bench->bus);
    free(bench);
    return 0;
}
