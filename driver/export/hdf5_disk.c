/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/hdf5_disk.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the library keeps of an open file; its own part comes first. */
struct open_file {
    H5FD_t library;
    struct hdf5_disk *disk;
    haddr_t given_out, end; /* bytes the library has laid out; bytes it has written */
};

static struct open_file *of(const H5FD_t *file)
{
    return (struct open_file *)(uintptr_t)file;
}

static H5FD_t *open_disk(const char *name, unsigned flags, hid_t access, haddr_t most)
{
    struct hdf5_disk *const *disk = H5Pget_driver_info(access);
    struct open_file *file = disk ? calloc(1, sizeof *file) : NULL;
    (void)name;
    (void)flags;
    (void)most;
    if (!file)
        return NULL;
    file->disk = *disk;
    return &file->library;
}

static herr_t close_disk(H5FD_t *file)
{
    free(of(file));
    return 0;
}

static int compare(const H5FD_t *a, const H5FD_t *b)
{
    return (a > b) - (a < b);
}

static herr_t query(const H5FD_t *file, unsigned long *features)
{
    (void)file;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
                H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t get_given_out(const H5FD_t *file, H5FD_mem_t kind)
{
    (void)kind;
    return of(file)->given_out;
}

static herr_t set_given_out(H5FD_t *file, H5FD_mem_t kind, haddr_t bytes)
{
    (void)kind;
    of(file)->given_out = bytes;
    return 0;
}

static haddr_t get_end(const H5FD_t *file, H5FD_mem_t kind)
{
    (void)kind;
    return of(file)->end;
}

/* What was not written yet reads 0. */
static herr_t read_disk(H5FD_t *file, H5FD_mem_t kind, hid_t how, haddr_t at, size_t n, void *bytes)
{
    (void)kind;
    (void)how;
    for (char *to = bytes; n > 0;) {
        ssize_t got = pread(of(file)->disk->fd, to, n, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0) {
            memset(to, 0, n);
            break;
        }
        to += got;
        at += (haddr_t)got;
        n -= (size_t)got;
    }
    return 0;
}

static herr_t write_disk(H5FD_t *file, H5FD_mem_t kind, hid_t how, haddr_t at, size_t n,
                         const void *bytes)
{
    struct hdf5_disk *disk = of(file)->disk;
    (void)kind;
    (void)how;
    if (at + n > of(file)->end)
        of(file)->end = at + n;
    for (const char *from = bytes; n > 0 && !disk->error;) {
        ssize_t put = pwrite(disk->fd, from, n, (off_t)at);
        if (put < 0 && errno != EINTR)
            disk->error = errno;
        if (put > 0) {
            from += put;
            at += (haddr_t)put;
            n -= (size_t)put;
        }
    }
    return 0;
}

/* The file is as long as the library has laid it out. */
static herr_t truncate_disk(H5FD_t *file, hid_t how, hbool_t closing)
{
    struct hdf5_disk *disk = of(file)->disk;
    (void)how;
    (void)closing;
    if (!disk->error && ftruncate(disk->fd, (off_t)of(file)->given_out))
        disk->error = errno;
    of(file)->end = of(file)->given_out;
    return 0;
}

static const H5FD_class_t driver = {.name = "tenderfoot",
                                    .maxaddr = INT64_MAX,
                                    .fc_degree = H5F_CLOSE_WEAK,
                                    .fapl_size = sizeof(struct hdf5_disk *),
                                    .open = open_disk,
                                    .close = close_disk,
                                    .cmp = compare,
                                    .query = query,
                                    .get_eoa = get_given_out,
                                    .set_eoa = set_given_out,
                                    .get_eof = get_end,
                                    .read = read_disk,
                                    .write = write_disk,
                                    .truncate = truncate_disk,
                                    .fl_map = H5FD_FLMAP_DICHOTOMY};

hid_t hdf5_disk_create(struct hdf5_disk *disk)
{
    hid_t how = H5Pcreate(H5P_FILE_ACCESS), id = H5FDregister(&driver);
    hid_t file = how < 0 || id < 0 || H5Pset_driver(how, id, &disk) < 0
                     ? -1
                     : H5Fcreate("export", H5F_ACC_TRUNC, H5P_DEFAULT, how);
    if (how >= 0)
        H5Pclose(how);
    if (id >= 0)
        H5FDunregister(id); /* the file keeps it */
    return file;
}
