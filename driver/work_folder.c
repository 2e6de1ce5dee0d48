/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/work_folder.h"

#include "driver/export/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What the check of a calibration records, and what exports worked with before their files had no
 * names. */
static const char *const names[] = {"stand.tfr", "report.words", "report.pdf", "report.dcm"};
enum { NAMES = sizeof names / sizeof names[0] };

int work_folder_make(struct work_folder *folder, struct problem *why)
{
    folder->fd = -1;
    int n = snprintf(folder->path, sizeof folder->path, "%s/tenderfoot-check-XXXXXX",
                     temporary_folder());
    if (n >= (int)sizeof folder->path || !mkdtemp(folder->path))
        return problem(why, PROBLEM_FAILED, "no temporary folder in %.300s: %s", temporary_folder(),
                       n >= (int)sizeof folder->path ? strerror(ENAMETOOLONG) : strerror(errno));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd >= 0)
        flock(folder->fd, LOCK_EX | LOCK_NB); /* where there is no lock, its age keeps it */
    return 0;
}

void work_folder_end(struct work_folder *folder)
{
    for (int i = 0; folder->fd >= 0 && i < NAMES; i++)
        unlinkat(folder->fd, names[i], 0);
    rmdir(folder->path);
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = -1;
}

/* --- What killed ones left ------------------------------------------------------------------- */

static int is_old(const struct stat *of)
{
    return difftime(time(NULL), of->st_mtim.tv_sec) >= WORK_FOLDER_OLD_S;
}

static int is_ours(const struct stat *of)
{
    return of->st_uid == geteuid() && !(of->st_mode & 077);
}

static int is_named(const char *name)
{
    for (int i = 0; i < NAMES; i++)
        if (!strcmp(name, names[i]))
            return 1;
    return 0;
}

/* Nothing but old plain files by our names. */
static int holds_ours_only(int folder)
{
    int copy = dup(folder), only = 1;
    DIR *entries = copy >= 0 ? fdopendir(copy) : NULL;
    if (!entries) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    for (struct dirent *entry; only && (entry = readdir(entries));) {
        struct stat file;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        only = is_named(entry->d_name) &&
               !fstatat(folder, entry->d_name, &file, AT_SYMLINK_NOFOLLOW) &&
               S_ISREG(file.st_mode) && is_old(&file);
    }
    closedir(entries);
    return only;
}

static int sweep_folder(int where, const char *name)
{
    struct stat status;
    int fd = openat(where, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), removed = 0;
    if (fd < 0)
        return 0;
    if (!fstat(fd, &status) && is_ours(&status) && is_old(&status) &&
        !flock(fd, LOCK_EX | LOCK_NB) && holds_ours_only(fd)) {
        for (int i = 0; i < NAMES; i++)
            unlinkat(fd, names[i], 0);
        removed = !unlinkat(where, name, AT_REMOVEDIR);
    }
    close(fd);
    return removed;
}

static int sweep_page(int where, const char *name)
{
    struct stat page;
    return !fstatat(where, name, &page, AT_SYMLINK_NOFOLLOW) && S_ISREG(page.st_mode) &&
           is_ours(&page) && is_old(&page) && !unlinkat(where, name, 0);
}

int work_folders_sweep(const char *where)
{
    int removed = 0;
    DIR *entries = opendir(where);
    if (!entries)
        return 0;
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *name = entry->d_name;
        if (!fnmatch("tenderfoot-??????.html", name, 0))
            removed += sweep_page(dirfd(entries), name);
        else if (!fnmatch("tenderfoot-check-??????", name, 0) ||
                 !fnmatch("tenderfoot-??????", name, 0))
            removed += sweep_folder(dirfd(entries), name);
    }
    closedir(entries);
    return removed;
}
