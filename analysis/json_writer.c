/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>

void put(struct json_writer *w, json_t *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object, key, value))
        w->failed = 1;
}

void append(struct json_writer *w, json_t *array, json_t *value)
{
    if (!value || json_array_append_new(array, value))
        w->failed = 1;
}

void put_text(struct json_writer *w, json_t *object, const char *key, const char *text)
{
    json_t *value = text ? json_string(text) : json_null();

    put(w, object, key, value ? value : json_string("(not valid UTF-8)"));
}

void put_text_or(struct json_writer *w, json_t *object, const char *key, const char *text,
                 const char *reason)
{
    char reason_key[64];

    put_text(w, object, key, text);
    if (text)
        return;
    snprintf(reason_key, sizeof reason_key, "%s_reason", key);
    put_text(w, object, reason_key, reason);
}

void put_count(struct json_writer *w, json_t *object, const char *key, uint64_t count)
{
    put(w, object, key, json_integer((json_int_t)count));
}

void put_number(struct json_writer *w, json_t *object, const char *key, double number,
                const char *reason)
{
    char reason_key[64];

    if (isfinite(number)) {
        put(w, object, key, json_real(number));
        return;
    }
    put(w, object, key, json_null());
    snprintf(reason_key, sizeof reason_key, "%s_reason", key);
    put_text(w, object, reason_key, *reason ? reason : "it cannot be computed");
}

json_t *numbers_json(struct json_writer *w, const double *numbers, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        append(w, array, isfinite(numbers[i]) ? json_real(numbers[i]) : json_null());
    return array;
}

json_t *floats_json(struct json_writer *w, const float *numbers, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++)
        append(w, array, isfinite(numbers[i]) ? json_real((double)numbers[i]) : json_null());
    return array;
}
