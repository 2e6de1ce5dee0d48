/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transport: bytes to and from one plate, named by a URI (README: "How a plate is named").
 *
 * Nothing blocks. `transport_fd` is one descriptor that poll() reports readable when
 * transport_read has something to say (a transport with several inside gives an epoll descriptor).
 * One thread a handle. */
#ifndef TENDERFOOT_DRIVER_TRANSPORT_H
#define TENDERFOOT_DRIVER_TRANSPORT_H

#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct transport;

/* Opens "scheme:address". NULL and *why: unknown scheme (usage), no plate or no permission
 * (failed), busy (failed). */
struct transport *transport_open(const char *uri, struct problem *why);
void transport_close(struct transport *transport);

int transport_fd(const struct transport *transport);

/* Bytes read; 0 = nothing now; -1 = the plate has left (PROBLEM_DEVICE_LOST) or its stream has
 * ended, *why says which and how. */
ssize_t transport_read(struct transport *transport, uint8_t *bytes, size_t cap,
                       struct problem *why);

/* Bytes taken (maybe fewer than n); 0 = none now; -1 as above. A transport with no way back to the
 * plate (a FIFO, a replay) takes all and forgets it: see transport_is_one_way. */
ssize_t transport_write(struct transport *transport, const uint8_t *bytes, size_t n,
                        struct problem *why);
int transport_is_one_way(const struct transport *transport);

#endif
