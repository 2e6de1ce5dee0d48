/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a JSON file strictly: every member named, typed, bounded, and refused by its path.
 *
 * The first error sticks; later reads give their fallback and do nothing, so that a caller reads
 * all fields and checks once. A path is written as $.plate.rows or $.feet[1].length_mm. One thread
 * a reader; the JSON tree is the caller's and is not changed. */
#ifndef TENDERFOOT_SAMPLES_JSON_FIELDS_H
#define TENDERFOOT_SAMPLES_JSON_FIELDS_H

#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stddef.h>

struct json_fields {
    const char *file;    /* for messages */
    struct problem *why; /* may be NULL */
    int failed;
    char path[160];
};

void json_fields_begin(struct json_fields *fields, const char *file, struct problem *why);

/* Refuses what is at the present path (or at `key` below it, when not NULL). */
void json_fields_refuse(struct json_fields *fields, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Goes down to a member or an element and back up; enter gives NULL when it is absent. */
const json_t *json_fields_enter(struct json_fields *fields, const json_t *object, const char *key);
const json_t *json_fields_enter_index(struct json_fields *fields, const json_t *array, size_t i);
void json_fields_leave(struct json_fields *fields);

/* Refuses unless `value` is an object whose keys are all in `known` (NULL-terminated) or "comment",
 * a string; an unknown key is named together with the known one that looks most like it. */
void json_fields_only(struct json_fields *fields, const json_t *value, const char *const *known);

/* Members of an object with fallback; bounds are inclusive; null counts as absent. */
double json_fields_number(struct json_fields *fields, const json_t *object, const char *key,
                          double low, double high, double fallback);
long json_fields_integer(struct json_fields *fields, const json_t *object, const char *key,
                         long low, long high, long fallback);
int json_fields_bool(struct json_fields *fields, const json_t *object, const char *key,
                     int fallback);

/* Copies a string of at most cap - 1 bytes; out keeps what it holds when the key is absent. Control
 * characters are refused. */
void json_fields_text(struct json_fields *fields, const json_t *object, const char *key, char *out,
                      size_t cap);

/* The index of a string in `choices` (NULL-terminated). */
int json_fields_choice(struct json_fields *fields, const json_t *object, const char *key,
                       const char *const *choices, int fallback);

/* An array's length, refused when over `cap` or no array; 0 when absent. */
size_t json_fields_count(struct json_fields *fields, const json_t *array, size_t cap);

#endif
