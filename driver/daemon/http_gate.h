/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate before the HTTP library: it accepts connections, looks at the head of the one request
 * that each may bring (without taking it from the socket), judges it (http_head.h), and hands over
 * only what may pass; everything else is answered here and closed.
 *
 * A connection that has not shown a whole head after 5 s is closed, however busily it drips; whose
 * body is not whole 10 s after that, and whose answer is not fetched within two minutes of its
 * being ready (a stream aside: it has all the time there is), too. At most 64 connections and 16 of
 * one address; when these are used up by connections that have not yet shown a head, the oldest of
 * those gives way, so that idle ones keep nobody out. Of these 48 and 12 at most are live streams,
 * so that forgotten windows leave room for a command (stop!). One request a connection: the library
 * answers with "Connection: close", so that nothing ever comes in behind a head that was judged.
 * One thread of its own; the functions below any. */
#ifndef TENDERFOOT_DRIVER_DAEMON_HTTP_GATE_H
#define TENDERFOOT_DRIVER_DAEMON_HTTP_GATE_H

#include "driver/daemon/http_head.h"
#include "firmware/wire/problem.h"

#include <stdint.h>
#include <sys/socket.h>

enum {
    HTTP_GATE_CONNECTIONS = 64,
    HTTP_GATE_OF_ONE_ADDRESS = 16,
    HTTP_GATE_STREAMS = 48,
    HTTP_GATE_STREAMS_OF_ONE_ADDRESS = 12,
    HTTP_GATE_SOCKETS_MAX = 8, /* to listen on */
};

struct http_gate_times {
    uint32_t head_ms, body_ms, answer_ms; /* 5000, 10000, 120000 */
};
extern const struct http_gate_times http_gate_usual_times;

struct http_gate_numbers {
    uint64_t accepted, refused, dripped, crowded_out, passed;
    int open; /* now */
};

/* Takes the socket over, whatever it returns: 0 = the gate will be told of its end
 * (http_gate_closed) before it is closed; -1 = it could not be used and is closed already. */
typedef int http_gate_pass(void *context, int fd, const struct sockaddr *address, socklen_t n);

struct http_gate;

/* `listening` are bound, listening sockets; taken over. Rules and times are copied, the open paths
 * borrowed. Nothing is accepted until http_gate_run. NULL and *why: no memory or descriptors. */
struct http_gate *http_gate_create(const int *listening, int n_listening,
                                   const struct http_rules *rules,
                                   const struct http_gate_times *times, struct problem *why);
int http_gate_run(struct http_gate *gate, http_gate_pass *pass, void *context, struct problem *why);

/* Accepts no more and shuts down every connection; those handed over still tell of their end. */
void http_gate_stop(struct http_gate *gate);
void http_gate_free(struct http_gate *gate);

/* Of a connection handed over, by its descriptor. */
void http_gate_request_is_whole(struct http_gate *gate, int fd); /* now it is our time */
void http_gate_answer_is_ready(struct http_gate *gate, int fd);  /* the client's; of no stream */
void http_gate_closed(struct http_gate *gate, int fd);

/* Before a connection is closed whose answer was not fetched: what the kernel keeps of it goes at
 * once, and the client hears of it. Else it would be kept, megabytes of it, for as long as somebody
 * takes a byte now and then. */
void http_gate_leave_nothing(int fd);

struct http_gate_numbers http_gate_numbers(struct http_gate *gate);

#endif
