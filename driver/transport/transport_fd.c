/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the transports over one plain descriptor share. */
#include "driver/transport/transport_private.h"

#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static int left(const struct transport *transport, const char *how, struct problem *why)
{
    return problem(why, PROBLEM_DEVICE_LOST, "the plate has left: %s (%s)", transport->name, how);
}

ssize_t transport_fd_read(struct transport *transport, uint8_t *bytes, size_t cap,
                          struct problem *why)
{
    ssize_t n = read(transport->fd, bytes, cap);
    if (n > 0)
        return n;
    if (n == 0)
        return left(transport, "its end of the line is closed", why);
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    return left(transport, strerror(errno), why);
}

ssize_t transport_fd_write(struct transport *transport, const uint8_t *bytes, size_t n,
                           struct problem *why)
{
    /* send() so that a closed socket is an error here and not a signal to the process. */
    ssize_t taken = send(transport->fd, bytes, n, MSG_NOSIGNAL);
    if (taken < 0 && errno == ENOTSOCK)
        taken = write(transport->fd, bytes, n);
    if (taken >= 0)
        return taken;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    return left(transport, strerror(errno), why);
}

void transport_fd_close(struct transport *transport)
{
    if (transport->fd >= 0)
        close(transport->fd);
    transport->fd = -1;
}

int transport_fd_claim(struct transport *transport, struct problem *why)
{
    if (flock(transport->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
        return transport_open_problem(transport->name, EBUSY, why);
    return 0;
}

int transport_fd_raw(struct transport *transport, const char *path, struct problem *why)
{
    struct termios settings;
    if (tcgetattr(transport->fd, &settings))
        return transport_open_problem(path, errno, why);
    cfmakeraw(&settings);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (tcsetattr(transport->fd, TCSANOW, &settings))
        return transport_open_problem(path, errno, why);
    return 0;
}

int transport_open_problem(const char *path, int error, struct problem *why)
{
    switch (error) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case EIO: /* a pty whose other end is gone */
    case ECONNREFUSED:
        return problem_coded(why, PROBLEM_CODE_PLATE_AWAY, PROBLEM_FAILED,
                             "no plate at %s (%s); 'tenderfoot devices' lists what can be reached",
                             path, strerror(error));
    case EACCES:
    case EPERM:
        return problem_coded(
            why, PROBLEM_CODE_PLATE_FORBIDDEN, PROBLEM_FAILED,
            "no permission to open %s; let this user into the group that owns it "
            "('ls -l' shows it, for serial ports: sudo adduser \"$USER\" dialout) and "
            "log in again",
            path);
    case EBUSY:
    case EAGAIN:
        return problem_coded(why, PROBLEM_CODE_PLATE_TAKEN, PROBLEM_FAILED,
                             "another program has the plate at %s; end that program first", path);
    default:
        return problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", path, strerror(error));
    }
}
