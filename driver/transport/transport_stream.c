/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream:PATH, where PATH is a pty, a FIFO or a unix socket; what it is decides how it is opened.
 * A FIFO goes one way: its plate begins by itself. */
#include "driver/transport/transport_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(struct transport *transport, const char *path, struct problem *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return problem(why, PROBLEM_USAGE, "%s is too long for a unix socket's path (%zu at most)",
                       path, sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    transport->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (transport->fd < 0 ||
        connect(transport->fd, (const struct sockaddr *)&address, sizeof address))
        return transport_open_problem(path, errno, why);
    return 0;
}

static int open_tty(struct transport *transport, const char *path, struct problem *why)
{
    transport->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (transport->fd < 0)
        return transport_open_problem(path, errno, why);
    if (!isatty(transport->fd))
        return problem(why, PROBLEM_USAGE,
                       "%s is a device, but no terminal line: no plate is there", path);
    return transport_fd_claim(transport, why) ? -1 : transport_fd_raw(transport, path, why);
}

static int open_fifo(struct transport *transport, const char *path, struct problem *why)
{
    transport->one_way = 1;
    transport->patience_ms = TRANSPORT_START_PATIENCE_MS;
    transport->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (transport->fd < 0)
        return transport_open_problem(path, errno, why);
    return transport_fd_claim(transport, why);
}

static int open_path(struct transport *transport, const char *path, struct problem *why)
{
    struct stat what;
    if (stat(path, &what))
        return transport_open_problem(path, errno, why);
    if (S_ISSOCK(what.st_mode))
        return open_socket(transport, path, why);
    if (S_ISFIFO(what.st_mode))
        return open_fifo(transport, path, why);
    if (S_ISCHR(what.st_mode))
        return open_tty(transport, path, why);
    return problem(why, PROBLEM_USAGE,
                   "%s is neither a pty, a FIFO nor a socket; a recording is played by replay:%s",
                   path, path);
}

static int stream_open(struct transport *transport, const char *address, struct problem *why)
{
    char *path = transport_address(address, NULL, NULL, 0, why);
    if (!path)
        return -1;
    int bad = open_path(transport, path, why);
    free(path);
    return bad;
}

/* A FIFO without a writer reads as its end. It has only ended if a writer was there before, and
 * then, and only then, poll() says POLLHUP. */
static int waits_for_writer(const struct transport *transport)
{
    struct pollfd now = {.fd = transport->fd, .events = POLLIN};
    return transport->one_way && poll(&now, 1, 0) >= 0 && !(now.revents & POLLHUP);
}

static ssize_t stream_read(struct transport *transport, uint8_t *bytes, size_t cap,
                           struct problem *why)
{
    ssize_t n = transport_fd_read(transport, bytes, cap, why);
    return n < 0 && waits_for_writer(transport) ? 0 : n;
}

const struct transport_kind transport_stream = {
    .about = {"stream", "stream:PATH", "a pty, FIFO or unix socket (an emulated or virtual plate)"},
    .open = stream_open,
    .read = stream_read,
    .write = transport_fd_write,
    .close = transport_fd_close,
};
