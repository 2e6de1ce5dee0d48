/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180, CRLF) for spreadsheets, R and NumPy: where a table can go.
 *
 * Numbers have a point, whatever the locale, and the digits that a measurement can bear: 9, or 6
 * behind the point where that is more (times to the microsecond over a day); no plate errs by less
 * than a part in a thousand. Pictures (float) read back as the same float. JSON and the other
 * formats keep every digit. A text cell that a spreadsheet would run as a formula (= + - @, tab or
 * return in front) gets an apostrophe before it. One thread. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_CSV_H
#define TENDERFOOT_ANALYSIS_EXPORT_CSV_H

#include "analysis/export/table.h"
#include "analysis/report/text.h"

#include <stdio.h>

/* `out` is borrowed. */
struct table_sink csv_sink(struct text *out);

/* The same into a file, a few rows at a time in memory. `file` is borrowed, and holds `to`. */
struct csv_file {
    FILE *to;
    struct text rows; /* not written yet */
    int failed;       /* errno of the first write that was refused */
};
struct table_sink csv_file_sink(struct csv_file *file);
/* Writes what is left. 0, or -1: no memory, or `failed` says why. */
int csv_file_end(struct csv_file *file);

#define CSV_DIGITS 9
#define CSV_BEHIND_POINT 6

/* Zeros at the end are left out; a float of a picture reads back as the same. */
void csv_add_double(struct text *out, double value);
void csv_add_float(struct text *out, float value);
/* The double whose shortest decimal form is that of the float: 0.1f is 0.1. */
double csv_float(float value);

#endif
