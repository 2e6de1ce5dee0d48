/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything of one person as one ZIP archive, by libarchive, while it is fetched. */
#include "driver/store/store_private.h"

#include "driver/clock.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 16, LOOK_MS = 250 };

struct pouring {
    struct archive *archive;
    struct archive_entry *entry;
    const char *folder; /* in the archive */
    struct store_pace pace;
    uint64_t began_us, bytes;
    uint64_t since_us, taken; /* by whoever fetches it, since then */
    int fd, is_over, error;   /* over: nothing more is written; the errno of what could not be */
    char block[BLOCK];
};

static int cannot(struct pouring *p, struct problem *why)
{
    const char *said = p->error ? NULL : archive_error_string(p->archive);
    return problem(why, PROBLEM_FAILED, "the archive cannot be written: %s",
                   said ? said : strerror(p->error ? p->error : archive_errno(p->archive)));
}

/* Waits for whoever fetches it: 0, or the errno when that takes too long. */
static int wait_for_reader(struct pouring *p)
{
    struct pollfd there = {.fd = p->fd, .events = POLLOUT};
    double passed_s = (double)(host_clock_us() - p->since_us) * 1e-6;
    if (p->pace.least_bytes_per_s > 0 && passed_s >= p->pace.patience_s) {
        if ((double)p->taken < p->pace.least_bytes_per_s * passed_s)
            return ETIMEDOUT;
        p->since_us = host_clock_us();
        p->taken = 0;
    }
    return poll(&there, 1, LOOK_MS) < 0 && errno != EINTR ? errno : 0;
}

/* What cannot be written is remembered and swallowed: a library that is told of a failure never
 * frees its buffer. */
static la_ssize_t write_out(struct archive *archive, void *context, const void *bytes, size_t n)
{
    struct pouring *p = context;
    const char *from = bytes;
    (void)archive;
    for (size_t left = n; left && !p->is_over;) {
        ssize_t written = write(p->fd, from, left);
        if (written > 0) {
            from += written;
            left -= (size_t)written;
            p->taken += (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            p->error = wait_for_reader(p);
        } else if (written == 0 || errno != EINTR) {
            p->error = written ? errno : ENOSPC;
        }
        p->is_over |= p->error != 0;
    }
    return (la_ssize_t)n;
}

/* Sleeps when it is ahead of its pace: reading for one must not take the disk from recordings. */
static void keep_pace(struct pouring *p, size_t n)
{
    p->bytes += n;
    if (!(p->pace.most_bytes_per_s > 0))
        return;
    double due_s = (double)p->bytes / p->pace.most_bytes_per_s;
    double ahead_s = due_s - (double)(host_clock_us() - p->began_us) * 1e-6;
    if (ahead_s < 1e-3)
        return;
    const struct timespec pause = {(time_t)ahead_s,
                                   (long)((ahead_s - (double)(time_t)ahead_s) * 1e9)};
    nanosleep(&pause, NULL);
}

static int begin_entry(struct pouring *p, const char *name, int64_t size, struct problem *why)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", p->folder, name);
    archive_entry_clear(p->entry);
    archive_entry_set_pathname(p->entry, path);
    archive_entry_set_filetype(p->entry, AE_IFREG);
    archive_entry_set_perm(p->entry, 0600);
    archive_entry_set_size(p->entry, size);
    archive_entry_set_mtime(p->entry, time(NULL), 0);
    return archive_write_header(p->archive, p->entry) == ARCHIVE_OK ? 0 : cannot(p, why);
}

static int put(struct pouring *p, const char *bytes, size_t n, struct problem *why)
{
    keep_pace(p, n);
    return archive_write_data(p->archive, bytes, n) == (la_ssize_t)n && !p->error ? 0
                                                                                  : cannot(p, why);
}

static int text_into_archive(void *context, const char *name, const char *text, struct problem *why)
{
    struct pouring *p = context;
    size_t n = strlen(text);
    return begin_entry(p, name, (int64_t)n, why) || put(p, text, n, why) ? -1 : 0;
}

/* As many bytes as were promised, or the archive is not whole. */
static int pour_file(struct pouring *p, const char *from, int fd, int64_t left, struct problem *why)
{
    while (left > 0) {
        ssize_t n = read(fd, p->block, left < BLOCK ? (size_t)left : BLOCK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return problem(why, PROBLEM_FAILED, "%s cannot be read to its end: %s", from,
                           n ? strerror(errno) : "it is shorter than it was");
        if (put(p, p->block, (size_t)n, why))
            return -1;
        left -= n;
    }
    return 0;
}

static int file_into_archive(void *context, const char *name, const char *from, struct problem *why)
{
    struct pouring *p = context;
    struct stat status;
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    int bad = fd < 0 || fstat(fd, &status);
    if (bad)
        problem(why, PROBLEM_FAILED, "%s cannot be read: %s", from, strerror(errno));
    bad = bad || begin_entry(p, name, status.st_size, why) ||
          pour_file(p, from, fd, status.st_size, why);
    if (fd >= 0)
        close(fd);
    return bad ? -1 : 0;
}

/* Stored, not deflated: packing would take a core from the plates, and frames are packed already.
 */
static int open_archive(struct pouring *p, struct problem *why)
{
    p->archive = archive_write_new();
    p->entry = archive_entry_new();
    if (!p->archive || !p->entry)
        return problem_no_memory(why, "an archive");
    return archive_write_set_format_zip(p->archive) == ARCHIVE_OK &&
                   archive_write_zip_set_compression_store(p->archive) == ARCHIVE_OK &&
                   archive_write_set_bytes_per_block(p->archive, BLOCK) == ARCHIVE_OK &&
                   archive_write_set_bytes_in_last_block(p->archive, 1) == ARCHIVE_OK &&
                   archive_write_open2(p->archive, p, NULL, write_out, NULL, NULL) == ARCHIVE_OK
               ? 0
               : cannot(p, why);
}

/* What broke off gets no end: the list of what is in it is swallowed. */
static int close_archive(struct pouring *p, int bad, struct problem *why)
{
    p->is_over |= bad;
    if (p->archive && (archive_write_close(p->archive) != ARCHIVE_OK || p->error) && !bad)
        bad = cannot(p, why);
    archive_entry_free(p->entry);
    archive_write_free(p->archive);
    return bad ? -1 : 0;
}

int store_client_archive(struct store *store, const char *id, int fd, const struct store_pace *pace,
                         struct problem *why)
{
    char whole[STORE_ID_SIZE];
    if (store_find_client(store, id, whole, why))
        return -1;
    struct pouring *p = calloc(1, sizeof *p);
    if (!p)
        return problem_no_memory(why, "an archive");
    p->folder = whole;
    p->pace = *pace;
    p->began_us = p->since_us = host_clock_us();
    p->fd = fd;
    const struct store_sink sink = {p, text_into_archive, file_into_archive};
    int bad = open_archive(p, why) || store_client_pour(store, whole, &sink, why);
    bad = close_archive(p, bad, why);
    free(p);
    return bad;
}
