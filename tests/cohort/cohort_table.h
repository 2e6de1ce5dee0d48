/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cohort's table: each measure with its value, 95 % interval, number, aim and one of three
 * words; as text and as JSON. "reached": the measured value is within the aim. "not shown": it is
 * not, but its interval holds values that would be. "missed": not even these. One thread a table.
 */
#ifndef TENDERFOOT_TESTS_COHORT_TABLE_H
#define TENDERFOOT_TESTS_COHORT_TABLE_H

#include "tests/cohort/cohort_score.h"

#include <stdio.h>

enum aim_kind {
    AIM_NONE,          /* told, not judged */
    AIM_AT_LEAST,      /* value >= limit */
    AIM_AT_MOST,       /* value <= limit */
    AIM_WITHIN,        /* limit <= value <= high */
    AIM_NEVER,         /* value 0; hard: the program fails otherwise */
    AIM_AT_MOST_LIKELY /* value <= limit; hard: fails when the interval's low end is over it */
};

struct aim {
    enum aim_kind kind;
    double limit, high;
};

enum row_unit { UNIT_PERCENT, UNIT_DEG, UNIT_MM, UNIT_COUNT, UNIT_NUMBER };

struct table;
struct table *table_begin(void);
void table_free(struct table *table);

void table_section(struct table *table, const char *name);
/* `key` for JSON, `words` for people. Shares and limits are 0..1 where the unit is percent. */
void table_row(struct table *table, const char *key, const char *words, struct score score,
               enum row_unit unit, struct aim aim);

void table_print(const struct table *table, FILE *to);
/* {"schema": "tenderfoot/cohort/1", "seed": ..., "rows": [...]}: 0, or -1. */
int table_write_json(const struct table *table, const char *path, uint64_t seed, int people,
                     int planted);

/* 1 when a hard aim was missed, in that word's sense. */
int table_failed(const struct table *table);
/* Of a row: its numbers (NAN and n 0 when there is none), its value, whether its aim was missed. */
struct score table_score(const struct table *table, const char *key);
double table_value(const struct table *table, const char *key);
int table_missed(const struct table *table, const char *key);

#endif
