/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/notify.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_system(const char *state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t n = path ? strlen(path) : 0;
    if (n < 2 || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return 0;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@') /* an abstract name begins with NUL */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to, size);
    close(fd);
    return sent == (ssize_t)strlen(state);
}

static int is_for_us(const char *pid)
{
    return pid && strtol(pid, NULL, 10) == (long)getpid();
}

uint64_t notify_watchdog_us(void)
{
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!us || (pid && !is_for_us(pid)))
        return 0;
    return strtoull(us, NULL, 10);
}

int notify_sockets(int most)
{
    const char *n = getenv("LISTEN_FDS");
    long count = n && is_for_us(getenv("LISTEN_PID")) ? strtol(n, NULL, 10) : 0;
    if (count < 0 || count > most)
        count = count < 0 ? 0 : most;
    for (int fd = 3; fd < 3 + (int)count; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    return (int)count;
}
