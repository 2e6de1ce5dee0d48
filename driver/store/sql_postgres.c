/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PostgreSQL by libpq: https://www.postgresql.org/docs/15/libpq.html */
#include "driver/store/sql.h"

#include "firmware/wire/problem_code.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Types of columns, from the server's pg_type.dat: they never change. */
enum { OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_FLOAT4 = 700, OID_FLOAT8 = 701 };
enum { NUMBER_SIZE = 32 };

/* The server's sentence may hold values of rows: its first line only, and never its DETAIL. */
static int tell(PGconn *connection, const PGresult *result, struct problem *why)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *said = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *text = said ? said : PQerrorMessage(connection);
    int is_rule = state && !strncmp(state, "23", 2); /* integrity_constraint_violation */
    return problem_coded(why, is_rule ? PROBLEM_CODE_NONE : PROBLEM_CODE_STORE_SERVER,
                         is_rule ? PROBLEM_REFUSED : PROBLEM_FAILED, "the store's server: %.*s",
                         (int)strcspn(text, "\n"), text);
}

/* The value as text; `room` for a number. */
static const char *as_text(const struct sql_value *value, char room[NUMBER_SIZE])
{
    switch (value->kind) {
    case SQL_TEXT:
        return value->text;
    case SQL_INTEGER:
        snprintf(room, NUMBER_SIZE, "%" PRId64, value->integer);
        return room;
    case SQL_REAL:
        snprintf(room, NUMBER_SIZE, "%.17g", value->real);
        return room;
    default:
        return NULL;
    }
}

static struct sql_value column(const PGresult *result, int row, int i)
{
    const char *text = PQgetvalue(result, row, i);
    if (PQgetisnull(result, row, i))
        return sql_text(NULL);
    switch (PQftype(result, i)) {
    case OID_INT8:
    case OID_INT4:
    case OID_INT2:
        return sql_integer(strtoll(text, NULL, 10));
    case OID_FLOAT4:
    case OID_FLOAT8:
        return sql_real(strtod(text, NULL));
    default:
        return sql_text(text);
    }
}

static int give_rows(const PGresult *result, sql_row_fn *row, void *context, struct problem *why)
{
    const char *names[SQL_COLUMNS_MAX];
    struct sql_value values[SQL_COLUMNS_MAX];
    int n = PQnfields(result);
    if (n > SQL_COLUMNS_MAX)
        return problem(why, PROBLEM_FAILED, "a query of more than %d columns", SQL_COLUMNS_MAX);
    for (int i = 0; i < n; i++)
        names[i] = PQfname(result, i);
    for (int r = 0; r < PQntuples(result); r++) {
        for (int i = 0; i < n; i++)
            values[i] = column(result, r, i);
        if (row(context, &(struct sql_row){n, names, values}, why))
            return -1;
    }
    return 0;
}

static int postgres_run(void *context, const char *sql, const struct sql_value *values, int n,
                        sql_row_fn *row, void *row_context, struct problem *why)
{
    PGconn *connection = context;
    const char *texts[SQL_COLUMNS_MAX] = {0};
    char rooms[SQL_COLUMNS_MAX][NUMBER_SIZE];
    if (n > SQL_COLUMNS_MAX)
        return problem(why, PROBLEM_FAILED, "a statement of more than %d values", SQL_COLUMNS_MAX);
    for (int i = 0; i < n; i++)
        texts[i] = as_text(&values[i], rooms[i]);
    PGresult *result = PQexecParams(connection, sql, n, NULL, texts, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    int bad = 0;
    if (status == PGRES_TUPLES_OK)
        bad = row && give_rows(result, row, row_context, why);
    else if (status != PGRES_COMMAND_OK)
        bad = tell(connection, result, why);
    PQclear(result);
    return bad ? -1 : 0;
}

/* As in SQLite one writes at a time, so that a file and its row belong together. */
static int postgres_begin(void *context, struct problem *why)
{
    struct problem at_end;
    if (postgres_run(context, "BEGIN", NULL, 0, NULL, NULL, why))
        return -1;
    if (!postgres_run(context, "SELECT pg_advisory_xact_lock(7461)", NULL, 0, NULL, NULL, why))
        return 0;
    postgres_run(context, "ROLLBACK", NULL, 0, NULL, NULL, &at_end);
    return -1;
}

/* Deleted rows stay in the tables' files until they are written anew. The server's own log of
 * changes and its administrator's dumps are out of reach: SCHEMA.md says what to do about them. */
static int postgres_scrub(void *context, struct problem *why)
{
    static const char *const tables[] = {
        "VACUUM (FULL) note",           "VACUUM (FULL) session_zone",
        "VACUUM (FULL) session_number", "VACUUM (FULL) session",
        "VACUUM (FULL) screening",      "VACUUM (FULL) consent",
        "VACUUM (FULL, ANALYZE) client"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (postgres_run(context, tables[i], NULL, 0, NULL, NULL, why))
            return -1;
    return 0;
}

/* The server checks its pages as it reads them. */
static int postgres_check(void *context, json_t *problems, struct problem *why)
{
    (void)problems;
    return postgres_run(context,
                        "SELECT count(*), sum(length(t::text)) FROM session_number AS t "
                        "UNION ALL SELECT count(*), sum(length(t::text)) FROM session AS t "
                        "UNION ALL SELECT count(*), sum(length(t::text)) FROM client AS t",
                        NULL, 0, NULL, NULL, why);
}

static void postgres_close(void *context)
{
    PQfinish(context);
}

static const char *const ddl[] = {
    "CREATE FUNCTION access_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
    "'BEGIN RAISE EXCEPTION ''the access log is only added to''; END'",
    "CREATE TRIGGER access_log_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_kept()",
    NULL};

#define TABLES                                                                                     \
    "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"

static const struct sql_backend backend = {
    .name = "postgresql",
    .count_tables = TABLES,
    .count_meta = TABLES " AND table_name = 'meta'",
    .ddl = ddl,
    .run = postgres_run,
    .begin = postgres_begin,
    .scrub = postgres_scrub,
    .check = postgres_check,
    .close = postgres_close,
};

/* Notices would go to stderr; a library prints nothing. */
static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

int sql_open_postgres(struct sql *sql, const char *uri, struct problem *why)
{
    static const char *const wishes[] = {"SET client_encoding = 'UTF8'", "SET lock_timeout = '10s'",
                                         "SET TIME ZONE 'UTC'", "SET synchronous_commit = on",
                                         "SET standard_conforming_strings = on"};
    *sql = (struct sql){0};
    /* Nobody waits for minutes on a server that is gone; the URI's own connect_timeout goes before.
     */
    static const char *const keys[] = {"connect_timeout", "dbname", NULL};
    const char *const values[] = {"10", uri, NULL};
    PGconn *connection = PQconnectdbParams(keys, values, 1);
    int bad = PQstatus(connection) == CONNECTION_OK ? 0 : tell(connection, NULL, why);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    for (size_t i = 0; !bad && i < sizeof wishes / sizeof wishes[0]; i++)
        bad = postgres_run(connection, wishes[i], NULL, 0, NULL, NULL, why);
    if (bad) {
        PQfinish(connection);
        return -1;
    }
    sql->backend = &backend;
    sql->context = connection;
    return 0;
}
