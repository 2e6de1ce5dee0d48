/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/plug.h"

#include "driver/transport/transport_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct plug {
    pthread_mutex_t lock;
    int waiting_fd; /* the host's end of what is plugged in and not open yet, or -1 */
    int bell_fd;    /* readable when something has been plugged in */
    int refuses;
    unsigned rejoins, nudges;
};

struct plug *plug_make(void)
{
    struct plug *plug = calloc(1, sizeof *plug);
    if (!plug)
        abort();
    pthread_mutex_init(&plug->lock, NULL);
    plug->waiting_fd = -1;
    plug->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return plug;
}

void plug_free(struct plug *plug)
{
    if (plug->waiting_fd >= 0)
        close(plug->waiting_fd);
    close(plug->bell_fd);
    pthread_mutex_destroy(&plug->lock);
    free(plug);
}

int plug_in(struct plug *plug)
{
    int ends[2];
    uint64_t one = 1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends))
        abort();
    pthread_mutex_lock(&plug->lock);
    if (plug->waiting_fd >= 0)
        close(plug->waiting_fd);
    plug->waiting_fd = ends[0];
    pthread_mutex_unlock(&plug->lock);
    if (write(plug->bell_fd, &one, sizeof one) != sizeof one)
        abort();
    return ends[1];
}

void plug_refuse(struct plug *plug, int for_good)
{
    pthread_mutex_lock(&plug->lock);
    plug->refuses = for_good;
    pthread_mutex_unlock(&plug->lock);
}

static unsigned look(struct plug *plug, const unsigned *count)
{
    pthread_mutex_lock(&plug->lock);
    unsigned now = *count;
    pthread_mutex_unlock(&plug->lock);
    return now;
}

unsigned plug_rejoins(struct plug *plug)
{
    return look(plug, &plug->rejoins);
}

unsigned plug_nudges(struct plug *plug)
{
    return look(plug, &plug->nudges);
}

/* --- The transport --------------------------------------------------------------------------- */

static _Thread_local struct plug *opening; /* what plug_open is at */

static int take(struct transport *transport, struct plug *plug)
{
    uint64_t rings;
    pthread_mutex_lock(&plug->lock);
    int fd = plug->waiting_fd;
    plug->waiting_fd = -1;
    pthread_mutex_unlock(&plug->lock);
    if (read(plug->bell_fd, &rings, sizeof rings) < 0)
        rings = 0;
    if (fd >= 0)
        transport->fd = fd;
    return fd >= 0;
}

static int plug_kind_open(struct transport *transport, const char *address, struct problem *why)
{
    transport->own = opening;
    return take(transport, opening) ? 0 : transport_open_problem(address, ENOENT, why);
}

static int plug_kind_rejoin(struct transport *transport, struct problem *why)
{
    struct plug *plug = transport->own;
    if (transport->fd != plug->bell_fd)
        close(transport->fd);
    transport->fd = plug->bell_fd;
    pthread_mutex_lock(&plug->lock);
    plug->rejoins++;
    int refuses = plug->refuses;
    pthread_mutex_unlock(&plug->lock);
    if (refuses)
        return problem(why, PROBLEM_DEVICE_LOST, "the socket in the wall has come off");
    return take(transport, plug);
}

static int plug_kind_nudge(struct transport *transport, struct problem *why)
{
    struct plug *plug = transport->own;
    (void)why;
    pthread_mutex_lock(&plug->lock);
    plug->nudges++;
    pthread_mutex_unlock(&plug->lock);
    return 0;
}

static void plug_kind_close(struct transport *transport)
{
    const struct plug *plug = transport->own;
    if (transport->fd >= 0 && transport->fd != plug->bell_fd)
        close(transport->fd);
}

static const struct transport_kind plug_kind = {
    .about = {"plug", "plug:", "a test's own"},
    .open = plug_kind_open,
    .read = transport_fd_read,
    .write = transport_fd_write,
    .close = plug_kind_close,
    .rejoin = plug_kind_rejoin,
    .nudge = plug_kind_nudge,
};

struct transport *plug_open(struct plug *plug, struct problem *why)
{
    opening = plug;
    return transport_open_as(&plug_kind, "plug:", "", why);
}
