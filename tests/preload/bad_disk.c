/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that misbehaves when it is told to, preloaded into a program that knows nothing of it:
 * while the file $BAD_DISK/frozen is there, writes and syncs of recordings wait; while
 * $BAD_DISK/full is there, they fail with ENOSPC. Only files named *.tfr are meant, so that the
 * rest of the program goes on. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_told(const char *what)
{
    const char *folder = getenv("BAD_DISK");
    char path[500];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", what);
    return folder && !access(path, F_OK);
}

static int is_recording(int fd)
{
    char link[64], path[600];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return n > 4 && !memcmp(path + n - 4, ".tfr", 4);
}

/* -1 = it is full. */
static int suffer(int fd)
{
    if (!is_recording(fd))
        return 0;
    while (is_told("frozen"))
        usleep(10000);
    if (!is_told("full"))
        return 0;
    errno = ENOSPC;
    return -1;
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "writev");
    return suffer(fd) ? -1 : real(fd, parts, n);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    return suffer(fd) ? -1 : real(fd);
}
