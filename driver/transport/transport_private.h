/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kind of transport fills in: four functions, one short file each (and more, if its plates
 * can be found or come back). See transport.h for what they promise. A new kind is a new file, a
 * line in the table of transport.c, and nothing else. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_PRIVATE_H
#define TENDERFOOT_DRIVER_TRANSPORT_PRIVATE_H

#include "driver/transport/transport.h"

#define TRANSPORT_PATIENCE_MS 5000
#define TRANSPORT_START_PATIENCE_MS 20000

struct transport_kind {
    struct transport_about about;
    int (*open)(struct transport *transport, const char *address, struct problem *why);
    ssize_t (*read)(struct transport *transport, uint8_t *bytes, size_t cap, struct problem *why);
    ssize_t (*write)(struct transport *transport, const uint8_t *bytes, size_t n,
                     struct problem *why);
    /* Also called after a failed open: fd may be -1 and own NULL. */
    void (*close)(struct transport *transport);
    /* NULL when plates of this kind cannot be found without being named. */
    int (*list)(transport_found *found, void *context, struct problem *why);
    /* NULL when a plate that has left has left for good; NULL when there is nothing to try. */
    int (*rejoin)(struct transport *transport, struct problem *why);
    int (*nudge)(struct transport *transport, struct problem *why);
    /* As transport_is_plate, of the address behind the scheme; NULL when that cannot be known. */
    int (*is_plate)(const char *address);
};

struct transport {
    const struct transport_kind *kind;
    char *name;       /* the URI, for messages */
    int fd;           /* pollable; -1 until open has set it */
    int one_way;      /* nothing goes to the plate */
    int patience_ms;  /* see transport.h; TRANSPORT_PATIENCE_MS unless open sets another */
    char notice[256]; /* see transport_notice */
    void *own;        /* the kind's own state */
};

extern const struct transport_kind transport_usb, transport_stream, transport_serial,
    transport_replay, transport_virtual;

/* As transport_open, of a kind that is in no table (a test's own): `name` is the whole URI. */
struct transport *transport_open_as(const struct transport_kind *kind, const char *name,
                                    const char *address, struct problem *why);

/* Splits "PATH?key=value&key=value". Returns a malloc'ed copy whose beginning is the path;
 * values[i] points at the value of keys[i] inside it, or is NULL. An unknown key is a usage problem
 * that names the known ones. */
char *transport_address(const char *address, const char *const *keys, const char **values, size_t n,
                        struct problem *why);

/* Over a plain non-blocking descriptor: read and write as transport.h promises. */
ssize_t transport_fd_read(struct transport *transport, uint8_t *bytes, size_t cap,
                          struct problem *why);
ssize_t transport_fd_write(struct transport *transport, const uint8_t *bytes, size_t n,
                           struct problem *why);
void transport_fd_close(struct transport *transport);

/* Makes this process the only user of transport->fd among those of this library (flock), or says
 * that another program has the plate. */
int transport_fd_claim(struct transport *transport, struct problem *why);

/* Makes a tty pass bytes as they are: no echo, no line editing, no end-of-line or flow-control
 * magic; and a read of nothing is EAGAIN, so that 0 means hung up (with VMIN = 0, which
 * libserialport sets, the two look alike). */
int transport_fd_raw(struct transport *transport, const char *path, struct problem *why);

/* The problem of a path that could not be opened, by errno: no plate, no permission (and what to do
 * about it), busy. Always -1. */
int transport_open_problem(const char *path, int error, struct problem *why);

#endif
