/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's end of a link to one plate: a transport, the stream of messages that comes out of it,
 * and the commands that go in. What came is pulled one thing at a time, so that a conversation
 * reads like one; nothing that came is ever dropped unseen. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_HOST_LINK_H
#define TENDERFOOT_DRIVER_HOST_LINK_H

#include "firmware/wire/payloads.h"
#include "firmware/wire/problem.h"
#include "firmware/wire/wire.h"

#include <stddef.h>
#include <stdint.h>

struct host_link;
struct transport;

/* Opens the plate's URI (transport.h); nothing is said to it yet. NULL and *why on failure. */
struct host_link *host_link_open(const char *uri, struct problem *why);
/* The same over a transport that is open already; it is taken over, and closed on failure too. */
struct host_link *host_link_over(struct transport *transport, struct problem *why);
void host_link_close(struct host_link *link);

int host_link_is_one_way(const struct host_link *link);

/* As transport_notice. */
const char *host_link_notice(const struct host_link *link);

enum host_link_news {
    HOST_LINK_LEFT = -1,   /* the plate has left and all it had sent is given; *why says how */
    HOST_LINK_QUIET = 0,   /* nothing until the deadline */
    HOST_LINK_MESSAGE = 1, /* `message` and its `bytes` */
    HOST_LINK_DAMAGE =
        2, /* `n_bytes` that were no message; `message` is its header if has_header */
    HOST_LINK_TOO_NEW = 3, /* a whole message of a newer major version; as MESSAGE */
    HOST_LINK_STOP = 4,    /* stop_fd became readable */
};

struct host_link_item {
    struct wire_message message; /* payload valid until the next call on this link */
    const uint8_t *bytes;        /* the whole message as it came; NULL for damage */
    size_t n_bytes;
    uint64_t host_us; /* CLOCK_MONOTONIC when its last byte was read */
    int has_header;
};

/* The next thing that came; waits until deadline_us (host clock; 0 = do not wait). stop_fd (-1 =
 * none) is watched as well and only looked at, never read. Bytes that no message follows are told
 * with the next message or at the end. */
enum host_link_news host_link_next(struct host_link *link, uint64_t deadline_us, int stop_fd,
                                   struct host_link_item *item, struct problem *why);

/* Whoever must know that this thread goes round whatever it waits for (a watchdog) is told at each
 * look for bytes, at least once a second; NULL = nobody. */
void host_link_on_turn(struct host_link *link, void (*turn)(void *context), void *context);

/* Queues a command; `command->request` is filled in with a new number, unless it is not 0: then it
 * is the same request again. Sent as soon as the plate takes it. On a one-way link nothing is
 * sent. 0, or -1 when the queue of a plate that takes nothing is full. */
int host_link_command(struct host_link *link, uint8_t type, struct wire_command *command,
                      struct problem *why);

/* Says an annotation (NUL-terminated JSON) to a plate whose person can hear; as of this device
 * time. Not done on a one-way link. 0, or -1 as host_link_command. */
int host_link_say(struct host_link *link, uint64_t device_us, const char *json,
                  struct problem *why);

/* Asks who is there (one-way: waits to be told), again each half second, and checks that we can
 * speak with it: *hello and the HELLO itself in *item. Frames that come before are skipped.
 * Problems: no answer (failed); nonsense for 3 s, another protocol version, a geometry out of
 * bounds (refused, saying what was seen); busy (failed); interrupted by stop_fd (failed). */
int host_link_hello(struct host_link *link, int patience_ms, int stop_fd,
                    struct host_link_item *item, struct wire_hello *hello, struct problem *why);

/* --- A plate that comes back ------------------------------------------------------------------ */

int host_link_can_rejoin(const struct host_link *link);

/* Counts a plate that is silent for good as one that has left: host_link_next gives what is left of
 * its bytes, and then LEFT with this problem. */
void host_link_give_up(struct host_link *link, const struct problem *why);

/* After LEFT: 1 = that very plate is there again and open, nothing is said to it yet, and the link
 * begins anew; 0 = not yet; -1 = it will not come, *why says why. See transport_rejoin. */
int host_link_rejoin(struct host_link *link, struct problem *why);

/* Waits while the plate is away: MESSAGE when it is worth asking host_link_rejoin again, STOP when
 * stop_fd became readable, QUIET at the deadline. */
enum host_link_news host_link_wait_away(struct host_link *link, uint64_t deadline_us, int stop_fd);

/* Something should have come and has not: the transport tries what may help (transport_nudge).
 * A plate that is found to have left is told by the next host_link_next. */
void host_link_nudge(struct host_link *link);

enum host_link_greeting {
    HOST_LINK_GREETED,     /* *hello and *item */
    HOST_LINK_NO_ANSWER,   /* *why says what there was instead */
    HOST_LINK_REFUSED,     /* one we cannot speak with */
    HOST_LINK_GONE,        /* it has left */
    HOST_LINK_INTERRUPTED, /* by stop_fd */
};

/* As host_link_hello, for a plate that has just come back: asks each 150 ms, because it may still
 * be starting and each moment of the recording counts. */
enum host_link_greeting host_link_hello_again(struct host_link *link, int patience_ms, int stop_fd,
                                              struct host_link_item *item, struct wire_hello *hello,
                                              struct problem *why);

/* The transport's own patience, for host_link_hello. */
int host_link_patience_ms(const struct host_link *link);

/* Why a command was not done, by the ACK's status: always -1. `what` is "START". */
int host_link_ack_problem(const struct host_link *link, const struct wire_ack *ack,
                          const char *what, struct problem *why);

#endif
