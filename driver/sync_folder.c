/* SPDX-License-Identifier: MIT */
#include "driver/sync_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sync_folder_of(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash == path ? 1 : slash - path), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES) {
        sync(); /* one may write in it and not read it, so it cannot be named to fsync() */
        return 0;
    }
    if (fd < 0)
        return -1;
    int bad = fsync(fd) && errno != EINVAL && errno != EROFS ? -1 : 0;
    int error = errno;
    close(fd);
    errno = error;
    return bad;
}
