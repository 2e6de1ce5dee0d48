/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/json_members.h"

#include <stdio.h>
#include <string.h>

static int fits(const json_t *value, char type)
{
    switch (type) {
    case 's':
        return json_is_string(value);
    case 'i':
        return json_is_integer(value);
    case 'n':
        return json_is_number(value);
    case 'b':
        return json_is_boolean(value);
    default:
        return json_is_array(value);
    }
}

static const char *words_of(char type)
{
    return type == 's'   ? "a text"
           : type == 'i' ? "a whole number"
           : type == 'n' ? "a number"
           : type == 'b' ? "true or false"
                         : "a list";
}

const char *json_misfit(const json_t *object, const char *members, const json_error_t *error,
                        char *text, size_t cap)
{
    char name[40], kind, type;
    int used = 0;

    for (const char *at = members; sscanf(at, " %39[a-z_]%c%c%n", name, &kind, &type, &used) == 3;
         at += used) {
        const json_t *value = json_object_get(object, name);

        if (value ? fits(value, type) : kind == '?')
            continue;
        if (value)
            snprintf(text, cap, "\"%s\" must be %s", name, words_of(type));
        else
            snprintf(text, cap, "\"%s\" is missing", name);
        return text;
    }
    snprintf(text, cap, "%s", json_is_object(object) ? error->text : "an object is meant");
    return text;
}
