/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/press_keys.h"

#include "analysis/press/protocol.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define ESCAPE '\033'

static int meaning(char c)
{
    switch (c) {
    case ' ':
    case '\r':
    case '\n':
        return PRESS_KEY_GO;
    case 's':
    case 'S':
        return PRESS_KEY_STOP;
    case 'k':
    case 'K':
        return PRESS_KEY_SKIP;
    case 'q':
    case 'Q':
        return PRESS_KEY_END;
    default:
        return c >= '0' && c <= '4' ? PRESS_KEY_SCALE_0 + (c - '0') : PRESS_KEYS_NONE;
    }
}

/* 1 and a byte; 0 = none now; -1 = hung up. */
static int read_byte(int fd, char *c)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (fd < 0)
        return -1;
    for (;;) {
        int n = poll(&ready, 1, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return 0;
        ssize_t got = read(fd, c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return 0;
        return got == 1 ? 1 : -1;
    }
}

/* An escape alone is the key of that name; with more behind it, an arrow or the like. */
int press_keys_read(int fd)
{
    char c;
    int got, is_escaped = 0, behind = 0;
    while ((got = read_byte(fd, &c)) > 0) {
        behind += is_escaped;
        is_escaped |= c == ESCAPE;
        int key = is_escaped ? PRESS_KEYS_NONE : meaning(c);
        if (key != PRESS_KEYS_NONE)
            return key;
    }
    if (is_escaped && !behind)
        return PRESS_KEY_STOP;
    return got < 0 ? PRESS_KEYS_GONE : PRESS_KEYS_NONE;
}
