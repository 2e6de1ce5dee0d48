/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/export/table.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void table_begin(struct table *table, struct table_sink *to, const char *header)
{
    table->to = to;
    table->header = header;
    table->n = 0;
    table->reason_at = -1;
    table->texts = table->reasons = (struct text){0};
    if (header)
        to->header(to->context, header);
}

static struct table_cell *next_cell(struct table *table, enum table_cell_kind kind)
{
    assert(table->n < TABLE_COLUMNS_MAX);
    struct table_cell *cell = &table->cells[table->n++];
    *cell = (struct table_cell){.kind = kind};
    return cell;
}

/* Texts lie one behind the other, each with its NUL; where they are is known at the row's end. */
static void put_text_cell(struct table *table, int column, const char *text)
{
    table->cells[column].kind = *text ? CELL_TEXT : CELL_EMPTY;
    table->text_at[column] = table->texts.n;
    text_append(&table->texts, text, strlen(text) + 1);
}

void table_text(struct table *table, const char *cell)
{
    struct text clean = {0};
    text_add_foreign(&clean, cell, "");
    next_cell(table, CELL_TEXT);
    put_text_cell(table, table->n - 1, text_string(&clean));
    table->to->failed |= clean.failed;
    text_free(&clean);
}

void table_count(struct table *table, uint64_t count)
{
    next_cell(table, CELL_COUNT)->count = count;
}

void table_flag(struct table *table, int yes)
{
    table_text(table, yes ? "yes" : "no");
}

/* The name of a column of the header, counted from 0. */
static void add_column_name(struct text *out, const char *header, int column)
{
    while (column-- > 0)
        header += strcspn(header, ",") + 1;
    text_append(out, header, strcspn(header, ","));
}

void table_number(struct table *table, double value, const char *why_not)
{
    if (isfinite(value)) {
        next_cell(table, CELL_NUMBER)->number = value;
        return;
    }
    next_cell(table, CELL_EMPTY);
    text_add(&table->reasons, table->reasons.n ? "; " : "");
    add_column_name(&table->reasons, table->header, table->n - 1);
    text_addf(&table->reasons, ": %s", why_not);
}

void table_float(struct table *table, float value)
{
    next_cell(table, CELL_FLOAT)->number = (double)value;
}

void table_reason(struct table *table)
{
    table->reason_at = table->n;
    next_cell(table, CELL_EMPTY);
}

void table_end_row(struct table *table)
{
    if (table->header && table->reason_at < 0)
        table_reason(table);
    if (table->header)
        put_text_cell(table, table->reason_at, text_string(&table->reasons));
    for (int i = 0; i < table->n; i++)
        if (table->cells[i].kind == CELL_TEXT)
            table->cells[i].text = text_string(&table->texts) + table->text_at[i];
    table->to->failed |= table->texts.failed | table->reasons.failed;
    if (!table->to->failed)
        table->to->row(table->to->context, table->cells, table->n);
    table->n = 0;
    table->reason_at = -1;
    table->texts.n = table->reasons.n = 0;
    if (table->reasons.bytes)
        table->reasons.bytes[0] = '\0';
}

void table_end(struct table *table)
{
    table->to->failed |= table->texts.failed | table->reasons.failed;
    text_free(&table->texts);
    text_free(&table->reasons);
}
