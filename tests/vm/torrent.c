/* SPDX-License-Identifier: GPL-3.0-or-later */
/* torrent SOCKET: the plate's USB, faster than any sensor: the firmware's USB logic on usbredir,
 * with a standing person's frame given to its stream again and again as fast as the machine reads,
 * numbered and sealed. Beside flood.c in `make bench`. Ends when it is killed. */
#include "firmware/boards/host/serve.h"
#include "firmware/boards/host/usb_cable.h"
#include "firmware/wire/frame_codec.h"
#include "firmware/wire/wire.h"
#include "tests/support/standing_person.h"

#include <stdio.h>

#define MESSAGE_MAX (WIRE_HEADER_SIZE + FRAME_HEAD_SIZE + 2 * STANDING_CELLS + STANDING_ROWS + 64)

struct torrent {
    struct usb_cable *usb;
    int is_wanted;
    uint32_t seq;
    size_t payload_n, n, sent; /* of `message` */
    uint8_t message[MESSAGE_MAX];
};

/* Whatever a host says, it wants the stream. */
static void receive(void *own, int link, const uint8_t *bytes, size_t n)
{
    struct torrent *torrent = own;
    (void)bytes;
    torrent->is_wanted |= link == 0 && n > 0;
}

static void link_closed(void *own, int link)
{
    struct torrent *torrent = own;
    torrent->is_wanted &= link != 0;
    torrent->n = torrent->sent = 0;
}

static void flush(void *own)
{
    struct torrent *torrent = own;
    torrent->sent += usb_cable_send(torrent->usb, 0, torrent->message + torrent->sent,
                                    torrent->n - torrent->sent);
}

static int has_unsent(const void *own)
{
    const struct torrent *torrent = own;
    return torrent->sent < torrent->n;
}

static int is_scanning(const void *own)
{
    const struct torrent *torrent = own;
    return torrent->is_wanted;
}

static uint64_t next_us(const void *own)
{
    const struct torrent *torrent = own;
    return torrent->seq * UINT64_C(10000);
}

static int step(void *own)
{
    struct torrent *torrent = own;
    const struct wire_message frame = {.type = WIRE_FRAME,
                                       .seq = torrent->seq,
                                       .device_time_us = next_us(own),
                                       .payload_len = (uint32_t)torrent->payload_n,
                                       .payload = torrent->message + WIRE_HEADER_SIZE};
    torrent->n = wire_encode(torrent->message, sizeof torrent->message, &frame);
    torrent->sent = 0;
    torrent->seq++;
    flush(own);
    return 1;
}

static void make_frame(struct torrent *torrent)
{
    static uint16_t counts[STANDING_CELLS];
    const struct frame_shape shape = {.flags = FRAME_TARED | FRAME_GATED,
                                      .bits = STANDING_BITS,
                                      .rows = STANDING_ROWS,
                                      .cols = STANDING_COLS};
    standing_person(counts, 1);
    torrent->payload_n = frame_encode(torrent->message + WIRE_HEADER_SIZE,
                                      sizeof torrent->message - WIRE_HEADER_SIZE, &shape, counts);
}

int main(int argc, char **argv)
{
    static struct torrent torrent;
    struct problem why = {.kind = PROBLEM_NONE};
    struct host_plate plate = {.own = &torrent,
                               .serial = "TORRENT",
                               .fd = -1,
                               .receive = receive,
                               .link_closed = link_closed,
                               .flush = flush,
                               .has_unsent = has_unsent,
                               .is_scanning = is_scanning,
                               .next_us = next_us,
                               .step = step};
    if (argc != 2) {
        fprintf(stderr, "usage: torrent SOCKET\n");
        return 2;
    }
    make_frame(&torrent);
    const struct usb_cable_options o = {.path = argv[1], .fd = -1};
    torrent.usb = usb_cable_create(&o, &why);
    int bad = !torrent.usb || usb_cable_begin(torrent.usb, plate.serial, &why);
    if (!bad) {
        struct cable cable = cable_of_usb(torrent.usb);
        bad = serve(&plate, &cable, SERVE_FAST, 0, -1, &why);
    }
    if (bad)
        fprintf(stderr, "torrent: %s\n", why.text);
    usb_cable_free(torrent.usb);
    return bad;
}
