/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/json_fields.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void json_fields_begin(struct json_fields *fields, const char *file, struct problem *why)
{
    *fields = (struct json_fields){.file = file, .why = why, .path = "$"};
}

void json_fields_refuse(struct json_fields *fields, const char *key, const char *format, ...)
{
    if (fields->failed)
        return;
    fields->failed = 1;
    char said[200];
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    problem(fields->why, PROBLEM_REFUSED, "%s: %s%s%s: %s", fields->file, fields->path,
            key ? "." : "", key ? key : "", said);
}

/* A path too deep for the buffer is cut: messages get shorter, never wrong. */
static void go_down(struct json_fields *fields, const char *step)
{
    size_t at = strlen(fields->path);
    snprintf(fields->path + at, sizeof fields->path - at, "%s", step);
}

const json_t *json_fields_enter(struct json_fields *fields, const json_t *object, const char *key)
{
    char step[64];
    snprintf(step, sizeof step, ".%s", key);
    go_down(fields, step);
    const json_t *value = fields->failed ? NULL : json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

const json_t *json_fields_enter_index(struct json_fields *fields, const json_t *array, size_t i)
{
    char step[32];
    snprintf(step, sizeof step, "[%zu]", i);
    go_down(fields, step);
    return fields->failed ? NULL : json_array_get(array, i);
}

void json_fields_leave(struct json_fields *fields)
{
    if (fields->failed)
        return; /* the path of the first error stays */
    char *dot = strrchr(fields->path, '.');
    char *bracket = strrchr(fields->path, '[');
    char *cut = bracket > dot ? bracket : dot;
    if (cut)
        *cut = '\0';
}

/* Levenshtein distance of two short words. */
static int distance(const char *a, const char *b)
{
    int row[48];
    size_t n = strlen(b);
    if (n >= sizeof row / sizeof row[0])
        return 99;
    for (size_t j = 0; j <= n; j++)
        row[j] = (int)j;
    for (size_t i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= n; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = change < best ? change : best;
        }
    }
    return row[n];
}

static const char *nearest(const char *key, const char *const *known)
{
    const char *best = known[0];
    for (; *known; known++)
        if (distance(key, *known) < distance(key, best))
            best = *known;
    return best;
}

static int is_known(const char *key, const char *const *known)
{
    for (; *known; known++)
        if (!strcmp(key, *known))
            return 1;
    return 0;
}

void json_fields_only(struct json_fields *fields, const json_t *value, const char *const *known)
{
    if (fields->failed)
        return;
    if (!json_is_object(value)) {
        json_fields_refuse(fields, NULL, "must be an object { }");
        return;
    }
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        if (is_known(key, known) || (!strcmp(key, "comment") && json_is_string(member)))
            continue;
        json_fields_refuse(fields, NULL,
                           "key '%.40s' is not known here; did you mean '%s'? (samples/SCHEMA.md)",
                           key, nearest(key, known));
        return;
    }
}

static const json_t *member_of(const struct json_fields *fields, const json_t *object,
                               const char *key)
{
    const json_t *value = fields->failed ? NULL : json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

double json_fields_number(struct json_fields *fields, const json_t *object, const char *key,
                          double low, double high, double fallback)
{
    const json_t *value = member_of(fields, object, key);
    if (!value)
        return fallback;
    if (!json_is_number(value)) {
        json_fields_refuse(fields, key, "must be a number from %g to %g", low, high);
        return fallback;
    }
    double number = json_number_value(value);
    if (!isfinite(number) || number < low || number > high) {
        json_fields_refuse(fields, key, "%g is out of range; give %g to %g", number, low, high);
        return fallback;
    }
    return number;
}

long json_fields_integer(struct json_fields *fields, const json_t *object, const char *key,
                         long low, long high, long fallback)
{
    const json_t *value = member_of(fields, object, key);
    if (!value)
        return fallback;
    if (!json_is_integer(value)) {
        json_fields_refuse(fields, key, "must be a whole number from %ld to %ld", low, high);
        return fallback;
    }
    json_int_t number = json_integer_value(value);
    if (number < low || number > high) {
        json_fields_refuse(fields, key, "%lld is out of range; give %ld to %ld", (long long)number,
                           low, high);
        return fallback;
    }
    return (long)number;
}

int json_fields_bool(struct json_fields *fields, const json_t *object, const char *key,
                     int fallback)
{
    const json_t *value = member_of(fields, object, key);
    if (!value)
        return fallback;
    if (!json_is_boolean(value)) {
        json_fields_refuse(fields, key, "must be true or false");
        return fallback;
    }
    return json_is_true(value);
}

void json_fields_text(struct json_fields *fields, const json_t *object, const char *key, char *out,
                      size_t cap)
{
    const json_t *value = member_of(fields, object, key);
    if (!value)
        return;
    const char *text = json_string_value(value);
    if (!text || json_string_length(value) >= cap) {
        json_fields_refuse(fields, key, "must be a string of at most %zu bytes", cap - 1);
        return;
    }
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            json_fields_refuse(fields, key, "holds a control character; write plain text");
            return;
        }
    }
    memcpy(out, text, strlen(text) + 1);
}

int json_fields_choice(struct json_fields *fields, const json_t *object, const char *key,
                       const char *const *choices, int fallback)
{
    const json_t *value = member_of(fields, object, key);
    if (!value)
        return fallback;
    const char *text = json_string_value(value);
    for (int i = 0; text && choices[i]; i++)
        if (!strcmp(text, choices[i]))
            return i;
    char list[120] = "";
    for (int i = 0; choices[i]; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "",
                 choices[i]);
    json_fields_refuse(fields, key, "must be one of: %s", list);
    return fallback;
}

size_t json_fields_count(struct json_fields *fields, const json_t *array, size_t cap)
{
    if (fields->failed || !array)
        return 0;
    if (!json_is_array(array)) {
        json_fields_refuse(fields, NULL, "must be an array [ ]");
        return 0;
    }
    if (json_array_size(array) > cap) {
        json_fields_refuse(fields, NULL, "has %zu entries; at most %zu are taken",
                           json_array_size(array), cap);
        return 0;
    }
    return json_array_size(array);
}
