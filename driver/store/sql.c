/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void sql_close(struct sql *sql)
{
    if (sql->backend)
        sql->backend->close(sql->context);
    *sql = (struct sql){0};
}

struct sql_value sql_text(const char *text)
{
    return (struct sql_value){.kind = text ? SQL_TEXT : SQL_NULL, .text = text};
}

struct sql_value sql_integer(int64_t integer)
{
    return (struct sql_value){.kind = SQL_INTEGER, .integer = integer};
}

struct sql_value sql_real(double real)
{
    return (struct sql_value){.kind = isfinite(real) ? SQL_REAL : SQL_NULL, .real = real};
}

struct sql_value sql_of_json(const json_t *value)
{
    if (json_is_string(value))
        return sql_text(json_string_value(value));
    if (json_is_integer(value))
        return sql_integer(json_integer_value(value));
    if (json_is_boolean(value))
        return sql_integer(json_is_true(value));
    return sql_real(json_is_real(value) ? json_real_value(value) : NAN);
}

int sql_run(struct sql *sql, const char *text, const struct sql_value *values, int n,
            struct problem *why)
{
    return sql->backend->run(sql->context, text, values, n, NULL, NULL, why);
}

static json_t *value_json(const struct sql_value *value)
{
    switch (value->kind) {
    case SQL_TEXT:
        return json_string(value->text);
    case SQL_INTEGER:
        return json_integer(value->integer);
    case SQL_REAL:
        return json_real(value->real);
    default:
        return json_null();
    }
}

static int add_row(void *context, const struct sql_row *row, struct problem *why)
{
    json_t *rows = context, *object = json_object();
    int bad = !object;
    for (int i = 0; i < row->n && !bad; i++)
        bad = json_object_set_new(object, row->names[i], value_json(&row->values[i]));
    if (bad || json_array_append(rows, object)) {
        json_decref(object);
        return problem(why, PROBLEM_FAILED,
                       "no memory for a row of the store, or a text in it that is not UTF-8");
    }
    json_decref(object);
    return 0;
}

json_t *sql_rows(struct sql *sql, const char *text, const struct sql_value *values, int n,
                 struct problem *why)
{
    json_t *rows = json_array();
    if (!rows) {
        problem_no_memory(why, "rows of the store");
        return NULL;
    }
    if (sql->backend->run(sql->context, text, values, n, add_row, rows, why)) {
        json_decref(rows);
        return NULL;
    }
    return rows;
}

json_t *sql_one(struct sql *sql, const char *text, const struct sql_value *values, int n,
                struct problem *why)
{
    json_t *rows = sql_rows(sql, text, values, n, why);
    if (!rows)
        return NULL;
    json_t *one = json_array_size(rows) ? json_incref(json_array_get(rows, 0)) : json_null();
    json_decref(rows);
    return one;
}

struct first {
    int is_there;
    int64_t number;
    char *text;
};

static int take_number(void *context, const struct sql_row *row, struct problem *why)
{
    struct first *first = context;
    (void)why;
    if (!first->is_there && row->n && row->values[0].kind == SQL_INTEGER) {
        first->is_there = 1;
        first->number = row->values[0].integer;
    }
    return 0;
}

int sql_number(struct sql *sql, const char *text, const struct sql_value *values, int n,
               int64_t *number, struct problem *why)
{
    struct first first = {0};
    if (sql->backend->run(sql->context, text, values, n, take_number, &first, why))
        return -1;
    *number = first.number;
    return !first.is_there;
}

static int take_text(void *context, const struct sql_row *row, struct problem *why)
{
    struct first *first = context;
    if (first->text || !row->n || row->values[0].kind != SQL_TEXT)
        return 0;
    first->text = strdup(row->values[0].text);
    return first->text ? 0 : problem_no_memory(why, "a text of the store");
}

char *sql_string(struct sql *sql, const char *text, const struct sql_value *values, int n,
                 struct problem *why)
{
    struct first first = {0};
    why->kind = PROBLEM_NONE;
    if (sql->backend->run(sql->context, text, values, n, take_text, &first, why)) {
        free(first.text);
        return NULL;
    }
    return first.text;
}

int sql_begin(struct sql *sql, struct problem *why)
{
    return sql->backend->begin(sql->context, why);
}

int sql_end(struct sql *sql, int bad, struct problem *why)
{
    struct problem at_rollback;
    if (!bad && !sql_run(sql, "COMMIT", NULL, 0, why))
        return 0;
    sql_run(sql, "ROLLBACK", NULL, 0, &at_rollback);
    return -1;
}
