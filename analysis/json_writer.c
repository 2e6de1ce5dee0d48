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

/* Bytes of the character at `at` (RFC 3629), 0 when it is none. */
static size_t utf8_length(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    size_t n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (b[0] > 0xf4 || (b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] >= 0xa0) ||
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] >= 0x90))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void make_utf8(char *text)
{
    while (*text) {
        size_t n = utf8_length(text);
        if (!n)
            *text = '?';
        text += n ? n : 1;
    }
}

json_t *text_json(const char *text)
{
    const char *at = text;
    size_t n;

    while (at && *at && (n = utf8_length(at)))
        at += n;
    return !text ? json_null() : json_string_nocheck(*at ? "(not valid UTF-8)" : text);
}

void put_text(struct json_writer *w, json_t *object, const char *key, const char *text)
{
    put(w, object, key, text_json(text));
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

json_t *json_whole(const struct json_writer *w, json_t *document)
{
    if (!w->failed)
        return document;
    json_decref(document);
    return NULL;
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
