/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread that hangs while all others go on, preloaded into a program that knows nothing of it:
 * from when the file $STALLED_THREAD/NAME is there, the thread of that name never comes back from
 * poll(2), as one that waits for a lock which nobody gives back. */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int is_told(void)
{
    const char *folder = getenv("STALLED_THREAD");
    char name[16], path[500];
    if (!folder || pthread_getname_np(pthread_self(), name, sizeof name))
        return 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return !access(path, F_OK);
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    static int (*real)(struct pollfd *, nfds_t, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "poll");
    while (is_told())
        pause();
    return real(fds, n, timeout_ms);
}
