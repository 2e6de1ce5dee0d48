/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/xls_text.h"

#include <ctype.h>
#include <errno.h>
#include <freexl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MOST (64L << 20)
#define SECONDS_MOST 60

enum { CHILD_DONE, CHILD_NOT_A_WORKBOOK, CHILD_CANNOT_WRITE };

/* --- In the child ----------------------------------------------------------------------------- */

/* Tabs and line ends part cells: none of them inside of one. */
static void put_word(FILE *out, const char *text)
{
    for (; text && *text; text++)
        fputc(isspace((unsigned char)*text) ? ' ' : *text, out);
}

static void put_cell(FILE *out, const FreeXL_CellValue *cell)
{
    switch (cell->type) {
    case FREEXL_CELL_INT:
        fprintf(out, "%d", cell->value.int_value);
        break;
    case FREEXL_CELL_DOUBLE:
        fprintf(out, "%.17g", cell->value.double_value);
        break;
    case FREEXL_CELL_TEXT:
    case FREEXL_CELL_SST_TEXT:
    case FREEXL_CELL_DATE:
    case FREEXL_CELL_DATETIME:
    case FREEXL_CELL_TIME:
        put_word(out, cell->value.text_value);
        break;
    default:
        break;
    }
}

static int put_sheet(const void *book, unsigned short sheet, FILE *out)
{
    unsigned int rows = 0;
    unsigned short cols = 0;
    FreeXL_CellValue cell;
    if (freexl_select_active_worksheet(book, sheet) ||
        freexl_worksheet_dimensions(book, &rows, &cols))
        return -1;
    for (unsigned int row = 0; row < rows; row++) {
        for (unsigned short col = 0; col < cols; col++) {
            if (col)
                fputc('\t', out);
            if (!freexl_get_cell_value(book, row, col, &cell))
                put_cell(out, &cell);
        }
        fputc('\n', out);
    }
    return ferror(out) ? -1 : 0;
}

static int put_book(const char *path, FILE *out)
{
    const void *book = NULL;
    unsigned int sheets = 0;
    if (freexl_open(path, &book) || freexl_get_info(book, FREEXL_BIFF_SHEET_COUNT, &sheets))
        return CHILD_NOT_A_WORKBOOK;
    for (unsigned int i = 0; i < sheets && i < 256; i++)
        if (put_sheet(book, (unsigned short)i, out))
            return ferror(out) ? CHILD_CANNOT_WRITE : CHILD_NOT_A_WORKBOOK;
    freexl_close(book);
    return fflush(out) ? CHILD_CANNOT_WRITE : CHILD_DONE;
}

static void be_child(int in, int out)
{
    const struct rlimit seconds = {SECONDS_MOST, SECONDS_MOST};
    const struct rlimit no_core = {0, 0};
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    char path[32];
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        signal(deadly[i], SIG_DFL); /* what the parent does then is not for us */
    FILE *stream = fdopen(out, "w");
    setrlimit(RLIMIT_CPU, &seconds);
    setrlimit(RLIMIT_CORE, &no_core);
    snprintf(path, sizeof path, "/proc/self/fd/%d", in); /* the library wants a name */
    _exit(stream ? put_book(path, stream) : CHILD_CANNOT_WRITE);
}

/* --- In the parent ---------------------------------------------------------------------------- */

static int wait_for(pid_t child, const char *name, struct problem *why)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return problem(why, PROBLEM_FAILED, "%s cannot be read: %s", name, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE)
        return 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_CANNOT_WRITE)
        return problem(why, PROBLEM_FAILED, "%s: its text cannot be written into a temporary file",
                       name);
    return problem(why, PROBLEM_REFUSED,
                   "%s begins as an .xls workbook but cannot be read as one: it is damaged, or "
                   "locked by a password; save it as tab-separated text",
                   name);
}

static int convert(FILE *in, FILE *out, const char *name, struct problem *why)
{
    pid_t child = fork();
    if (child < 0)
        return problem(why, PROBLEM_FAILED, "no process can be started to read %s: %s", name,
                       strerror(errno));
    if (child == 0)
        be_child(fileno(in), fileno(out));
    return wait_for(child, name, why);
}

FILE *xls_as_text(FILE *in, const char *name, struct problem *why)
{
    if (fseek(in, 0, SEEK_END) || ftell(in) > FILE_MOST) {
        problem(why, PROBLEM_REFUSED, "%s: expected an .xls workbook of at most %ld bytes", name,
                FILE_MOST);
        return NULL;
    }
    rewind(in);
    FILE *out = tmpfile();
    if (!out) {
        problem(why, PROBLEM_FAILED, "a temporary file cannot be made: %s", strerror(errno));
        return NULL;
    }
    if (convert(in, out, name, why)) {
        fclose(out);
        return NULL;
    }
    rewind(out);
    return out;
}
