/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page (driver/web) and the description of the API as they stand in the source tree. */
#ifndef TENDERFOOT_DRIVER_DAEMON_WEB_FILES_H
#define TENDERFOOT_DRIVER_DAEMON_WEB_FILES_H

/* A file as it is served: its bytes are those from `from` up to `end`. */
struct web_file {
    const char *path, *type, *from, *end;
};

extern const struct web_file web_files[]; /* ends with a path of NULL */

#endif
