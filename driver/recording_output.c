/* SPDX-License-Identifier: MIT */
#include "driver/recording_output.h"

#include "driver/sync_folder.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "folder/.name.partial-123": hidden, on the same disk, and no two processes share it. */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    int n_folder = slash ? (int)(slash + 1 - path) : 0;
    size_t n = strlen(path) + 40;
    char *name = malloc(n);
    if (name)
        snprintf(name, n, "%.*s.%s.partial-%ld", n_folder, path, path + n_folder, (long)getpid());
    return name;
}

static void forget(struct recording_output *out)
{
    free(out->path);
    free(out->temporary);
    *out = (struct recording_output){0};
}

static int exists_already(const char *path, struct problem *why)
{
    return problem(why, PROBLEM_FAILED,
                   "%s exists already and recordings are never overwritten; give another name",
                   path);
}

int recording_output_begin(struct recording_output *out, const char *path, const char *header_json,
                           const void *calibration, size_t n_calibration, struct problem *why)
{
    *out = (struct recording_output){0};
    if (!access(path, F_OK))
        return exists_already(path, why);
    out->path = strdup(path);
    out->temporary = temporary_name(path);
    if (!out->path || !out->temporary) {
        forget(out);
        return problem_no_memory(why, "a recording");
    }
    unlink(out->temporary); /* what a dead process of the same number may have left */
    out->writer = recording_create(out->temporary, header_json, calibration, n_calibration, why);
    if (out->writer)
        return 0;
    forget(out);
    return -1;
}

/* Some file systems cannot rename without replacing; there a link does the same. */
static int give_name(const struct recording_output *out, struct problem *why)
{
    if (!renameat2(AT_FDCWD, out->temporary, AT_FDCWD, out->path, RENAME_NOREPLACE))
        return 0;
    if (errno == EINVAL || errno == ENOSYS) {
        if (!link(out->temporary, out->path))
            return unlink(out->temporary);
    }
    if (errno == EEXIST)
        return exists_already(out->path, why);
    return problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED,
                         "%s cannot be given its name: %s", out->path, strerror(errno));
}

int recording_output_finish(struct recording_output *out, struct problem *why)
{
    int bad = recording_finish(out->writer, why) || give_name(out, why);
    if (bad)
        unlink(out->temporary);
    else if (sync_folder_of(out->path))
        bad = problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED,
                            "%s is written, but its folder cannot be synced: %s", out->path,
                            strerror(errno));
    forget(out);
    return bad ? -1 : 0;
}

void recording_output_abort(struct recording_output *out)
{
    if (!out->writer)
        return;
    recording_abandon(out->writer);
    unlink(out->temporary);
    forget(out);
}
