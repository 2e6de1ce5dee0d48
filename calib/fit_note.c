/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/fit_note.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

const char *bench_stage_name(enum bench_stage stage)
{
    static const char *const names[] = {"empty", "bladder", "creep", "mass", "warm", "stud"};
    return stage < BENCH_STAGES ? names[stage] : "unknown";
}

struct note_reader {
    const json_t *root;
    struct problem *why;
    int failed; /* the first refusal sticks */
};

static void refuse(struct note_reader *reader, const char *key, const char *what)
{
    if (!reader->failed)
        problem(reader->why, PROBLEM_REFUSED, "bench annotation: member '%s' %s", key, what);
    reader->failed = 1;
}

/* NaN when absent; a number that is needed and absent is refused. */
static double number(struct note_reader *reader, const char *key, double low, double high,
                     int needed)
{
    const json_t *member = json_object_get(reader->root, key);
    double value = json_number_value(member);
    char bounds[64];
    if (!member || json_is_null(member)) {
        if (needed)
            refuse(reader, key, "is missing");
        return NAN;
    }
    if (json_is_number(member) && value >= low && value <= high)
        return value;
    snprintf(bounds, sizeof bounds, "is not a number from %g to %g", low, high);
    refuse(reader, key, bounds);
    return NAN;
}

static int integer(struct note_reader *reader, const char *key)
{
    const json_t *member = json_object_get(reader->root, key);
    json_int_t value = json_integer_value(member);
    if (member && (!json_is_integer(member) || value < 0 || value > 1000000))
        refuse(reader, key, "is not a whole number from 0 to 1000000");
    return reader->failed ? 0 : (int)value;
}

static void text(struct note_reader *reader, const char *key, char *out, size_t size)
{
    const char *value = json_string_value(json_object_get(reader->root, key));
    size_t n = value ? strlen(value) : 0;
    if (n < 1 || n >= size) {
        refuse(reader, key, n < 1 ? "is missing or not a text" : "is too long");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (iscntrl((unsigned char)value[i])) {
            refuse(reader, key, "holds a control character");
            return;
        }
    }
    memcpy(out, value, n + 1);
}

static int direction(struct note_reader *reader)
{
    const json_t *member = json_object_get(reader->root, "direction");
    const char *value = json_string_value(member);
    if (!member)
        return 0;
    if (value && !strcmp(value, "up"))
        return 1;
    if (value && !strcmp(value, "down"))
        return -1;
    refuse(reader, "direction", "is neither \"up\" nor \"down\"");
    return 0;
}

static enum bench_stage stage(struct note_reader *reader)
{
    const char *value = json_string_value(json_object_get(reader->root, "stage"));
    for (int i = 0; value && i < BENCH_STAGES; i++) {
        if (!strcmp(value, bench_stage_name((enum bench_stage)i)))
            return (enum bench_stage)i;
    }
    refuse(reader, "stage", "is none of empty, bladder, creep, mass, warm, stud");
    return BENCH_EMPTY;
}

static void hold(struct note_reader *reader, struct fit_note *note)
{
    note->kind = FIT_NOTE_HOLD;
    note->stage = stage(reader);
    int pressed =
        note->stage == BENCH_BLADDER || note->stage == BENCH_CREEP || note->stage == BENCH_WARM;
    int weighed = note->stage == BENCH_MASS || note->stage == BENCH_STUD;
    note->kpa = number(reader, "kpa", 0, 10000, pressed);
    note->kg = number(reader, "kg", 0, 1000, weighed);
    note->temperature_c = number(reader, "temperature_c", -40, 125, 0);
    note->tip_cm2 = number(reader, "tip_cm2", 0.01, 100, note->stage == BENCH_STUD);
    note->x_mm = number(reader, "x_mm", -10000, 20000, 0);
    note->y_mm = number(reader, "y_mm", -10000, 20000, 0);
    note->width_mm = number(reader, "width_mm", 0.1, 10000, 0);
    note->height_mm = number(reader, "height_mm", 0.1, 10000, 0);
    note->diameter_mm = number(reader, "diameter_mm", 0.1, 10000, 0);
    note->direction = direction(reader);
    note->cycle = integer(reader, "cycle");
    note->place = integer(reader, "place");
    if (note->stage == BENCH_STUD)
        text(reader, "stud", note->stud, sizeof note->stud);
}

static void bench_note(struct note_reader *reader, struct fit_note *note)
{
    const char *kind = json_string_value(json_object_get(reader->root, "bench"));
    if (kind && !strcmp(kind, "hold")) {
        hold(reader, note);
    } else if (kind && !strcmp(kind, "end")) {
        note->kind = FIT_NOTE_END;
        note->loaded = json_is_true(json_object_get(reader->root, "loaded"));
    } else if (kind && !strcmp(kind, "reference")) {
        note->kind = FIT_NOTE_REFERENCE;
        text(reader, "device", note->device, sizeof note->device);
        note->accuracy_percent = number(reader, "accuracy_percent", 0, 100, 0);
    } else {
        refuse(reader, "bench", "is none of \"hold\", \"end\", \"reference\"");
    }
}

int fit_note_parse(const char *json, size_t n, struct fit_note *note, struct problem *why)
{
    *note = (struct fit_note){.kpa = NAN,
                              .kg = NAN,
                              .temperature_c = NAN,
                              .tip_cm2 = NAN,
                              .x_mm = NAN,
                              .y_mm = NAN,
                              .width_mm = NAN,
                              .height_mm = NAN,
                              .diameter_mm = NAN,
                              .accuracy_percent = NAN};
    json_error_t error;
    json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES, &error);
    struct note_reader reader = {.root = root, .why = why};
    /* Anybody may annotate a recording in any words; only what begins like ours must be ours. */
    if (!root && memmem(json, n, "\"bench\"", 7)) {
        problem(why, PROBLEM_REFUSED, "bench annotation: not JSON: %.160s", error.text);
        reader.failed = 1;
    }
    if (root && json_object_get(root, "bench"))
        bench_note(&reader, note);
    json_decref(root);
    return reader.failed ? -1 : 0;
}
