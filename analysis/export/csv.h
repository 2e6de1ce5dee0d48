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

/* `out` is borrowed. */
struct table_sink csv_sink(struct text *out);

#define CSV_DIGITS 9
#define CSV_BEHIND_POINT 6

/* Zeros at the end are left out; a float of a picture reads back as the same. */
void csv_add_double(struct text *out, double value);
void csv_add_float(struct text *out, float value);
/* The double whose shortest decimal form is that of the float: 0.1f is 0.1. */
double csv_float(float value);

#endif
