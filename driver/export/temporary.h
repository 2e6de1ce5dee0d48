/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that have no name in any folder, for other people's programs and libraries that want a
 * path: whoever is killed in the midst of an export leaves nothing of it. One thread. */
#ifndef TENDERFOOT_DRIVER_EXPORT_TEMPORARY_H
#define TENDERFOOT_DRIVER_EXPORT_TEMPORARY_H

#include "analysis/report/text.h"
#include "firmware/wire/problem.h"

enum { TEMPORARY_PATH = 32 };

struct temporary {
    int fd;                    /* read and write; closed when a program is started; -1 = none */
    char path[TEMPORARY_PATH]; /* opens it, of this process and as long as `fd` is open */
};

/* TMPDIR, else /tmp. */
const char *temporary_folder(void);
/* An empty file on the disk of `folder`. 0, or -1 and *why, and temporary_close may be called all
 * the same. */
int temporary_open(const char *folder, struct temporary *temporary, struct problem *why);
/* The file is gone with this, unless it was opened anew by its path. */
void temporary_close(struct temporary *temporary);

int temporary_write(const struct temporary *temporary, const struct text *bytes,
                    struct problem *why);
int temporary_read(const struct temporary *temporary, struct text *out, struct problem *why);

#endif
