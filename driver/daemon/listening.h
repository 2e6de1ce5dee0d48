/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the daemon listens, under which names it answers, and with which token. One thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_LISTENING_H
#define TENDERFOOT_DRIVER_DAEMON_LISTENING_H

#include "driver/daemon/http_gate.h"

struct listening {
    int fd[HTTP_GATE_SOCKETS_MAX], n;
    char url[96]; /* "http://127.0.0.1:8631/" of the first one on loopback; "" = none is */
};

/* Binds "ADDRESS:PORT" ("[::1]:8631", "127.0.0.1:0": any free port) and adds its names to the
 * rules. An address beyond loopback is refused unless `beyond_loopback`, and adds none: it answers
 * to what listening_allow_host names. */
int listening_bind(struct listening *listening, const char *address, int beyond_loopback,
                   struct http_rules *rules, struct problem *why);

/* Takes a socket over that is bound and listening already (socket activation): TCP beyond loopback
 * as above; a unix socket answers to "localhost". */
int listening_adopt(struct listening *listening, int fd, int beyond_loopback,
                    struct http_rules *rules, struct problem *why);

/* A further name that browsers may ask under: "station.example:443". */
int listening_allow_host(struct http_rules *rules, const char *host, struct problem *why);

/* 256 random bits as hexadecimal digits, or those of a file, which is made (0600) when it is not
 * there yet. path NULL = new ones. */
int listening_token(char token[HTTP_TOKEN_SIZE + 1], const char *path, struct problem *why);

#endif
