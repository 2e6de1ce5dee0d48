/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware/boards/host/links.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define PTY_LOOK_MS 20 /* how often a pty without a host is looked at: poll would not wait */
#define READ_AT_ONCE 4096

static void begin(struct links *links, enum links_kind kind)
{
    *links = (struct links){.kind = kind, .listener = -1, .pty = -1};
    for (int i = 0; i < LINKS_MAX; i++)
        links->fds[i] = -1;
}

static int set_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -1;
    return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* --- Opening --------------------------------------------------------------------------------- */

int links_open_fd(struct links *links, int fd, struct problem *why)
{
    begin(links, LINKS_FD);
    if (set_flags(fd))
        return problem(why, PROBLEM_FAILED, "descriptor %d cannot be used: %s", fd,
                       strerror(errno));
    links->fds[0] = fd;
    return 0;
}

/* Whether somebody answers at the socket's address. */
static int is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int served = fd >= 0 && !connect(fd, (const struct sockaddr *)address, sizeof *address);
    if (fd >= 0)
        close(fd);
    return served;
}

static int make_way(const struct sockaddr_un *address, struct problem *why)
{
    struct stat at;
    if (lstat(address->sun_path, &at))
        return 0;
    if (!S_ISSOCK(at.st_mode))
        return problem(why, PROBLEM_FAILED, "%s is there and no socket", address->sun_path);
    if (is_served(address))
        return problem(why, PROBLEM_FAILED, "another plate serves %s", address->sun_path);
    unlink(address->sun_path);
    return 0;
}

int links_open_socket(struct links *links, const char *path, struct problem *why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    begin(links, LINKS_SOCKET);
    if (strlen(path) >= sizeof address.sun_path)
        return problem(why, PROBLEM_USAGE, "socket path longer than %zu bytes: %s",
                       sizeof address.sun_path - 1, path);
    strcpy(address.sun_path, path);
    if (make_way(&address, why))
        return -1;
    links->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (links->listener < 0 ||
        bind(links->listener, (const struct sockaddr *)&address, sizeof address) ||
        listen(links->listener, LINKS_MAX))
        return problem(why, PROBLEM_FAILED, "cannot listen on %s: %s", path, strerror(errno));
    links->path = strdup(path);
    if (!links->path)
        return problem_no_memory(why, "a socket");
    snprintf(links->uri, sizeof links->uri, "stream:%s", path);
    return 0;
}

/* Raw, so that every byte goes through as it is. The other side is closed again: a pty that has
 * been open once tells when a host comes and goes. */
static int make_raw(const char *name)
{
    struct termios settings;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int bad = tcgetattr(fd, &settings);
    cfmakeraw(&settings);
    if (!bad)
        bad = tcsetattr(fd, TCSANOW, &settings);
    close(fd);
    return bad;
}

int links_open_pty(struct links *links, struct problem *why)
{
    char name[64];
    begin(links, LINKS_PTY);
    links->pty = posix_openpt(O_RDWR | O_NOCTTY);
    if (links->pty < 0 || grantpt(links->pty) || unlockpt(links->pty) ||
        ptsname_r(links->pty, name, sizeof name) || set_flags(links->pty) || make_raw(name))
        return problem(why, PROBLEM_FAILED, "no pseudo terminal: %s", strerror(errno));
    snprintf(links->uri, sizeof links->uri, "stream:%s", name);
    return 0;
}

int links_open_fifo(struct links *links, const char *path, struct problem *why)
{
    struct stat at;
    begin(links, LINKS_FIFO);
    if (mkfifo(path, 0600) && errno != EEXIST)
        return problem(why, PROBLEM_FAILED, "cannot make the FIFO %s: %s", path, strerror(errno));
    if (stat(path, &at) || !S_ISFIFO(at.st_mode))
        return problem(why, PROBLEM_FAILED, "%s is there and no FIFO", path);
    links->fds[0] = open(path, O_WRONLY | O_CLOEXEC);
    if (links->fds[0] < 0 || set_flags(links->fds[0]))
        return problem(why, PROBLEM_FAILED, "cannot write to the FIFO %s: %s", path,
                       strerror(errno));
    return 0;
}

void links_close(struct links *links)
{
    for (int i = 0; i < LINKS_MAX; i++)
        if (links->fds[i] >= 0)
            close(links->fds[i]);
    if (links->listener >= 0)
        close(links->listener);
    if (links->pty >= 0)
        close(links->pty);
    if (links->path)
        unlink(links->path);
    free(links->path);
}

/* --- Sending --------------------------------------------------------------------------------- */

size_t links_send(void *context, int link, const uint8_t *bytes, size_t n)
{
    struct links *links = context;
    if (links->fds[link] < 0 || links->gone[link])
        return n;
    ssize_t taken;
    do
        taken = links->kind == LINKS_FD || links->kind == LINKS_SOCKET
                    ? send(links->fds[link], bytes, n, MSG_NOSIGNAL)
                    : write(links->fds[link], bytes, n);
    while (taken < 0 && errno == EINTR);
    if (taken < 0 && errno == ENOTSOCK) /* --fd may be any descriptor */
        taken = write(links->fds[link], bytes, n);
    if (taken >= 0)
        return (size_t)taken;
    if (errno == EAGAIN)
        return 0;
    links->gone[link] = 1;
    return n;
}

