/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/store_folder.h"

#include "driver/store/store_private.h"
#include "driver/sync_folder.h"
#include "firmware/wire/problem_code.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot(const char *what, const char *path, struct problem *why)
{
    return problem_coded(why, problem_code_of_errno(errno), PROBLEM_FAILED, "%s cannot be %s: %s",
                         path, what, strerror(errno));
}

static void forget(struct new_folder *folder)
{
    if (folder->temporary && folder->fd >= 0)
        close(folder->fd);
    free(folder->path);
    free(folder->temporary);
    *folder = (struct new_folder){.fd = -1};
}

static int hold(const char *path, int how)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || !flock(fd, how | LOCK_NB) || errno != EWOULDBLOCK)
        return fd; /* a file system without locks: nobody else is known of */
    close(fd);
    errno = EWOULDBLOCK;
    return -1;
}

int new_folder_is_made(const char *temporary)
{
    int fd = hold(temporary, LOCK_EX);
    int is_held = fd < 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return is_held;
}

static int make_parent(const char *path, struct problem *why)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    char *parent = strndup(path, (size_t)(slash - path));
    int bad = parent ? store_make_folder(parent, why) : problem_no_memory(why, "a folder's name");
    free(parent);
    return bad;
}

int new_folder_begin(struct new_folder *folder, const char *path, struct problem *why)
{
    struct stat status;
    *folder = (struct new_folder){.fd = -1};
    if (!*path)
        return problem(why, PROBLEM_USAGE, "a folder's name is empty");
    if (!lstat(path, &status))
        return problem(why, PROBLEM_REFUSED, "%s is there already; give a new folder", path);
    if (make_parent(path, why))
        return -1;
    folder->path = strdup(path);
    for (size_t n = folder->path ? strlen(path) : 0; n > 1 && path[n - 1] == '/'; n--)
        folder->path[n - 1] = '\0';
    if (!folder->path || asprintf(&folder->temporary, "%s.part-XXXXXX", folder->path) < 0) {
        folder->temporary = NULL;
        forget(folder);
        return problem_no_memory(why, "a folder's name");
    }
    if (mkdtemp(folder->temporary)) {
        folder->fd = hold(folder->temporary, LOCK_SH);
        return 0;
    }
    cannot("made", path, why);
    forget(folder);
    return -1;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

static int sync_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)place;
    if (kind != FTW_F && kind != FTW_DP)
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int bad = fd < 0 || fsync(fd);
    if (fd >= 0)
        close(fd);
    return bad;
}

int folder_give_name(int from_folder, const char *from, int to_folder, const char *to)
{
    if (!renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE))
        return 0;
    if (errno == EINVAL || errno == ENOSYS) {
        if (!faccessat(to_folder, to, F_OK, AT_SYMLINK_NOFOLLOW))
            return 1;
        return renameat(from_folder, from, to_folder, to);
    }
    return errno == EEXIST ? 1 : -1;
}

int new_folder_finish(struct new_folder *folder, struct problem *why)
{
    int bad = 0;
    if (nftw(folder->temporary, sync_entry, 16, FTW_PHYS | FTW_DEPTH))
        bad = cannot("synced", folder->path, why);
    else if (rename(folder->temporary, folder->path)) /* a folder replaces none but an empty one */
        bad = cannot("made", folder->path, why);
    else if (sync_folder_of(folder->path))
        bad = cannot("synced", folder->path, why);
    if (bad)
        new_folder_abort(folder);
    forget(folder);
    return bad;
}

void new_folder_abort(struct new_folder *folder)
{
    if (folder->temporary)
        nftw(folder->temporary, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
    forget(folder);
}

int folder_remove(const char *path, struct problem *why)
{
    nftw(path, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
    if (access(path, F_OK))
        return 0;
    return problem(why, PROBLEM_FAILED, "%.300s cannot be removed", path);
}

int folder_remove_all(const char *folder, const char *pattern, struct problem *why)
{
    glob_t found = {0};
    char *path;
    if (asprintf(&path, "%s/%s", folder, pattern) < 0)
        return problem_no_memory(why, "a folder's name");
    int bad = glob(path, GLOB_NOSORT, NULL, &found) == GLOB_NOSPACE
                  ? problem_no_memory(why, "a folder's files")
                  : 0;
    for (size_t i = 0; i < found.gl_pathc; i++)
        bad |= folder_remove(found.gl_pathv[i], why);
    globfree(&found);
    free(path);
    return bad;
}

int folder_write_text(const char *folder, const char *name, const char *text, struct problem *why)
{
    char *path;
    size_t n = strlen(text);
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return problem_no_memory(why, "a file's name");
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), bad = fd < 0;
    while (!bad && n) {
        ssize_t done = write(fd, text, n);
        bad = done < 0 && errno != EINTR;
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    bad = bad || fsync(fd) ? cannot("written", path, why) : 0;
    if (fd >= 0)
        close(fd);
    free(path);
    return bad;
}
