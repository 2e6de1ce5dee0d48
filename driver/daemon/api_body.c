/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "driver/daemon/api.h"

#include <string.h>

static void refuse(struct api_body *body, const char *key, const char *what)
{
    if (!body->why.kind)
        problem(&body->why, PROBLEM_USAGE, "%s: %s", key, what);
}

const json_t *api_member(struct api_body *body, const char *key)
{
    const json_t *value = json_object_get(body->object, key);
    body->known += value != NULL;
    return json_is_null(value) ? NULL : value;
}

void api_text(struct api_body *body, const char *key, char *text, size_t cap)
{
    const json_t *value = api_member(body, key);
    const char *given = json_string_value(value);
    text[0] = '\0';
    if (!value)
        return;
    if (!given || strlen(given) != json_string_length(value) || strlen(given) >= cap) {
        refuse(body, key, given ? "this text is too long" : "a text is meant");
        return;
    }
    for (const char *c = given; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            refuse(body, key, "control characters have no place in it");
            return;
        }
    memcpy(text, given, strlen(given) + 1);
}

double api_number(struct api_body *body, const char *key, double least, double most,
                  double otherwise)
{
    const json_t *value = api_member(body, key);
    if (!value)
        return otherwise;
    double number = json_number_value(value);
    if (json_is_number(value) && number >= least && number <= most)
        return number;
    if (!body->why.kind)
        problem(&body->why, PROBLEM_USAGE, "%s: a number from %g to %g is meant", key, least, most);
    return otherwise;
}

int api_flag(struct api_body *body, const char *key, int otherwise)
{
    const json_t *value = api_member(body, key);
    if (!value)
        return otherwise;
    if (!json_is_boolean(value))
        refuse(body, key, "true or false is meant");
    return json_is_true(value);
}

int api_body_end(struct api_body *body)
{
    if (!body->why.kind && json_object_size(body->object) > body->known)
        problem(&body->why, PROBLEM_USAGE,
                "the body has a member that is not known here; /openapi.json lists them");
    return body->why.kind ? -1 : 0;
}
