/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/temporary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int temporary_make(struct temporary *temporary, struct problem *why)
{
    const char *where = getenv("TMPDIR");
    snprintf(temporary->folder, sizeof temporary->folder, "%.3900s/tenderfoot-XXXXXX",
             where && *where ? where : "/tmp");
    if (mkdtemp(temporary->folder))
        return 0;
    return problem(why, PROBLEM_FAILED, "no temporary folder in %.300s: %s",
                   where && *where ? where : "/tmp", strerror(errno));
}

void temporary_path(const struct temporary *temporary, const char *name, char path[TEMPORARY_PATH])
{
    snprintf(path, TEMPORARY_PATH, "%s/%.60s", temporary->folder, name);
}

int temporary_write(const char *path, const struct text *bytes, struct problem *why)
{
    FILE *file = fopen(path, "wb");
    int failed = !file || fwrite(bytes->bytes, 1, bytes->n, file) != bytes->n;
    if (file)
        failed |= fclose(file) != 0;
    return failed
               ? problem(why, PROBLEM_FAILED, "%.300s cannot be written: %s", path, strerror(errno))
               : 0;
}

int temporary_read(const char *path, struct text *out, struct problem *why)
{
    char bytes[16384];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (!file)
        return problem(why, PROBLEM_FAILED, "%.300s cannot be read back: %s", path,
                       strerror(errno));
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        text_append(out, bytes, n);
    int failed = ferror(file);
    fclose(file);
    if (failed)
        return problem(why, PROBLEM_FAILED, "%.300s cannot be read back", path);
    return out->failed ? problem_no_memory(why, "a file") : 0;
}

void temporary_remove(const struct temporary *temporary, const char *path, const char *another)
{
    if (path)
        unlink(path);
    if (another)
        unlink(another);
    rmdir(temporary->folder);
}
