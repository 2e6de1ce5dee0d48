/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Some locales write a comma; files always have a point. */
static void add_with_point(struct text *out, const char *number)
{
    for (; *number; number++)
        text_append(out, *number == ',' ? "." : number, 1);
}

/* 0.1 is 1e-1: before the point stands exponent + 1 of the digits. */
static int digits_of(double value)
{
    int before = value == 0 ? 0 : (int)floor(log10(fabs(value))) + 1;
    int digits = before + CSV_BEHIND_POINT;
    return digits < CSV_DIGITS ? CSV_DIGITS : digits > 17 ? 17 : digits;
}

void csv_add_double(struct text *out, double value)
{
    char number[40];
    snprintf(number, sizeof number, "%.*g", digits_of(value), value);
    add_with_point(out, number);
}

double csv_float(float value)
{
    char number[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if (strtof(number, NULL) == value)
            break;
    }
    return strtod(number, NULL);
}

void csv_add_float(struct text *out, float value)
{
    csv_add_double(out, csv_float(value));
}

static void add_quoted(struct text *out, const char *cell)
{
    text_add(out, "\"");
    if (*cell && strchr("=+-@\t\r", *cell))
        text_add(out, "'");
    for (; *cell; cell++)
        text_append(out, *cell == '"' ? "\"\"" : cell, *cell == '"' ? 2 : 1);
    text_add(out, "\"");
}

static int needs_quotes(const char *cell)
{
    return *cell && (strchr("=+-@\t\r", *cell) || strpbrk(cell, ",\"\r\n"));
}

static void add_cell(struct text *out, const char *cell)
{
    if (needs_quotes(cell))
        add_quoted(out, cell);
    else
        text_add(out, cell);
}

static void add_header(void *context, const char *columns)
{
    struct text *out = context;
    text_add(out, columns);
    text_add(out, "\r\n");
}

static void add_row(void *context, const struct table_cell *cells, int n)
{
    struct text *out = context;
    for (int i = 0; i < n; i++) {
        text_add(out, i ? "," : "");
        if (cells[i].kind == CELL_TEXT)
            add_cell(out, cells[i].text);
        else if (cells[i].kind == CELL_NUMBER)
            csv_add_double(out, cells[i].number);
        else if (cells[i].kind == CELL_FLOAT)
            csv_add_float(out, (float)cells[i].number);
        else if (cells[i].kind == CELL_COUNT)
            text_addf(out, "%" PRIu64, cells[i].count);
    }
    text_add(out, "\r\n");
}

struct table_sink csv_sink(struct text *out)
{
    return (struct table_sink){.context = out, .header = add_header, .row = add_row};
}

/* --- Into a file ----------------------------------------------------------------------------- */

enum { CSV_HELD = 1 << 16 };

static void write_rows(struct csv_file *file, size_t but)
{
    if (file->rows.n <= but)
        return;
    if (!file->failed && fwrite(file->rows.bytes, 1, file->rows.n, file->to) != file->rows.n)
        file->failed = errno ? errno : EIO;
    file->rows.n = 0;
}

static void add_header_to_file(void *context, const char *columns)
{
    add_header(&((struct csv_file *)context)->rows, columns);
}

static void add_row_to_file(void *context, const struct table_cell *cells, int n)
{
    struct csv_file *file = context;
    add_row(&file->rows, cells, n);
    write_rows(file, CSV_HELD);
}

struct table_sink csv_file_sink(struct csv_file *file)
{
    return (struct table_sink){
        .context = file, .header = add_header_to_file, .row = add_row_to_file};
}

int csv_file_end(struct csv_file *file)
{
    write_rows(file, 0);
    if (!file->failed && fflush(file->to))
        file->failed = errno;
    int bad = file->failed || file->rows.failed;
    text_free(&file->rows);
    return bad ? -1 : 0;
}
