/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The links of `tenderfoot-plate` to its hosts, as descriptors: one given by the parent, the
 * clients of a unix socket, a pseudo terminal in raw mode, or a FIFO that only goes out. */
#ifndef TENDERFOOT_BOARDS_HOST_LINKS_H
#define TENDERFOOT_BOARDS_HOST_LINKS_H

#include "firmware/boards/host/cable.h"
#include "firmware/wire/problem.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#define LINKS_MAX 4

enum links_kind { LINKS_FD, LINKS_SOCKET, LINKS_PTY, LINKS_FIFO };

struct links {
    enum links_kind kind;
    int listener;        /* of a socket, else -1 */
    int fds[LINKS_MAX];  /* -1: no host there */
    int gone[LINKS_MAX]; /* a write found the host gone; links_serve closes it */
    int pty;             /* the master, while no host has the other side open: fds[0] is -1 then */
    char *path;          /* owned: the socket's, to be removed; or NULL */
    char uri[128];       /* to reach it by, or "" */
};

/* Each opens; -1 and *why. A descriptor is taken over and made non-blocking. An old socket at the
 * path is replaced when nobody listens on it. A FIFO is made if there is none; opening it waits for
 * a reader, or for a signal that ends the wait. */
int links_open_fd(struct links *links, int fd, struct problem *why);
int links_open_socket(struct links *links, const char *path, struct problem *why);
int links_open_pty(struct links *links, struct problem *why);
int links_open_fifo(struct links *links, const char *path, struct problem *why);
void links_close(struct links *links);

/* A virtual_plate_sink: context is the links. Bytes for a link without a host are taken and gone.
 */
size_t links_send(void *context, int link, const uint8_t *bytes, size_t n);

/* Whether any host may come or is there: 0 = the only one has left for good. */
int links_alive(const struct links *links);

/* Fills at most LINKS_MAX + 1 entries to wait for (for reading; for writing too if `want_write`);
 * returns how many. */
size_t links_poll(const struct links *links, struct pollfd *entries, int want_write);

/* How long a wait may last so that a pty's new reader is noticed, ms; -1 = no bound. */
int links_patience_ms(const struct links *links);

/* Takes new hosts, reads what there is (a bounded amount), notices who has left. */
void links_serve(struct links *links, cable_heard *heard, void *context);

/* The links as a cable; they stay the caller's. */
struct cable cable_of_links(struct links *links);

#endif
