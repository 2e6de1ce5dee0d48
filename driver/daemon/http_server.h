/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP over libmicrohttpd, behind the gate (http_gate.h): a table of routes, each a function from a
 * request to a reply.
 *
 * One thread a connection, so that a route may take its time and a live stream may wait for news
 * without anybody else waiting. Every reply closes its connection and carries the same headers: no
 * caching, no sniffing, no framing, no referrer, a content policy without inline script. */
#ifndef TENDERFOOT_DRIVER_DAEMON_HTTP_SERVER_H
#define TENDERFOOT_DRIVER_DAEMON_HTTP_SERVER_H

#include "driver/daemon/http_gate.h"
#include "firmware/wire/problem_code.h"

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

enum { HTTP_NAMES_MAX = 3 };

struct http_request {
    enum http_method method;
    const char *path;
    const char *name[HTTP_NAMES_MAX]; /* what stands for each {} of the route; http_is_name */
    json_t *body;                     /* of a POST: the object, {} without a body */
    void *connection;                 /* the library's; for http_query */
    int link;                         /* the connection's socket; borrowed */
};

/* The value of ?key=value, or NULL. */
const char *http_query(const struct http_request *request, const char *key);

/* What a route says. Zeroed at the call; exactly one of the functions below fills it. */
struct http_reply {
    int status, code; /* enum problem_code of a problem */
    const char *type;
    char *bytes; /* owned unless `is_borrowed` */
    size_t n;
    int is_borrowed;
    int fd; /* a file, sent as it is; owned */
    off_t n_file;
    char download[80]; /* "" = shown */
    char cookie[200];  /* "" = none */
    int has_own_style; /* a page that stands alone: styles and pictures within it, and no script */
    ssize_t (*read)(void *context, char *out, size_t cap);
    void (*end)(void *context);
    void *context;
};

/* Take the document over; NULL is told as 500. */
void http_reply_json(struct http_reply *reply, int status, json_t *document);
/* {"schema": "tenderfoot/problem/1", "problem": ..., "code": ...} (enum problem_code; its name, or
 * null for none); the sentence as http_words.h says it */
void http_reply_coded(struct http_reply *reply, int status, int code, const char *text);
void http_reply_problem(struct http_reply *reply, int status, const char *text); /* no code */
void http_reply_no_memory(struct http_reply *reply);
/* Status by the kind: usage 400 (also an empty text that must not be), refused 409, device lost and
 * failed 500. A person or session of the path that is not there becomes 404. */
void http_reply_why(struct http_reply *reply, const struct problem *why);
void http_reply_bytes(struct http_reply *reply, const char *type, const void *bytes, size_t n);
/* malloc'ed bytes, taken over. */
void http_reply_owned(struct http_reply *reply, const char *type, char *bytes, size_t n);
/* An open file, taken over; offered for saving under that name. */
void http_reply_file(struct http_reply *reply, const char *type, int fd, const char *download);
/* Server-sent events: `read` may wait, gives bytes, 0 = nothing for now, -1 = the end, -2 = it
 * broke off, which the client sees (the connection ends before the answer does). */
void http_reply_stream(struct http_reply *reply, ssize_t (*read)(void *, char *, size_t),
                       void (*end)(void *), void *context);

struct http_route {
    const char *method; /* "GET" (HEAD comes with it) or "POST" */
    const char *path;   /* "/api/v1/plates/{}/live" */
    void (*answer)(void *station, const struct http_request *request, struct http_reply *reply);
};

/* Whether a path is of a route; fills the names (cut from `room`, which is changed). */
int http_route_fits(const char *route, char *room, const char *names[HTTP_NAMES_MAX]);

struct http_server;

/* Serves at once. The gate is borrowed; routes end with a NULL path and live as long. */
struct http_server *http_server_start(struct http_gate *gate, const struct http_route *routes,
                                      void *station, struct problem *why);
/* The gate is stopped first: then nothing new comes. */
void http_server_stop(struct http_server *server);

#endif
