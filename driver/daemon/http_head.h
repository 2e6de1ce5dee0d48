/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of an HTTP request, judged from its raw bytes before any library sees them.
 *
 * Stricter than HTTP/1.1 asks: what a browser, curl or a script with care sends passes; whatever
 * two parsers could read in two ways is refused (request smuggling, bare line feeds, a second Host
 * or length, folded headers, escapes in the path). Then who may ask: the Host must be one of a
 * fixed list (rebinding), nothing may come from another site's page, and all but the page itself
 * needs the token. driver/daemon/README.md lists the rules. Pure, no
 * allocation; any thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_HTTP_HEAD_H
#define TENDERFOOT_DRIVER_DAEMON_HTTP_HEAD_H

#include <stddef.h>

enum {
    HTTP_HEAD_MAX = 8192,   /* bytes, the empty line included */
    HTTP_BODY_MAX = 65536,  /* bytes */
    HTTP_TARGET_MAX = 1024, /* bytes of path and query */
    HTTP_HEADERS_MAX = 64,
    HTTP_TOKEN_SIZE = 64, /* 256 bits as lower-case hexadecimal digits */
    HTTP_HOSTS_MAX = 16,
};

#define HTTP_COOKIE "tenderfoot"

struct http_rules {
    char hosts[HTTP_HOSTS_MAX][80]; /* "127.0.0.1:8080", lower case */
    int n_hosts;
    char token[HTTP_TOKEN_SIZE + 1];
    const char *const *open_paths; /* served without the token; NULL-terminated */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST };

struct http_head {
    enum http_method method;
    char path[HTTP_TARGET_MAX + 1];
    size_t size;        /* of the head itself */
    size_t body_length; /* 0 when there is none */
};

/* 0: the head is not whole yet. 200: it may pass, *head is filled. Else the status to answer, and
 * *reason one sentence (static) for the body. More than HTTP_HEAD_MAX bytes without an end is 431.
 */
int http_head_judge(const char *bytes, size_t n, const struct http_rules *rules,
                    struct http_head *head, const char **reason);

/* 1 when both are n bytes and equal; takes as long for any content. */
int http_same_secret(const char *a, const char *b, size_t n);

/* 1 when `name` is 1 to 64 of A-Z a-z 0-9 _ - : what may name a plate or a recording. */
int http_is_name(const char *name);

#endif
