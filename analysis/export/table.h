/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table told cell by cell, row by row, to whoever writes it down: CSV text, a spreadsheet.
 *
 * The header has a column "reason": a number that cannot be had leaves its cell empty, and the
 * reason column says which and why. It is the last, but for columns that were added later. A table
 * without a header is a plain grid of numbers and has no reasons. One thread. */
#ifndef TENDERFOOT_ANALYSIS_EXPORT_TABLE_H
#define TENDERFOOT_ANALYSIS_EXPORT_TABLE_H

#include "analysis/report/text.h"

#include <stdint.h>

#define TABLE_COLUMNS_MAX 256 /* a row of the largest plate */

enum table_cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_FLOAT, CELL_COUNT };

struct table_cell {
    enum table_cell_kind kind;
    const char *text; /* CELL_TEXT: printable UTF-8, not empty */
    double number;    /* CELL_NUMBER, CELL_FLOAT (of a float): finite */
    uint64_t count;
};

/* Where a table goes. Cells are valid during the call. */
struct table_sink {
    void *context;
    void (*header)(void *context, const char *columns); /* "time_s,force_n,reason"; not for grids */
    void (*row)(void *context, const struct table_cell *cells, int n);
    int failed; /* memory ran out on the way: what was told is not whole */
};

struct table {
    struct table_sink *to;
    const char *header;
    struct table_cell cells[TABLE_COLUMNS_MAX]; /* of the row so far ... */
    size_t text_at[TABLE_COLUMNS_MAX];          /* ... and where in `texts` */
    int n, reason_at;
    struct text texts, reasons;
};

void table_begin(struct table *table, struct table_sink *to, const char *header);
void table_text(struct table *table, const char *cell); /* NULL: empty */
void table_count(struct table *table, uint64_t count);
void table_flag(struct table *table, int yes); /* "yes" or "no" */
void table_number(struct table *table, double value, const char *why_not);
void table_float(struct table *table, float value);
void table_reason(struct table *table); /* here the reason column goes; columns follow */
void table_end_row(struct table *table);
void table_end(struct table *table); /* frees; a failure is kept in the sink */

#endif
