/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an HDF5 file is written: a descriptor whose errors stay in it, as in a stream of stdio.h,
 * and are asked for. The library's own ways to the disk (1.10) end the whole program when a file
 * cannot be flushed as it is closed, and want a file with a name. */
#ifndef TENDERFOOT_DRIVER_EXPORT_HDF5_DISK_H
#define TENDERFOOT_DRIVER_EXPORT_HDF5_DISK_H

#include <hdf5.h>

/* Stays in its place until the file is closed. */
struct hdf5_disk {
    int fd;    /* the caller's; read and write */
    int error; /* errno of the first write that failed, after which nothing is written; 0 = none */
};

/* An empty HDF5 file on it, or -1. */
hid_t hdf5_disk_create(struct hdf5_disk *disk);

#endif
