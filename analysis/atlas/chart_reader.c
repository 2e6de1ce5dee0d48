/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/atlas/chart_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void chart_name_part(struct chart_place *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(at->part, sizeof at->part, format, args);
    va_end(args);
}

int chart_refuse(const struct chart_place *at, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: %s", at->name, at->part, sentence);
}

int chart_refuse_member(const struct chart_place *at, const char *member, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: \"%s\" %s", at->name, at->part, member,
                   sentence);
}

int chart_text(const struct chart_place *at, const json_t *object, const char *member,
               const char **text)
{
    const char *found = json_string_value(json_object_get(object, member));

    *text = found ? found : "";
    return **text ? 0 : chart_refuse_member(at, member, "must be a text that is not empty");
}

/* NULL when it is missing; anything but a text is refused. */
int chart_optional_text(const struct chart_place *at, const json_t *object, const char *member,
                        const char **text)
{
    *text = NULL;
    return json_object_get(object, member) ? chart_text(at, object, member, text) : 0;
}

int chart_number(const struct chart_place *at, const json_t *object, const char *member, double low,
                 double high, double *number)
{
    const json_t *found = json_object_get(object, member);

    *number = json_number_value(found);
    if (!json_is_number(found) || !(*number >= low && *number <= high))
        return problem(at->why, PROBLEM_REFUSED,
                       "atlas %s: %s: \"%s\" must be a number from %g to %g", at->name, at->part,
                       member, low, high);
    return 0;
}

int chart_pair(const struct chart_place *at, const json_t *array, const char *member, double low,
               double high, struct uv *pair)
{
    double u = json_number_value(json_array_get(array, 0));
    double v = json_number_value(json_array_get(array, 1));

    if (json_array_size(array) != 2 || !json_is_number(json_array_get(array, 0)) ||
        !json_is_number(json_array_get(array, 1)) || u < low || u > high || v < low || v > high)
        return problem(at->why, PROBLEM_REFUSED,
                       "atlas %s: %s: \"%s\" must be [u, v], both from %g to %g", at->name,
                       at->part, member, low, high);
    *pair = (struct uv){u, v};
    return 0;
}

int chart_flag(const struct chart_place *at, const json_t *object, const char *member, int *flag)
{
    const json_t *found = json_object_get(object, member);

    if (found && !json_is_boolean(found))
        return chart_refuse_member(at, member, "must be true or false");
    *flag = json_is_true(found);
    return 0;
}

/* One of the words, as its index in *value. */
int chart_word(const struct chart_place *at, const json_t *object, const char *member,
               const char *const *words, int n, int *value)
{
    const char *text;

    if (chart_text(at, object, member, &text))
        return -1;
    for (*value = 0; *value < n; ++*value)
        if (!strcmp(words[*value], text))
            return 0;
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: \"%s\" is '%.40s', which is unknown",
                   at->name, at->part, member, text);
}

int chart_landmark(const struct chart_place *at, const char *name, int *id)
{
    for (*id = 0; *id < LANDMARK_COUNT; ++*id)
        if (!strcmp(landmark_name((enum landmark_id) * id), name))
            return 0;
    return problem(at->why, PROBLEM_REFUSED, "atlas %s: %s: no landmark is called '%.40s'",
                   at->name, at->part, name);
}

/* The array `member` of the root, n <= CHART_LIST_MAX; a missing one is empty. */
int chart_list(const struct chart_place *at, const json_t *root, const char *member,
               const json_t **array, int *n)
{
    *array = json_object_get(root, member);
    if (*array && !json_is_array(*array))
        return chart_refuse_member(at, member, "must be a list");
    if (json_array_size(*array) > CHART_LIST_MAX)
        return chart_refuse_member(at, member, "has more than 1000 entries");
    *n = (int)json_array_size(*array);
    return 0;
}

void *chart_make_list(struct chart_place *at, int n, size_t size, const char *what)
{
    void *list = calloc((size_t)(n ? n : 1), size);

    if (!list)
        problem_no_memory(at->why, what);
    return list;
}

size_t chart_count_members(const json_t *array, const char *member)
{
    size_t n = 0, i;
    json_t *object;

    json_array_foreach(array, i, object) n += json_array_size(json_object_get(object, member));
    return n;
}
