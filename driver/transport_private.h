/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kind of transport fills in: four functions, one short file each. See transport.h for what
 * they promise. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_PRIVATE_H
#define TENDERFOOT_DRIVER_TRANSPORT_PRIVATE_H

#include "driver/transport.h"

struct transport_kind {
    const char *scheme;  /* "stream" of "stream:PATH" */
    const char *summary; /* one line for `tenderfoot devices` and --help */
    int (*open)(struct transport *transport, const char *address, struct problem *why);
    ssize_t (*read)(struct transport *transport, uint8_t *bytes, size_t cap, struct problem *why);
    ssize_t (*write)(struct transport *transport, const uint8_t *bytes, size_t n,
                     struct problem *why);
    void (*close)(struct transport *transport);
};

struct transport {
    const struct transport_kind *kind;
    int fd;      /* pollable; -1 until open has set it */
    int one_way; /* nothing goes to the plate */
    void *own;   /* the kind's own state */
};

extern const struct transport_kind transport_stream, transport_serial, transport_replay,
    transport_virtual;

#endif
