/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/xlsx_export.h"

#include "analysis/export/csv.h"
#include "analysis/export/tables.h"
#include "analysis/wording.h"
#include "driver/export/temporary.h"
#include "firmware/wire/problem_code.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

#define WIDTH_MOST 48 /* of a column, characters */
enum { CELL_MOST = 32767 };

/* One sheet being filled. */
struct sheet {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *bold;
    lxw_row_t row;
    lxw_error error;
};

/* A cell holds 32767 characters (Excel counts UTF-16 units: of bytes there are as many or more).
 * What is longer is cut and says so. */
static void put_string(struct sheet *s, int column, const char *text, lxw_format *format)
{
    static const char more[] = " [cut here: the CSV export has the whole]";
    char cut[CELL_MOST + 1];
    if (strlen(text) > CELL_MOST) {
        size_t n = CELL_MOST - (sizeof more - 1);
        while (n && ((unsigned char)text[n] & 0xC0) == 0x80) /* not within a letter */
            n--;
        memcpy(cut, text, n);
        memcpy(cut + n, more, sizeof more);
        text = cut;
    }
    lxw_error error = worksheet_write_string(s->sheet, s->row, (lxw_col_t)column, text, format);
    s->error = s->error ? s->error : error;
}

static void put_number(struct sheet *s, int column, double number)
{
    lxw_error error = worksheet_write_number(s->sheet, s->row, (lxw_col_t)column, number, NULL);
    s->error = s->error ? s->error : error;
}

/* As wide as its name asks for; the header stays in sight. */
static void put_header(void *context, const char *columns)
{
    struct sheet *s = context;
    char name[64];
    int column = 0;
    for (const char *at = columns; *at; column++) {
        size_t n = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, at);
        put_string(s, column, name, s->bold);
        worksheet_set_column(s->sheet, (lxw_col_t)column, (lxw_col_t)column,
                             strcmp(name, "reason") ? (double)n + 2 : WIDTH_MOST, NULL);
        at += n + (at[n] == ',');
    }
    worksheet_freeze_panes(s->sheet, 1, 0);
    s->row++;
}

static void put_row(void *context, const struct table_cell *cells, int n)
{
    struct sheet *s = context;
    for (int i = 0; i < n && !s->error; i++) {
        if (cells[i].kind == CELL_TEXT)
            put_string(s, i, cells[i].text, NULL);
        else if (cells[i].kind == CELL_NUMBER)
            put_number(s, i, cells[i].number);
        else if (cells[i].kind == CELL_FLOAT)
            put_number(s, i, csv_float((float)cells[i].number));
        else if (cells[i].kind == CELL_COUNT)
            put_number(s, i, (double)cells[i].count);
    }
    s->row++;
}

/* "frames.csv" is the sheet "frames". */
static void name_of(const struct export_table *table, char name[32])
{
    snprintf(name, 32, "%.*s", (int)strcspn(table->file, "."), table->file);
}

static void add_contents(struct sheet *s)
{
    char name[32];
    s->sheet = workbook_add_worksheet(s->book, "contents");
    s->row = 0;
    put_header(s, "sheet,what it holds");
    worksheet_set_column(s->sheet, 0, 0, 20, NULL);
    worksheet_set_column(s->sheet, 1, 1, 120, NULL);
    for (const struct export_table *table = export_tables; table->file; table++, s->row++) {
        name_of(table, name);
        put_string(s, 0, name, NULL);
        put_string(s, 1, table->description, NULL);
    }
    s->row++;
    put_string(s, 1, wording_disclaimer, NULL);
}

static int add_table(struct sheet *s, const struct export_table *table,
                     const struct document *document)
{
    struct table_sink sink = {.context = s, .header = put_header, .row = put_row};
    char name[32];
    name_of(table, name);
    s->sheet = workbook_add_worksheet(s->book, name);
    if (!s->sheet)
        return -1;
    s->row = 0;
    table->write(&sink, document->result, document->software_version);
    return sink.failed ? -1 : 0;
}

/* The recording's own day, so that the same result gives the same file. */
static void set_created(lxw_workbook *book, const struct result *result)
{
    char title[] = "Pressure and press test of the soles", company[] = "tenderfoot";
    lxw_doc_properties properties = {.title = title, .company = company, .created = 1};
    struct tm day = {.tm_mday = 1};
    const char *started = result->facts.started_utc;
    if (started && strptime(started, "%Y-%m-%dT%H:%M:%S", &day))
        properties.created = timegm(&day);
    workbook_set_properties(book, &properties);
}

static int check_rows(const struct result *result, struct problem *why)
{
    if (2 * result->frames.n < LXW_ROW_MAX)
        return 0;
    return problem_coded(why, PROBLEM_CODE_EXPORT_TOO_LARGE, PROBLEM_REFUSED,
                         "%zu frames of two feet are more rows than a sheet holds (%d); "
                         "export --as csv",
                         result->frames.n, LXW_ROW_MAX);
}

/* Rows go into nameless files as they come (each sheet is written from above to below), not into
 * memory: a recording of minutes has some hundred thousands. */
static int fill(const struct document *document, const char *path, struct problem *why)
{
    char folder[4096];
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder};
    snprintf(folder, sizeof folder, "%s", temporary_folder());
    struct sheet s = {.book = workbook_new_opt(path, &options)};
    if (!s.book)
        return problem_no_memory(why, "the workbook");
    int failed = 0;
    s.bold = workbook_add_format(s.book);
    format_set_bold(s.bold);
    set_created(s.book, document->result);
    add_contents(&s);
    for (const struct export_table *table = export_tables; table->file; table++)
        failed |= add_table(&s, table, document);
    lxw_error closing = workbook_close(s.book);
    if (failed)
        return problem_no_memory(why, "the workbook");
    if (s.error || closing)
        return problem(why, PROBLEM_FAILED, "the workbook cannot be written: %s",
                       lxw_strerror(s.error ? s.error : closing));
    return 0;
}

int export_xlsx(const struct document *document, struct text *out, struct problem *why)
{
    struct temporary book;
    *out = (struct text){0};
    if (check_rows(document->result, why))
        return -1;
    int failed = temporary_open(temporary_folder(), &book, why) || fill(document, book.path, why) ||
                 temporary_read(&book, out, why);
    temporary_close(&book);
    if (failed)
        text_free(out);
    return failed ? -1 : 0;
}
