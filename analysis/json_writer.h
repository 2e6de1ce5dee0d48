/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of a JSON document, one call each.
 *
 * Failures of jansson (memory) stick: the first one is remembered, and one check of `failed` at the
 * end is enough. Values handed over are owned by the document, also after a failure. One thread a
 * writer. */
#ifndef TENDERFOOT_ANALYSIS_JSON_WRITER_H
#define TENDERFOOT_ANALYSIS_JSON_WRITER_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    int failed;
};

/* `value` NULL counts as a failure. */
void put(struct json_writer *w, json_t *object, const char *key, json_t *value);
void append(struct json_writer *w, json_t *array, json_t *value);

/* In place: each byte that belongs to no character becomes a question mark. */
void make_utf8(char *text);

/* Text from outside may hold anything; what is not UTF-8 is not shown. NULL = null. */
json_t *text_json(const char *text);
void put_text(struct json_writer *w, json_t *object, const char *key, const char *text);
/* Text, or null with the reason as KEY_reason. */
void put_text_or(struct json_writer *w, json_t *object, const char *key, const char *text,
                 const char *reason);
void put_count(struct json_writer *w, json_t *object, const char *key, uint64_t count);
/* A number, or null with the reason as KEY_reason. */
void put_number(struct json_writer *w, json_t *object, const char *key, double number,
                const char *reason);

/* The document, or NULL when anything of it failed: then it is freed here. */
json_t *json_whole(const struct json_writer *w, json_t *document);

/* Arrays; what is not finite is null. */
json_t *numbers_json(struct json_writer *w, const double *numbers, size_t n);
json_t *floats_json(struct json_writer *w, const float *numbers, size_t n);

#endif
