/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/export/mat_array.h"

#include <string.h>

#define TAG 8               /* bytes */
#define FIELD_NAME 32       /* bytes of each, with its NUL */
#define SHORT_INT32 0x40005 /* a part of 4 bytes stands in its tag: their number, their kind */

void mat_part_tag(struct text *to, enum mat_part kind, uint32_t n_bytes)
{
    const uint32_t tag[2] = {kind, n_bytes};
    text_append(to, tag, sizeof tag);
}

void mat_part(struct text *to, enum mat_part kind, const void *values, size_t n_bytes)
{
    static const char zeros[8];
    mat_part_tag(to, kind, (uint32_t)n_bytes);
    text_append(to, values, n_bytes);
    text_append(to, zeros, mat_padding(n_bytes));
}

size_t mat_array_begin(struct text *to, enum mat_class kind, const char *name, const uint32_t *size,
                       int axes)
{
    const uint32_t flags[2] = {kind, 0};
    size_t begun = to->n;
    mat_part_tag(to, MAT_PART_ARRAY, 0); /* until its end */
    mat_part(to, MAT_PART_UINT32, flags, sizeof flags);
    mat_part(to, MAT_PART_INT32, size, (size_t)axes * sizeof *size);
    mat_part(to, MAT_PART_INT8, name, strlen(name));
    return begun;
}

void mat_array_end(struct text *to, size_t begun, uint32_t beyond)
{
    uint32_t n_bytes = (uint32_t)(to->n - begun - TAG) + beyond;
    if (!to->failed)
        memcpy(to->bytes + begun + TAG / 2, &n_bytes, sizeof n_bytes);
}

void mat_doubles(struct text *to, const char *name, const double *values, size_t n)
{
    const uint32_t size[2] = {(uint32_t)n, 1};
    size_t begun = mat_array_begin(to, MAT_CLASS_DOUBLE, name, size, 2);
    mat_part(to, MAT_PART_DOUBLE, values, n * sizeof *values);
    mat_array_end(to, begun, 0);
}

/* As long as it has characters, not bytes. */
void mat_words(struct text *to, const char *name, const char *utf8)
{
    uint32_t characters = 0;
    for (const char *c = utf8; *c; c++)
        characters += (*c & 0xc0) != 0x80;
    const uint32_t size[2] = {characters > 0, characters};
    size_t begun = mat_array_begin(to, MAT_CLASS_CHAR, name, size, 2);
    mat_part(to, MAT_PART_UTF8, utf8, strlen(utf8));
    mat_array_end(to, begun, 0);
}

void mat_field_names(struct text *to, const char *const *names, int n)
{
    const uint32_t length[2] = {SHORT_INT32, FIELD_NAME};
    text_append(to, length, sizeof length);
    mat_part_tag(to, MAT_PART_INT8, (uint32_t)n * FIELD_NAME);
    for (int i = 0; i < n; i++) {
        char name[FIELD_NAME] = "";
        memcpy(name, names[i], strnlen(names[i], FIELD_NAME - 1));
        text_append(to, name, sizeof name);
    }
}
