/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_table.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 400

struct row {
    char section[80], key[64], words[140];
    struct score score;
    enum row_unit unit;
    struct aim aim;
};

struct table {
    char section[80];
    int n;
    struct row rows[ROWS_MAX];
};

static const char *const unit_names[] = {"percent", "deg", "mm", "count", "number"};

struct table *table_begin(void)
{
    return calloc(1, sizeof(struct table));
}

void table_free(struct table *table)
{
    free(table);
}

void table_section(struct table *table, const char *name)
{
    snprintf(table->section, sizeof table->section, "%s", name);
}

void table_row(struct table *table, const char *key, const char *words, struct score score,
               enum row_unit unit, struct aim aim)
{
    if (table->n >= ROWS_MAX)
        return;
    struct row *row = &table->rows[table->n++];
    memcpy(row->section, table->section, sizeof row->section);
    snprintf(row->key, sizeof row->key, "%s", key);
    snprintf(row->words, sizeof row->words, "%s", words);
    row->score = score;
    row->unit = unit;
    row->aim = aim;
}

/* What the aim allows; a share cannot be less than none. */
static void aim_range(const struct aim *aim, double *low, double *high)
{
    *low = aim->kind == AIM_AT_LEAST || aim->kind == AIM_WITHIN ? aim->limit : -INFINITY;
    *high = aim->kind == AIM_AT_LEAST ? INFINITY
            : aim->kind == AIM_WITHIN ? aim->high
            : aim->kind == AIM_NEVER  ? 0
                                      : aim->limit;
}

enum verdict_of_row { NOT_JUDGED, REACHED, NOT_SHOWN, MISSED };

/* By the measured value; a miss is shown only by an interval that leaves the aim out. What may
 * never be was seen when it was seen once. */
static enum verdict_of_row verdict_of(const struct row *row)
{
    const struct score *score = &row->score;
    double low, high;
    if (row->aim.kind == AIM_NONE || isnan(score->value))
        return NOT_JUDGED;
    aim_range(&row->aim, &low, &high);
    if (score->value >= low && score->value <= high)
        return REACHED;
    int may_be = score->low <= high && score->high >= low; /* no interval: false */
    return may_be && row->aim.kind != AIM_NEVER ? NOT_SHOWN : MISSED;
}

static const char *const verdict_words[] = {"", "reached", "not shown", "missed"};

static int is_hard(const struct row *row)
{
    return row->aim.kind == AIM_NEVER || row->aim.kind == AIM_AT_MOST_LIKELY;
}

static double shown(const struct row *row, double value)
{
    return row->unit == UNIT_PERCENT ? 100 * value : value;
}

static void aim_words(const struct row *row, char *text, size_t cap)
{
    const char *unit = row->unit == UNIT_PERCENT ? " %" : "";
    double limit = shown(row, row->aim.limit), high = shown(row, row->aim.high);
    switch (row->aim.kind) {
    case AIM_NONE:
        snprintf(text, cap, "-");
        break;
    case AIM_AT_LEAST:
        snprintf(text, cap, ">= %g%s", limit, unit);
        break;
    case AIM_WITHIN:
        snprintf(text, cap, "%g to %g%s", limit, high, unit);
        break;
    case AIM_NEVER:
        snprintf(text, cap, "never");
        break;
    default:
        snprintf(text, cap, "<= %g%s", limit, unit);
    }
}

/* "value (low to high) unit"; a number without an interval is printed without. */
static void value_words(const struct row *row, char *text, size_t cap)
{
    static const char *const units[] = {"%", "deg", "mm", "", ""};
    const struct score *score = &row->score;
    if (isnan(score->value))
        snprintf(text, cap, "no data");
    else if (isnan(score->low) || isnan(score->high))
        snprintf(text, cap, "%.4g %s", shown(row, score->value), units[row->unit]);
    else
        snprintf(text, cap, "%.4g (%.3g to %.3g) %s", shown(row, score->value),
                 shown(row, score->low), shown(row, score->high), units[row->unit]);
}

static void print_row(const struct row *row, FILE *to)
{
    char aim[32], value[64];
    aim_words(row, aim, sizeof aim);
    value_words(row, value, sizeof value);
    fprintf(to, "  %-62s %-30s n %-6zu aim %-12s %s\n", row->words, value, row->score.n, aim,
            verdict_words[verdict_of(row)]);
}

void table_print(const struct table *table, FILE *to)
{
    const char *section = "";
    for (int i = 0; i < table->n; i++) {
        if (strcmp(section, table->rows[i].section) != 0) {
            section = table->rows[i].section;
            fprintf(to, "\n%s\n", section);
        }
        print_row(&table->rows[i], to);
    }
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const struct row *row)
{
    char aim[32];
    json_t *object = json_object();
    enum verdict_of_row verdict = verdict_of(row);
    aim_words(row, aim, sizeof aim);
    json_object_set_new(object, "section", json_string(row->section));
    json_object_set_new(object, "key", json_string(row->key));
    json_object_set_new(object, "words", json_string(row->words));
    json_object_set_new(object, "unit", json_string(unit_names[row->unit]));
    json_object_set_new(object, "value", number_or_null(shown(row, row->score.value)));
    json_object_set_new(object, "low", number_or_null(shown(row, row->score.low)));
    json_object_set_new(object, "high", number_or_null(shown(row, row->score.high)));
    json_object_set_new(object, "n", json_integer((json_int_t)row->score.n));
    json_object_set_new(object, "aim", json_string(aim));
    json_object_set_new(object, "is_hard", json_boolean(is_hard(row)));
    json_object_set_new(object, "is_reached",
                        verdict ? json_boolean(verdict == REACHED) : json_null());
    json_object_set_new(object, "verdict",
                        verdict ? json_string(verdict_words[verdict]) : json_null());
    return object;
}

int table_write_json(const struct table *table, const char *path, uint64_t seed, int people,
                     int planted)
{
    json_t *root = json_pack("{s:s, s:I, s:i, s:i}", "schema", "tenderfoot/cohort/1", "seed",
                             (json_int_t)seed, "people_without", people, "people_with", planted);
    json_t *rows = json_array();
    for (int i = 0; i < table->n; i++)
        json_array_append_new(rows, row_json(&table->rows[i]));
    json_object_set_new(root, "rows", rows);
    int result = root ? json_dump_file(root, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) : -1;
    json_decref(root);
    return result;
}

int table_failed(const struct table *table)
{
    for (int i = 0; i < table->n; i++)
        if (is_hard(&table->rows[i]) && verdict_of(&table->rows[i]) == MISSED)
            return 1;
    return 0;
}

static const struct row *find_row(const struct table *table, const char *key)
{
    for (int i = 0; i < table->n; i++)
        if (!strcmp(table->rows[i].key, key))
            return &table->rows[i];
    return NULL;
}

struct score table_score(const struct table *table, const char *key)
{
    const struct row *row = find_row(table, key);
    return row ? row->score : (struct score){NAN, NAN, NAN, 0};
}

double table_value(const struct table *table, const char *key)
{
    return table_score(table, key).value;
}

int table_missed(const struct table *table, const char *key)
{
    const struct row *row = find_row(table, key);
    return row && verdict_of(row) == MISSED;
}
