/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180, CRLF) for spreadsheets, R and NumPy.
 *
 * The header's last column is "reason": a number that cannot be had leaves its cell empty, and the
 * reason column says which and why. Numbers have a point and as many digits as bring the same
 * double back, whatever the locale. A text cell that a spreadsheet would run as a formula (= + - @,
 * tab or return in front) gets an apostrophe before it. One thread. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_CSV_H
#define TENDERFOOT_ANALYSIS_EXPORT_CSV_H

#include "analysis/report/text.h"

#include <stdint.h>

struct csv {
    struct text *out;
    const char *header; /* "time_s,force_n,reason" */
    int column;
    struct text reasons; /* of the row so far */
};

void csv_begin(struct csv *csv, struct text *out, const char *header); /* writes the header */
void csv_text(struct csv *csv, const char *cell);                      /* NULL: empty */
void csv_count(struct csv *csv, uint64_t count);
void csv_flag(struct csv *csv, int yes); /* "yes" or "no" */
void csv_number(struct csv *csv, double value, const char *why_not);
void csv_end_row(struct csv *csv); /* writes the reason column */
void csv_end(struct csv *csv);     /* frees; a failure is kept in the text */

/* The shortest decimal form that reads back as the same value (double, or float for a picture). */
void csv_add_double(struct text *out, double value);
void csv_add_float(struct text *out, float value);

#endif
