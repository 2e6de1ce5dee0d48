/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders that appear under their name only when they are whole. */
#ifndef TENDERFOOT_DRIVER_STORE_STORE_FOLDER_H
#define TENDERFOOT_DRIVER_STORE_STORE_FOLDER_H

#include "firmware/wire/problem.h"

struct new_folder {
    char *path, *temporary; /* the temporary one lies beside it, mode 0700 */
    int fd;                 /* of it, locked (shared) while it is made */
};

/* Refuses when something is at `path`. Missing parents are made. */
int new_folder_begin(struct new_folder *folder, const char *path, struct problem *why);
/* Whether a folder at a temporary name is being made right now, not left by one that was killed. */
int new_folder_is_made(const char *temporary);
/* Syncs what is in it, gives it its name, syncs the parent. Over whatever is returned. */
int new_folder_finish(struct new_folder *folder, struct problem *why);
/* No trace is left. After finish or a failed begin it does nothing. */
void new_folder_abort(struct new_folder *folder);

/* Renames a file, never over another: 0, 1 when the new name is taken, -1 and errno. On a file
 * system that cannot do this in one step it looks first. */
int folder_give_name(int from_folder, const char *from, int to_folder, const char *to);

/* Removes what in this folder fits the pattern (glob's), folders with all that is in them. */
int folder_remove_all(const char *folder, const char *pattern, struct problem *why);

/* A folder with all that is in it. */
int folder_remove(const char *path, struct problem *why);

/* A file in a folder, mode 0600, synced. Size and name are the caller's. */
int folder_write_text(const char *folder, const char *name, const char *text, struct problem *why);

#endif
