/* SPDX-License-Identifier: MIT */
/* The name of a new file is safe only when its folder has reached the disk as well. */
#ifndef TENDERFOOT_DRIVER_SYNC_FOLDER_H
#define TENDERFOOT_DRIVER_SYNC_FOLDER_H

/* Syncs the folder in which `path` stands ("." for a bare name). 0, also where a file system cannot
 * sync folders; of a folder that may not be read, all file systems are synced instead. -1 and
 * errno. Any thread. */
int sync_folder_of(const char *path);

#endif
