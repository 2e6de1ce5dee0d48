/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TENDERFOOT_DRIVER_SAME_FILE_H
#define TENDERFOOT_DRIVER_SAME_FILE_H

/* Both paths lead to one file, or to two with the same bytes; 0 also where one cannot be read,
 * which whoever opens it tells. */
enum same_file { FILES_DIFFER, FILES_ALIKE, FILES_ONE };
enum same_file same_file(const char *a, const char *b);

#endif
