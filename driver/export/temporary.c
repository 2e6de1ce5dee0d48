/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/temporary.h"

#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

/* A disk that keeps no nameless files (FAT): its name lives as long as these two calls. */
static int open_and_unname(const char *folder)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/.export.XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

int temporary_open(const char *folder, struct temporary *temporary, struct problem *why)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        fd = open_and_unname(folder);
    *temporary = (struct temporary){.fd = fd};
    if (fd < 0)
        return problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED,
                             "no temporary file in %.300s: %s", folder, strerror(errno));
    snprintf(temporary->path, sizeof temporary->path, "/proc/self/fd/%d", fd);
    return 0;
}

void temporary_close(struct temporary *temporary)
{
    if (temporary->fd >= 0)
        close(temporary->fd);
    *temporary = (struct temporary){.fd = -1};
}

int temporary_write(const struct temporary *temporary, const struct text *bytes,
                    struct problem *why)
{
    FILE *file = fopen(temporary->path, "wb");
    int failed = !file || fwrite(bytes->bytes, 1, bytes->n, file) != bytes->n;
    if (file)
        failed |= fclose(file) != 0;
    return failed ? problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED,
                                  "a temporary file cannot be written: %s", strerror(errno))
                  : 0;
}

int temporary_read(const struct temporary *temporary, struct text *out, struct problem *why)
{
    char bytes[16384];
    size_t n;
    FILE *file = fopen(temporary->path, "rb");
    if (!file)
        return problem(why, PROBLEM_FAILED, "a temporary file cannot be read back: %s",
                       strerror(errno));
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append(out, bytes, n);
    int failed = ferror(file);
    fclose(file);
    if (failed)
        return problem(why, PROBLEM_FAILED, "a temporary file cannot be read back");
    return out->failed ? problem_no_memory(why, "a file") : 0;
}
