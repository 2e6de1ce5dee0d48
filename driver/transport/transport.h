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

/* Opens "scheme:address". NULL and *why: unknown scheme or option (usage), no plate or no
 * permission (failed), busy (failed), a replayed file that is no recording (refused). */
struct transport *transport_open(const char *uri, struct problem *why);
void transport_close(struct transport *transport);

int transport_fd(const struct transport *transport);

/* Bytes read; 0 = nothing now; -1 = the plate has left (PROBLEM_DEVICE_LOST) or its stream has
 * ended, *why says which and how. A virtual plate that could not even begin gives the kind its own
 * program ended with instead. */
ssize_t transport_read(struct transport *transport, uint8_t *bytes, size_t cap,
                       struct problem *why);

/* Bytes taken (maybe fewer than n); 0 = none now; -1 as above. A transport with no way back to the
 * plate (a FIFO, a replay) takes all and forgets it: see transport_is_one_way. */
ssize_t transport_write(struct transport *transport, const uint8_t *bytes, size_t n,
                        struct problem *why);
int transport_is_one_way(const struct transport *transport);

/* Whether a plate of this transport that has left may come back: see transport_rejoin. */
int transport_can_rejoin(const struct transport *transport);

/* After "the plate has left" (or while it is there and silent for good: then the transport lets go
 * of it first): a plate that can be told from all others (USB, USB serial: by its
 * serial number, never by the port it was on) may come back. 1 = that very plate is there again and
 * open, nothing said to it yet; 0 = not yet, also while another program has it or the system has
 * not yet permitted it: transport_fd (ask for it anew, it may be another number) is readable when
 * it is worth asking again, a second later it is in any case; *why stays as it was, or says what is
 * in the way now; -1 = it will not (the kind cannot tell who it is, or something stands in the way
 * that waiting does not cure), *why says which. */
int transport_rejoin(struct transport *transport, struct problem *why);

/* Something should have come for 2.5 s and nothing has: takes the next rung of what may help (USB:
 * clear the halts, open anew, reset the device, that at most every 10 s). 0, also when there is
 * nothing to try; -1 = it has left, as from a read. */
int transport_nudge(struct transport *transport, struct problem *why);

/* Whether the place is known, without opening it, to be a plate (by its USB ids and its vendor
 * interface's class): opening it then disturbs nobody else's device. 0 when it is not known. */
int transport_is_plate(const char *uri);

/* Whether the URI has the form of one, before anything else is asked for; nothing is opened. 0, or
 * -1 (usage) as transport_open. */
int transport_check(const char *uri, struct problem *why);

/* The URI, and once the plate is known by its serial number, that of this very plate
 * ("usb:" becomes "usb:TF-0042"). Valid until closed. */
const char *transport_name(const struct transport *transport);

/* What hindered nothing, but should be known to whoever records (a system short of memory for USB);
 * "" = nothing. Valid until closed. */
const char *transport_notice(const struct transport *transport);

/* How long the plate behind it may take to say its first word, in ms: a virtual or emulated one has
 * to start first. */
int transport_patience_ms(const struct transport *transport);

/* The kinds, for listing: 1 and the kind's texts, or 0 past the last one. */
struct transport_about {
    const char *scheme;  /* "serial" */
    const char *form;    /* "serial:DEVICE[?baud=N]" */
    const char *summary; /* one line */
};
int transport_about(size_t i, struct transport_about *about);

/* Calls `found` for each place where a plate may be plugged in, without opening any: its URI, what
 * the system knows of it, and what stands in the way ("" when nothing does). 0, or -1 when a kind
 * could not look. The strings live as long as the call. */
typedef void transport_found(void *context, const char *uri, const char *description,
                             const char *obstacle);
int transport_list(transport_found *found, void *context, struct problem *why);

/* Tells when it is worth listing anew, for whoever shows what is plugged in. The descriptor becomes
 * readable when a plate is plugged in or pulled, and once a second in any case (a serial port is
 * told of by nobody); has_news then takes that back: 1 = list anew, 0 = it was something else. NULL
 * = no memory or descriptors. *why is set as well when there is a watch but plugging is not told
 * of, only the second; else its kind is PROBLEM_NONE. One thread. */
struct transport_watch;
struct transport_watch *transport_watch_open(struct problem *why);
int transport_watch_fd(const struct transport_watch *watch);
int transport_watch_has_news(struct transport_watch *watch);
void transport_watch_close(struct transport_watch *watch);

#endif
