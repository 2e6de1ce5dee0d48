/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/notes.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANNOTATION_SCHEMA "tenderfoot/annotation/1"
enum { NOTES_MAX = 10000, LINE_MAX_BYTES = 65536 };

/* Where a complaint points to. */
struct place {
    const char *path;
    size_t line;
};

static int refuse(const struct place *place, const char *what, struct problem *why)
{
    return problem(why, PROBLEM_REFUSED, "%s, line %zu: %s", place->path, place->line, what);
}

static int is_one_of(const json_t *value, const char *const *words)
{
    const char *text = json_string_value(value);
    for (; text && *words; words++)
        if (!strcmp(text, *words))
            return 1;
    return 0;
}

static const char *const steps[] = {"empty", "stand", "sit", "press", "walk", "end", NULL};
static const char *const sides[] = {"left", "right", NULL};
static const char *const sides_or_both[] = {"left", "right", "both", NULL};
static const char *const sides_or_none[] = {"left", "right", "both", "no", NULL};

/* A number in a range, or missing. */
static int number_in(const json_t *object, const char *key, double low, double high)
{
    const json_t *value = json_object_get(object, key);
    double number = json_number_value(value);
    return !value || (json_is_number(value) && number >= low && number <= high);
}

static int check_press(const json_t *press, const struct place *place, struct problem *why)
{
    const json_t *stud = json_object_get(press, "stud");
    const json_t *cup = json_object_get(press, "heel_cup");
    const json_t *tool = json_object_get(press, "tool");
    if (!json_is_object(press))
        return refuse(place, "\"press\" is no object", why);
    if (!is_one_of(json_object_get(press, "side"), sides))
        return refuse(place, "\"press\" needs \"side\": \"left\" or \"right\"", why);
    if (stud && !json_is_null(stud) &&
        !(json_is_number(json_object_get(stud, "x_mm")) &&
          json_is_number(json_object_get(stud, "y_mm"))))
        return refuse(place, "\"stud\" needs the numbers \"x_mm\" and \"y_mm\"", why);
    if (cup && !json_is_null(cup) &&
        !(json_is_number(json_object_get(cup, "x_mm")) &&
          json_is_number(json_object_get(cup, "y_mm"))))
        return refuse(place, "\"heel_cup\" needs \"x_mm\" and \"y_mm\", or is null (free)", why);
    if (!number_in(tool, "tip_cm2", 0.01, 100) || !number_in(tool, "footprint_cm2", 0.01, 1000) ||
        !number_in(tool, "footprint_factor", 0.1, 10))
        return refuse(place, "a number of \"tool\" is out of bounds", why);
    if (!number_in(press, "ceiling_kpa", 1, 10000))
        return refuse(place, "\"ceiling_kpa\" is out of bounds (1 to 10000)", why);
    return 0;
}

static int check_feet(const json_t *feet, const struct place *place, struct problem *why)
{
    if (!json_is_array(feet))
        return refuse(place, "\"feet\" is no list", why);
    for (size_t i = 0; i < json_array_size(feet); i++)
        if (!is_one_of(json_object_get(json_array_get(feet, i), "side"), sides))
            return refuse(place, "each of \"feet\" needs \"side\": \"left\" or \"right\"", why);
    if (json_array_size(feet) > 2)
        return refuse(place, "\"feet\" are more than two", why);
    if (json_array_size(feet) == 2 && json_equal(json_object_get(json_array_get(feet, 0), "side"),
                                                 json_object_get(json_array_get(feet, 1), "side")))
        return refuse(place, "both \"feet\" are of one side: one left and one right are meant",
                      why);
    return 0;
}

