/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder in TMPDIR for what a program works with by names, and what killed ones left of theirs.
 *
 * Who lives holds a lock on its folder (flock(2)), which ends with the process, however that ends.
 * One thread a folder. */
#ifndef TENDERFOOT_DRIVER_WORK_FOLDER_H
#define TENDERFOOT_DRIVER_WORK_FOLDER_H

#include "firmware/wire/problem.h"

enum { WORK_FOLDER_PATH = 400 };

struct work_folder {
    char path[WORK_FOLDER_PATH];
    int fd; /* holds the lock; -1 = none */
};

/* "tenderfoot-check-XXXXXX", mode 0700. -1 and *why: it cannot be made. */
int work_folder_make(struct work_folder *folder, struct problem *why);
/* Removes it with the files of ours that are in it. */
void work_folder_end(struct work_folder *folder);

/* Removes from `where` what programs of tenderfoot that were killed left there, this version's and
 * earlier ones': folders "tenderfoot-check-XXXXXX" and "tenderfoot-XXXXXX" of this user alone,
 * whose lock nobody holds, in which for an hour nothing has changed and nothing else lies than
 * files by our names; and pages "tenderfoot-XXXXXX.html" of `open`, which live twenty seconds. The
 * number removed; what cannot be looked at stays. */
#define WORK_FOLDER_OLD_S 3600
int work_folders_sweep(const char *where);

#endif
