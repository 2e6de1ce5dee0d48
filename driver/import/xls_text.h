/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An .xls workbook (BIFF, as Excel 5 to 2003 wrote it) as tab-separated text. */
#ifndef TENDERFOOT_DRIVER_IMPORT_XLS_TEXT_H
#define TENDERFOOT_DRIVER_IMPORT_XLS_TEXT_H

#include "firmware/wire/problem.h"

#include <stdio.h>

/* All sheets of `in` one behind the other, row by row, line n = row n of the first sheet; a new
 * temporary file, rewound, which the caller closes (no name is left). NULL and *why when the
 * workbook is refused.
 *
 * The library that knows the format was not written for hostile files, so it works in a child
 * process of its own: what kills that refuses the file. At most 64 MB are read. */
FILE *xls_as_text(FILE *in, const char *name, struct problem *why);

#endif