static int check_subject(const json_t *subject, const struct place *place, struct problem *why)
{
    const json_t *length = json_object_get(subject, "foot_length_mm");
    if (!json_is_object(subject))
        return refuse(place, "\"subject\" is no object", why);
    if (!number_in(length, "left", 80, 400) || !number_in(length, "right", 80, 400))
        return refuse(place, "\"foot_length_mm\" is out of bounds (80 to 400)", why);
    const json_t *heel = json_object_get(subject, "heel_pain_walking");
    if (heel && !json_is_null(heel) && !is_one_of(heel, sides_or_none))
        return refuse(place, "\"heel_pain_walking\" is none of left, right, both, no", why);
    return 0;
}

static int check_answer(const json_t *answer, const struct place *place, struct problem *why)
{
    if (json_is_object(answer) && json_is_integer(json_object_get(answer, "number")) &&
        json_is_integer(json_object_get(answer, "scale")) && number_in(answer, "scale", 0, 4))
        return 0;
    return refuse(place, "\"answer\" needs the \"number\" of a press and a \"scale\" of 0 to 4",
                  why);
}

static int check_with_side(const json_t *object, const char *name, const struct place *place,
                           struct problem *why)
{
    char what[80];
    const json_t *side = json_object_get(object, "side");
    if (json_is_object(object) && (!side || is_one_of(side, sides_or_both)))
        return 0;
    snprintf(what, sizeof what, "\"%s\" is an object with \"side\": left, right or both", name);
    return refuse(place, what, why);
}

static int check_note(const json_t *note, const struct place *place, struct problem *why)
{
    static const char *const kinds[] = {"callus", "nodule", "wart", "joint", "text", NULL};
    if (check_with_side(note, "note", place, why))
        return -1;
    if (!is_one_of(json_object_get(note, "kind"), kinds))
        return refuse(place, "\"note\" has no \"kind\" of callus, nodule, wart, joint, text", why);
    const json_t *zone = json_object_get(note, "zone");
    if (zone && (!json_is_string(zone) || json_string_length(zone) > 15))
        return refuse(place, "\"zone\" of \"note\" is the id of a zone, like P07", why);
    if (!number_in(note, "u", -1, 2) || !number_in(note, "v", -1, 2) ||
        !number_in(note, "radius_mm", 0, 100))
        return refuse(place, "\"u\", \"v\" or \"radius_mm\" of \"note\" is out of bounds", why);
    return 0;
}

/* Checks one member; unknown ones are refused, for here a misspelt word is lost for ever. */
static int check_member(const char *key, const json_t *value, const struct place *place,
                        struct problem *why)
{
    char what[120];
    if (!strcmp(key, "schema"))
        return !strcmp(json_is_string(value) ? json_string_value(value) : "", ANNOTATION_SCHEMA)
                   ? 0
                   : refuse(place, "\"schema\" is not " ANNOTATION_SCHEMA, why);
    if (!strcmp(key, "at_s"))
        return json_is_number(value) && json_number_value(value) >= 0 &&
                       json_number_value(value) <= 1e6
                   ? 0
                   : refuse(place, "\"at_s\" is no number of seconds from 0 on", why);
    if (!strcmp(key, "step"))
        return is_one_of(value, steps)
                   ? 0
                   : refuse(place, "\"step\" is none of empty, stand, sit, press, walk, end", why);
    if (!strcmp(key, "press"))
        return check_press(value, place, why);
    if (!strcmp(key, "feet"))
        return check_feet(value, place, why);
    if (!strcmp(key, "subject"))
        return check_subject(value, place, why);
    if (!strcmp(key, "answer"))
        return check_answer(value, place, why);
    if (!strcmp(key, "screening") || !strcmp(key, "protocol"))
        return json_is_object(value)
                   ? 0
                   : refuse(place, "\"screening\" and \"protocol\" are objects", why);
    if (!strcmp(key, "note"))
        return check_note(value, place, why);
    if (!strcmp(key, "exclude") || !strcmp(key, "stopped"))
        return check_with_side(value, key, place, why);
    snprintf(what, sizeof what, "\"%.40s\" is no member of an annotation", key);
    return refuse(place, what, why);
}

