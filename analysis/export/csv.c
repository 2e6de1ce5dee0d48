/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/csv.h"

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

void csv_add_double(struct text *out, double value)
{
    char number[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, value);
        if (strtod(number, NULL) == value)
            break;
    }
    add_with_point(out, number);
}

void csv_add_float(struct text *out, float value)
{
    char number[40];
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(number, sizeof number, "%.*g", digits, (double)value);
        if (strtof(number, NULL) == value)
            break;
    }
    add_with_point(out, number);
}

void csv_begin(struct csv *csv, struct text *out, const char *header)
{
    *csv = (struct csv){.out = out, .header = header};
    text_add(out, header);
    text_add(out, "\r\n");
}

static void separate(struct csv *csv)
{
    if (csv->column++)
        text_add(csv->out, ",");
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

void csv_text(struct csv *csv, const char *cell)
{
    struct text clean = {0};
    separate(csv);
    text_add_foreign(&clean, cell, "");
    add_cell(csv->out, text_string(&clean));
    csv->out->failed |= clean.failed;
    text_free(&clean);
}

void csv_count(struct csv *csv, uint64_t count)
{
    separate(csv);
    text_addf(csv->out, "%" PRIu64, count);
}

void csv_flag(struct csv *csv, int yes)
{
    separate(csv);
    text_add(csv->out, yes ? "yes" : "no");
}

/* The name of a column of the header, counted from 0. */
static void add_column_name(struct text *out, const char *header, int column)
{
    while (column-- > 0)
        header += strcspn(header, ",") + 1;
    text_append(out, header, strcspn(header, ","));
}

void csv_number(struct csv *csv, double value, const char *why_not)
{
    separate(csv);
    if (isfinite(value)) {
        csv_add_double(csv->out, value);
        return;
    }
    text_add(&csv->reasons, csv->reasons.n ? "; " : "");
    add_column_name(&csv->reasons, csv->header, csv->column - 1);
    text_addf(&csv->reasons, ": %s", why_not);
}

void csv_end_row(struct csv *csv)
{
    separate(csv);
    add_cell(csv->out, text_string(&csv->reasons));
    text_add(csv->out, "\r\n");
    csv->column = 0;
    csv->reasons.n = 0;
    if (csv->reasons.bytes)
        csv->reasons.bytes[0] = '\0';
}

void csv_end(struct csv *csv)
{
    csv->out->failed |= csv->reasons.failed;
    text_free(&csv->reasons);
}
