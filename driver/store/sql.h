/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store asks of a database: a handful of functions and a context. One thread a handle.
 *
 * The SQL given is that which SQLite and PostgreSQL share: parameters $1, $2 ... (every value is
 * bound, none is ever printed into a statement), TEXT, BIGINT and DOUBLE PRECISION, ON CONFLICT,
 * RETURNING. Text is UTF-8 without NUL. */
#ifndef TENDERFOOT_DRIVER_STORE_SQL_H
#define TENDERFOOT_DRIVER_STORE_SQL_H

#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stdint.h>

enum sql_kind { SQL_NULL, SQL_TEXT, SQL_INTEGER, SQL_REAL };

struct sql_value {
    enum sql_kind kind;
    const char *text; /* NUL-terminated; of a row: valid within sql_row_fn */
    int64_t integer;
    double real;
};

/* A row of a result; names are those of the SELECT's columns. */
struct sql_row {
    int n;
    const char *const *names;
    const struct sql_value *values;
};
/* -1 and *why ends the query. */
typedef int sql_row_fn(void *context, const struct sql_row *row, struct problem *why);

enum { SQL_COLUMNS_MAX = 32 };

struct sql_backend {
    const char *name;
    int is_file;                           /* the catalogue is a file of the data folder */
    const char *count_tables, *count_meta; /* queries: tables in all; those called meta */
    const char *const *ddl; /* statements of its own after the tables are made; NULL ends them */
    /* One statement with its n values; `row` (NULL = the rows are not wanted) for each row. A
     * broken rule of the tables is PROBLEM_REFUSED, all else PROBLEM_FAILED. */
    int (*run)(void *context, const char *sql, const struct sql_value *values, int n,
               sql_row_fn *row, void *row_context, struct problem *why);
    /* A transaction that is going to write: waits for others' up to 10 s. */
    int (*begin)(void *context, struct problem *why);
    /* Nothing of what was deleted is left in the database's own files. */
    int (*scrub)(void *context, struct problem *why);
    /* A consistent copy into an SQLite file, empty or not there yet, encrypted by `key` (32 bytes;
     * NULL: in the clear); NULL: it has no such copy. */
    int (*copy)(void *context, const char *path, const unsigned char *key, struct problem *why);
    /* The database's own check: a problem is told as a sentence in `problems`. */
    int (*check)(void *context, json_t *problems, struct problem *why);
    void (*close)(void *context);
};

struct sql {
    const struct sql_backend *backend;
    void *context;
};

/* SQLite at `path`; made with mode 0600 when `make`; encrypted by `key` (32 bytes, copied;
 * sql_pages.h), NULL: an ordinary file. */
int sql_open_sqlite(struct sql *sql, const char *path, int make, const unsigned char *key,
                    struct problem *why);
/* PostgreSQL by libpq's URI. */
int sql_open_postgres(struct sql *sql, const char *uri, struct problem *why);
void sql_close(struct sql *sql);

struct sql_value sql_text(const char *text); /* NULL becomes SQL's null */
struct sql_value sql_integer(int64_t integer);
struct sql_value sql_real(double real); /* NAN becomes SQL's null */
/* A member of an object: a text, a number, or null. */
struct sql_value sql_of_json(const json_t *value);

#define SQL_N(values) ((int)(sizeof(values) / sizeof(values)[0]))

/* Runs a statement and throws its rows away. */
int sql_run(struct sql *sql, const char *sql_text, const struct sql_value *values, int n,
            struct problem *why);
/* The rows as an array of objects, keys being the columns' names; or NULL and *why. */
json_t *sql_rows(struct sql *sql, const char *sql_text, const struct sql_value *values, int n,
                 struct problem *why);
/* The first row as an object; null (json_null) when there is none; or NULL and *why. */
json_t *sql_one(struct sql *sql, const char *sql_text, const struct sql_value *values, int n,
                struct problem *why);
/* The first column of the first row as a whole number: 0, 1 when there is no row, or -1. */
int sql_number(struct sql *sql, const char *sql_text, const struct sql_value *values, int n,
               int64_t *number, struct problem *why);
/* The same as text, malloc'ed: NULL with why->kind PROBLEM_NONE when there is no row or a null. */
char *sql_string(struct sql *sql, const char *sql_text, const struct sql_value *values, int n,
                 struct problem *why);

int sql_begin(struct sql *sql, struct problem *why);
/* Commits when `bad` is 0, else rolls back: gives -1 when it was bad or could not be committed.
 * *why stays as it is when it was bad. */
int sql_end(struct sql *sql, int bad, struct problem *why);

#endif
