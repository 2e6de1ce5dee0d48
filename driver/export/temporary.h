/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A temporary folder for other people's programs and libraries that write files: in TMPDIR, else
 * /tmp, readable by this user only. One thread. */
#ifndef TENDERFOOT_DRIVER_EXPORT_TEMPORARY_H
#define TENDERFOOT_DRIVER_EXPORT_TEMPORARY_H

#include "analysis/report/text.h"
#include "firmware/wire/problem.h"

#define TEMPORARY_PATH 4096

struct temporary {
    char folder[TEMPORARY_PATH - 64];
};

int temporary_make(struct temporary *temporary, struct problem *why);
/* `name` of at most 60 characters. */
void temporary_path(const struct temporary *temporary, const char *name, char path[TEMPORARY_PATH]);
int temporary_write(const char *path, const struct text *bytes, struct problem *why);
int temporary_read(const char *path, struct text *out, struct problem *why);
/* Removes these two files (NULL = none) where they are, and the folder. */
void temporary_remove(const struct temporary *temporary, const char *path, const char *another);

#endif