/* --- Hosts that come and go ------------------------------------------------------------------ */

int links_alive(const struct links *links)
{
    return links->listener >= 0 || links->pty >= 0 || links->fds[0] >= 0;
}

size_t links_poll(const struct links *links, struct pollfd *entries, int want_write)
{
    size_t n = 0;
    if (links->listener >= 0)
        entries[n++] = (struct pollfd){.fd = links->listener, .events = POLLIN};
    for (int i = 0; i < LINKS_MAX; i++)
        if (links->fds[i] >= 0)
            entries[n++] = (struct pollfd){
                .fd = links->fds[i],
                .events =
                    (short)((links->kind == LINKS_FIFO ? 0 : POLLIN) | (want_write ? POLLOUT : 0)),
            };
    return n;
}

int links_patience_ms(const struct links *links)
{
    return links->pty >= 0 ? PTY_LOOK_MS : -1;
}

static void accept_hosts(struct links *links)
{
    int fd;
    while (links->listener >= 0 &&
           (fd = accept4(links->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        int i = 0;
        while (i < LINKS_MAX && links->fds[i] >= 0)
            i++;
        if (i == LINKS_MAX) {
            close(fd); /* the plate has no fifth link */
            continue;
        }
        links->fds[i] = fd;
        links->gone[i] = 0;
    }
}

/* A pty's master says POLLHUP until somebody has the other side open. What the last host left
 * unread is thrown away as far as the kernel lets us: some may be on its way already, and the next
 * host finds it in front, as on any serial line. */
static void look_for_terminal(struct links *links)
{
    struct pollfd entry = {.fd = links->pty, .events = 0};
    if (links->pty < 0 || poll(&entry, 1, 0) < 0 || entry.revents & POLLHUP)
        return;
    tcflush(links->pty, TCOFLUSH);
    links->fds[0] = links->pty;
    links->gone[0] = 0;
    links->pty = -1;
}

static void part_from(struct links *links, int link)
{
    if (links->kind == LINKS_PTY) {
        links->pty = links->fds[link];
    } else {
        close(links->fds[link]);
    }
    links->fds[link] = -1;
    links->gone[link] = 0;
}

/* One read of a link: bytes are heard; 1 when the host has left. */
static int read_link(struct links *links, int link, cable_heard *heard, void *context)
{
    uint8_t bytes[READ_AT_ONCE];
    ssize_t n = read(links->fds[link], bytes, sizeof bytes);
    if (n > 0)
        heard(context, link, bytes, (size_t)n);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* A FIFO cannot be read; that its reader has left shows as POLLERR. */
static int fifo_is_left(int fd)
{
    struct pollfd entry = {.fd = fd, .events = 0};
    return poll(&entry, 1, 0) > 0 && entry.revents & (POLLERR | POLLHUP | POLLNVAL);
}

void links_serve(struct links *links, cable_heard *heard, void *context)
{
    accept_hosts(links);
    look_for_terminal(links);
    for (int i = 0; i < LINKS_MAX; i++) {
        if (links->fds[i] < 0)
            continue;
        int left = links->kind == LINKS_FIFO ? fifo_is_left(links->fds[i])
                                             : read_link(links, i, heard, context);
        if (left || links->gone[i]) {
            heard(context, i, NULL, 0);
            part_from(links, i);
        }
    }
}

/* --- As a cable ------------------------------------------------------------------------------ */

_Static_assert(LINKS_MAX + 1 <= CABLE_POLL_MAX, "a listener and all hosts can be waited for");

/* A unix socket tells; what does not tell counts as read. */
static int has_unread(const void *own)
{
    const struct links *links = own;
    int n, is_socket = links->kind == LINKS_FD || links->kind == LINKS_SOCKET;
    for (int i = 0; is_socket && i < LINKS_MAX; i++)
        if (links->fds[i] >= 0 && !links->gone[i] && !ioctl(links->fds[i], SIOCOUTQ, &n) && n > 0)
            return 1;
    return 0;
}

static int is_alive(const void *own)
{
    return links_alive(own);
}

static size_t poll_entries(const void *own, struct pollfd *entries, int want_write)
{
    return links_poll(own, entries, want_write);
}

static int patience_ms(const void *own)
{
    return links_patience_ms(own);
}

static void serve_hosts(void *own, cable_heard *heard, void *context)
{
    links_serve(own, heard, context);
}

struct cable cable_of_links(struct links *links)
{
    return (struct cable){.own = links,
                          .alive = is_alive,
                          .poll = poll_entries,
                          .patience_ms = patience_ms,
                          .serve = serve_hosts,
                          .has_unread = has_unread};
}
