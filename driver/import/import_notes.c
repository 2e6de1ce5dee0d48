/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/import/import_notes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key;
    size_t at;
} stated_keys[] = {
    {"force_n", offsetof(struct import_stated, force_n)},
    {"left_force_n", offsetof(struct import_stated, left_force_n)},
    {"right_force_n", offsetof(struct import_stated, right_force_n)},
    {"peak_kpa", offsetof(struct import_stated, peak_kpa)},
    {"area_cm2", offsetof(struct import_stated, area_cm2)},
    {"cop_x_mm", offsetof(struct import_stated, cop_x_mm)},
    {"cop_y_mm", offsetof(struct import_stated, cop_y_mm)},
    {"belt_m", offsetof(struct import_stated, belt_m)},
};
#define N_STATED (sizeof stated_keys / sizeof stated_keys[0])

static double *stated_number(struct import_stated *stated, size_t key)
{
    return (double *)(void *)((char *)stated + stated_keys[key].at);
}

static char *print(json_t *note, int failed, struct problem *why)
{
    char *text = failed ? NULL : json_dumps(note, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(note);
    if (!text)
        problem_no_memory(why, "an annotation");
    return text;
}

/* Each byte of Latin-1 becomes one or two of UTF-8. */
static char *utf8_of_latin1(const char *text)
{
    char *utf8 = malloc(2 * strlen(text) + 1), *to = utf8;
    for (; utf8 && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x80)
            *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(c < 0x20 || c == 0x7f ? ' ' : c < 0x80 ? c : 0x80 | (c & 0x3f));
    }
    if (utf8)
        *to = 0;
    return utf8;
}

static json_t *text_of(const char *value)
{
    json_t *text = json_string(value); /* NULL when it is not UTF-8 */
    if (text)
        return text;
    char *utf8 = utf8_of_latin1(value);
    text = utf8 ? json_string(utf8) : NULL;
    free(utf8);
    return text;
}

char *import_note_fact(const char *key, const char *value, struct problem *why)
{
    json_t *note = json_object();
    int failed = json_object_set_new(note, "import", json_string("file")) ||
                 json_object_set_new(note, key, text_of(value));
    return print(note, failed, why);
}

static json_t *run_of(int row, int first, int last)
{
    return json_pack("[i,i,i]", row, first, last);
}

char *import_note_mask(int rows, int cols, const uint8_t *no_sensor, struct problem *why)
{
    json_t *note = json_object(), *runs = json_array();
    int failed = json_object_set_new(note, "import", json_string("mask"));
    failed |= json_object_set_new(note, "no_sensor", runs);
    for (int row = 0; row < rows && !failed; row++) {
        const uint8_t *cell = no_sensor + (size_t)row * (size_t)cols;
        for (int col = 0; col < cols && !failed; col++) {
            int first = col;
            while (col < cols && cell[col])
                col++;
            if (col > first)
                failed = json_array_append_new(runs, run_of(row, first, col - 1));
        }
    }
    return print(note, failed, why);
}

char *import_note_stated(const struct import_stated *stated, struct problem *why)
{
    struct import_stated copy = *stated;
    json_t *note = json_object();
    int n = 0, failed = json_object_set_new(note, "import", json_string("stated"));
    for (size_t i = 0; i < N_STATED && !failed; i++) {
        double number = *stated_number(&copy, i);
        if (!isfinite(number))
            continue;
        failed = json_object_set_new(note, stated_keys[i].key, json_real(number));
        n++;
    }
    if (failed || n > 0)
        return print(note, failed, why);
    json_decref(note);
    *why = (struct problem){0};
    return NULL;
}

/* The annotation if it is one of ours and of this kind, else NULL. */
static json_t *read_note(const char *json, size_t n, const char *kind)
{
    json_t *note = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
    const char *word = json_string_value(json_object_get(note, "import"));
    if (word && !strcmp(word, kind))
        return note;
    json_decref(note);
    return NULL;
}

static int is_within(json_int_t value, int least, int most)
{
    return value >= least && value < most;
}

int import_note_read_mask(const char *json, size_t n, int rows, int cols, uint8_t *no_sensor)
{
    json_t *note = read_note(json, n, "mask"), *run;
    size_t i;
    if (!note)
        return 0;
    memset(no_sensor, 0, (size_t)rows * (size_t)cols);
    json_array_foreach(json_object_get(note, "no_sensor"), i, run)
    {
        json_int_t row = json_integer_value(json_array_get(run, 0));
        json_int_t first = json_integer_value(json_array_get(run, 1));
        json_int_t last = json_integer_value(json_array_get(run, 2));
        if (is_within(row, 0, rows) && is_within(first, 0, cols) &&
            is_within(last, (int)first, cols))
            memset(no_sensor + (size_t)row * (size_t)cols + first, 1, (size_t)(last - first + 1));
    }
    json_decref(note);
    return 1;
}

int import_note_read_stated(const char *json, size_t n, struct import_stated *stated)
{
    json_t *note = read_note(json, n, "stated");
    if (!note)
        return 0;
    *stated = IMPORT_STATED_NOTHING;
    for (size_t i = 0; i < N_STATED; i++) {
        const json_t *number = json_object_get(note, stated_keys[i].key);
        if (json_is_number(number))
            *stated_number(stated, i) = json_number_value(number);
    }
    json_decref(note);
    return 1;
}
