/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/change/published.h"

#include "analysis/json_file.h"
#include "analysis/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

extern const char published_builtin_json[], published_builtin_end[];
__asm__(".section .rodata\n"
        ".balign 16\n"
        ".global published_builtin_json\n"
        "published_builtin_json:\n"
        ".incbin \"analysis/change/published.json\"\n"
        ".global published_builtin_end\n"
        "published_builtin_end:\n"
        ".byte 0\n"
        ".previous\n");

#define SCHEMA "tenderfoot/published-errors/1"

/* --- Reading -----------------------------------------------------------------------------------
 */

static const char *const texts[] = {"id",   "number", "words",  "unit",
                                    "cite", "source", "people", "note"};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static int check_error(const json_t *error, const char *file, size_t i, struct problem *why)
{
    double within = json_number_value(json_object_get(error, "within_person_95"));
    for (size_t k = 0; k < TEXTS; k++)
        if (!json_is_string(json_object_get(error, texts[k])))
            return problem(why, PROBLEM_REFUSED, "%s: errors[%zu]: the text %s is missing", file, i,
                           texts[k]);
    if (!(within > 0) || !(within < 1e6))
        return problem(why, PROBLEM_REFUSED,
                       "%s: errors[%zu]: within_person_95 is to be a number above 0", file, i);
    if (json_object_size(error) != TEXTS + 1)
        return problem(why, PROBLEM_REFUSED, "%s: errors[%zu]: it has a member that is not known",
                       file, i);
    return 0;
}

static int check(const json_t *all, const char *file, struct problem *why)
{
    const json_t *list = json_object_get(all, "errors"), *error;
    const char *schema = json_string_value(json_object_get(all, "schema"));
    size_t i;
    if (!schema || strcmp(schema, SCHEMA) || !json_is_array(list))
        return problem(why, PROBLEM_REFUSED, "%s: no published errors (" SCHEMA ")", file);
    json_array_foreach(list, i, error)
    {
        if (check_error(error, file, i, why))
            return -1;
        const char *id = json_string_value(json_object_get(error, "id"));
        for (size_t k = 0; k < i; k++)
            if (!strcmp(id, json_string_value(json_object_get(json_array_get(list, k), "id"))))
                return problem(why, PROBLEM_REFUSED, "%s: the id %.60s stands twice", file, id);
    }
    return 0;
}

json_t *published_errors_load(const char *path, struct problem *why)
{
    json_error_t error;
    const char *file = path ? path : "published.json";
    size_t n = (size_t)(published_builtin_end - published_builtin_json);
    json_t *all = path ? json_file_load(path, why)
                       : json_loadb(published_builtin_json, n, JSON_REJECT_DUPLICATES, &error);
    if (!all && !path)
        problem(why, PROBLEM_REFUSED, "%s: line %d: %.120s", file, error.line, error.text);
    if (all && !check(all, file, why))
        return all;
    json_decref(all);
    return NULL;
}

/* --- Beside a comparison ------------------------------------------------------------------------
 */

static const json_t *follow(const json_t *from, const char *path)
{
    char name[64];
    while (from && *path) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        from = json_object_get(from, name);
        path += n + (path[n] == '.');
    }
    return from;
}

static json_t *beside(struct json_writer *w, const json_t *error, double change)
{
    char sentence[400];
    const char *words = json_string_value(json_object_get(error, "words"));
    const char *unit = json_string_value(json_object_get(error, "unit"));
    const char *cite = json_string_value(json_object_get(error, "cite"));
    double mdc = M_SQRT2 * json_number_value(json_object_get(error, "within_person_95"));
    json_t *made = json_object();
    snprintf(
        sentence, sizeof sentence,
        "By a published error, %.80s: a change of %.3g %.16s or less may be chance from day to "
        "day; this one is %.3g %.16s, %s (%.60s; on other people and devices).",
        words, mdc, unit, fabs(change), unit, fabs(change) > mdc ? "larger" : "no larger", cite);
    make_utf8(sentence);
    for (size_t k = 0; k < TEXTS; k++)
        put_text(w, made, texts[k], json_string_value(json_object_get(error, texts[k])));
    put_number(w, made, "mdc95", mdc, "");
    put_number(w, made, "change", change, "");
    put(w, made, "is_beyond_published_error", json_boolean(fabs(change) > mdc));
    put_text(w, made, "sentence", sentence);
    return made;
}

json_t *published_errors_beside(const json_t *errors, const json_t *comparison)
{
    struct json_writer w = {0};
    json_t *made = json_array();
    const json_t *error;
    size_t i;
    json_array_foreach(json_object_get(errors, "errors"), i, error)
    {
        const json_t *number =
            follow(comparison, json_string_value(json_object_get(error, "number")));
        const json_t *change = json_object_get(number, "change");
        if (json_is_number(change))
            append(&w, made, beside(&w, error, json_number_value(change)));
    }
    return json_whole(&w, made);
}