static int check(json_t *object, const struct place *place, struct problem *why)
{
    if (!json_is_object(object))
        return refuse(place, "no JSON object", why);
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        if (check_member(json_object_iter_key(at), json_object_iter_value(at), place, why))
            return -1;
    return 0;
}

static int add(struct notes *notes, json_t *object, struct problem *why)
{
    struct note note = {.at_s = json_number_value(json_object_get(object, "at_s")),
                        .has_step = json_object_get(object, "step") != NULL};
    json_object_del(object, "at_s");
    int bad = json_object_set_new(object, "schema", json_string(ANNOTATION_SCHEMA));
    note.json = bad ? NULL : json_dumps(object, JSON_COMPACT);
    struct note *grown = note.json ? realloc(notes->notes, (notes->n + 1) * sizeof note) : NULL;
    if (!grown) {
        free(note.json);
        return problem_no_memory(why, "the notes");
    }
    notes->notes = grown;
    size_t at = notes->n++;
    for (; at > 0 && grown[at - 1].at_s > note.at_s; at--)
        grown[at] = grown[at - 1];
    grown[at] = note;
    return 0;
}

static int take_line(struct notes *notes, const char *line, const struct place *place,
                     struct problem *why)
{
    json_error_t error;
    line += strspn(line, " \t\r\n");
    if (!*line || *line == '#')
        return 0;
    if (notes->n == NOTES_MAX)
        return refuse(place, "more than 10000 notes", why);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);
    if (!object)
        return problem(why, PROBLEM_REFUSED, "%s, line %zu: no JSON: %s", place->path, place->line,
                       error.text);
    int bad = check(object, place, why) || add(notes, object, why);
    json_decref(object);
    return bad;
}

/* Reads one line: 1, 0 at the end of the file, -1 when it is none that may be: the file may be any
 * size and hold anything. */
static int read_line(FILE *file, char line[LINE_MAX_BYTES + 1], struct place *place,
                     struct problem *why)
{
    int c = EOF;
    size_t n = 0;
    place->line++;
    while (n < LINE_MAX_BYTES && (c = getc(file)) != EOF && c != '\n' && c != '\0')
        line[n++] = (char)c;
    line[n] = '\0';
    if (c == '\0')
        return refuse(place, "holds a zero byte: no text", why);
    if (n == LINE_MAX_BYTES)
        return refuse(place, "longer than 64 KiB", why);
    return n > 0 || c != EOF;
}

static int take_all(struct notes *notes, FILE *file, char *line, struct place *place,
                    struct problem *why)
{
    int got;
    while ((got = read_line(file, line, place, why)) > 0)
        if (take_line(notes, line, place, why))
            return -1;
    if (got == 0 && ferror(file))
        return problem(why, PROBLEM_FAILED, "the notes %s cannot be read: %s", place->path,
                       strerror(errno));
    return got;
}

int notes_load(struct notes *notes, const char *path, struct problem *why)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return problem(why, PROBLEM_FAILED, "the notes %s cannot be read: %s", path,
                       strerror(errno));
    struct place place = {path, 0};
    char *line = malloc(LINE_MAX_BYTES + 1);
    int bad = line ? take_all(notes, file, line, &place, why) : problem_no_memory(why, "the notes");
    free(line);
    fclose(file);
    if (bad)
        notes_free(notes);
    return bad ? -1 : 0;
}

int notes_add(struct notes *notes, const char *json, struct problem *why)
{
    struct note *grown = realloc(notes->notes, (notes->n + 1) * sizeof *grown);
    if (grown)
        notes->notes = grown;
    char *copy = grown ? strdup(json) : NULL;
    if (!copy)
        return problem_no_memory(why, "a note");
    size_t at = 0;
    while (at < notes->n && grown[at].at_s <= 0)
        at++;
    memmove(&grown[at + 1], &grown[at], (notes->n - at) * sizeof *grown);
    grown[at] = (struct note){.json = copy};
    notes->n++;
    return 0;
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        free(notes->notes[i].json);
    free(notes->notes);
    *notes = (struct notes){0};
}
