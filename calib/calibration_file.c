/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration files on the disk: read whole, written whole. */
#include "calib/calibration.h"

#include "calib/calibration_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Reading ---------------------------------------------------------------------------------- */

/* A regular file. Not blocking, so that a FIFO of that name cannot hold us. */
static FILE *open_file(const char *path, struct stat *st, struct problem *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    FILE *file = fd < 0 || fstat(fd, st) ? NULL : fdopen(fd, "rb");
    if (!file) {
        problem(why, PROBLEM_FAILED, "%s cannot be opened: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (S_ISREG(st->st_mode))
        return file;
    problem(why, PROBLEM_REFUSED, "%s is not a regular file", path);
    fclose(file);
    return NULL;
}

/* Reads at most CALIBRATION_FILE_MAX + 1 bytes; parse refuses when it is more than the most. */
static void *read_file(const char *path, size_t *n, struct problem *why)
{
    struct stat st;
    FILE *file = open_file(path, &st, why);
    if (!file)
        return NULL;
    size_t cap = st.st_size < (off_t)CALIBRATION_FILE_MAX ? (size_t)st.st_size + 1
                                                          : CALIBRATION_FILE_MAX + 1;
    void *bytes = malloc(cap);
    if (!bytes) {
        problem_no_memory(why, "a calibration");
    } else {
        *n = fread(bytes, 1, cap, file);
        if (ferror(file)) {
            problem(why, PROBLEM_FAILED, "%s cannot be read: %s", path, strerror(errno));
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(file);
    return bytes;
}

struct calibration *calibration_load(const char *path, void **bytes, size_t *n_bytes,
                                     struct problem *why)
{
    size_t n = 0;
    void *text = read_file(path, &n, why);
    struct calibration *c = text ? calibration_parse(text, n, path, why) : NULL;
    if (bytes)
        *bytes = NULL;
    if (c && bytes) {
        *bytes = text;
        *n_bytes = n;
        return c;
    }
    free(text);
    return c;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int write_and_sync(int fd, const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t done = write(fd, text + at, n - at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        at += (size_t)done;
    }
    return fsync(fd);
}

static void sync_folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[1] = 0;
    int fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Under a name of its own beside `path` first: what carries the name is always whole. */
static int write_file(const char *path, const char *text, size_t n, struct problem *why)
{
    size_t size = strlen(path) + 40;
    char *temporary = malloc(size);
    if (!temporary)
        return problem_no_memory(why, "a file name");
    snprintf(temporary, size, "%s.partial-%ld", path, (long)getpid());
    unlink(temporary);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    int bad = fd < 0 || write_and_sync(fd, text, n), error = errno;
    if (fd >= 0 && close(fd) && !bad) {
        bad = 1;
        error = errno;
    }
    if (!bad && rename(temporary, path)) {
        bad = 1;
        error = errno;
    }
    if (bad) {
        unlink(temporary);
        problem(why, PROBLEM_FAILED, "%s cannot be written: %s", path, strerror(error));
    } else {
        sync_folder_of(temporary);
    }
    free(temporary);
    return bad ? -1 : 0;
}

/* A device would become a file, and a recording is never the price of a number. */
static int check_replaced(const char *path, struct problem *why)
{
    char start[4] = "";
    struct stat old;
    if (stat(path, &old))
        return 0;
    if (!S_ISREG(old.st_mode))
        return problem(why, PROBLEM_FAILED, "%s is no ordinary file; name another one", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof start);
    if (fd >= 0)
        close(fd);
    return n == sizeof start && !memcmp(start, "TFT1", sizeof start)
               ? problem(why, PROBLEM_FAILED,
                         "%s is a recording and is not overwritten; name another file", path)
               : 0;
}

int calibration_write(const char *path, const struct calibration_spec *spec, struct problem *why)
{
    size_t n;
    char *text = check_replaced(path, why) ? NULL : calibration_format(spec, &n, why);
    if (!text)
        return -1;
    int result = write_file(path, text, n, why);
    free(text);
    return result;
}
