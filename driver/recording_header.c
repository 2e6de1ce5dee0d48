/* SPDX-License-Identifier: MIT */
#include "driver/recording_header.h"

#include "firmware/wire/problem_code.h"

#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

/* One member as text: where it lies in the struct and how long it may be. */
struct text_member {
    const char *object, *key; /* object NULL = at the top */
    size_t at, size;
    const char *const *allowed; /* NULL = anything printable */
    int may_be_empty;
};

struct number_member {
    const char *key;
    size_t at;
    int is_integer;
    double least, most;
};

static const char *const protocols[] = {"stand", "sway", "press", "walk", "bench", NULL};
static const char *const conditions[] = {"", "eyes_open", "eyes_closed", NULL};
static const char *const units[] = {"counts", "kPa", NULL};

#define TEXT(object, key, member, allowed, may_be_empty)                                           \
    {                                                                                              \
        object, key, offsetof(struct recording_header, member),                                    \
            sizeof((struct recording_header *)0)->member, allowed, may_be_empty                    \
    }

static const struct text_member texts[] = {
    TEXT(NULL, "software", software, NULL, 0),
    TEXT(NULL, "created_utc", created_utc, NULL, 0),
    TEXT(NULL, "client", client, NULL, 1),
    TEXT(NULL, "protocol", protocol, protocols, 0),
    TEXT(NULL, "source", source, NULL, 0),
    TEXT("device", "serial", device.serial, NULL, 1),
    TEXT("device", "model", device.model, NULL, 1),
    TEXT("device", "firmware", device.firmware, NULL, 1),
    TEXT("device", "uri", device.uri, NULL, 1),
    TEXT(NULL, "units", units, units, 0),
    TEXT(NULL, "calibration_id", calibration_id, NULL, 1),
};

/* Written only when it is stated. */
static const struct text_member condition = TEXT(NULL, "condition", condition, conditions, 1);

#define NUMBER(key, is_integer, least, most)                                                       \
    {                                                                                              \
#key, offsetof(struct recording_header, key), is_integer, least, most                      \
    }

static const struct number_member numbers[] = {
    NUMBER(rows, 1, 1, 256),           NUMBER(cols, 1, 1, 256),
    NUMBER(pitch_x_mm, 0, 0.5, 50),    NUMBER(pitch_y_mm, 0, 0.5, 50),
    NUMBER(rate_hz, 0, 1e-3, 1e4),     NUMBER(bits, 1, 0, 16),
    NUMBER(full_scale_kpa, 0, 0, 1e5),
};

#define N_TEXTS (sizeof texts / sizeof texts[0])
#define N_NUMBERS (sizeof numbers / sizeof numbers[0])

static int refuse(struct problem *why, const char *key, const char *what)
{
    return problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                         "the recording's header record: %s %s", key, what);
}

/* Text from outside ends on terminals and pages: no control characters. */
static int check_text(const struct text_member *member, const char *text, struct problem *why)
{
    size_t n = strlen(text);
    if (n == 0 && !member->may_be_empty)
        return refuse(why, member->key, "is empty");
    if (n >= member->size)
        return refuse(why, member->key, "is too long");
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return refuse(why, member->key, "holds a control character");
    }
    if (!member->allowed)
        return 0;
    for (const char *const *word = member->allowed; *word; word++) {
        if (!strcmp(text, *word))
            return 0;
    }
    return refuse(why, member->key, "has a value that this program does not know");
}

static int check_number(const struct number_member *member, double value, struct problem *why)
{
    if (value >= member->least && value <= member->most)
        return 0;
    return problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                         "the recording's header record: %s is %g, which is not within %g to %g",
                         member->key, value, member->least, member->most);
}

/* What no single member tells. */
static int check_together(const struct recording_header *h, struct problem *why)
{
    if (!strcmp(h->units, "counts") && h->bits < 1)
        return refuse(why, "bits", "is 0 in a recording of counts");
    return 0;
}

static json_t *object_of(json_t *root, const struct text_member *member)
{
    return member->object ? json_object_get(root, member->object) : root;
}

static int put_text(json_t *root, const struct text_member *member,
                    const struct recording_header *header, struct problem *why)
{
    const char *text = (const char *)header + member->at;
    if (check_text(member, text, why))
        return -1;
    json_t *value = json_string(text);
    if (!value)
        return refuse(why, member->key, "is not UTF-8 text (or memory ran out)");
    if (json_object_set_new(object_of(root, member), member->key, value))
        return problem_no_memory(why, "the recording's header");
    return 0;
}

static int put_number(json_t *root, const struct number_member *member,
                      const struct recording_header *header, struct problem *why)
{
    const char *at = (const char *)header + member->at;
    int integer = 0;
    double real = 0;
    if (member->is_integer)
        memcpy(&integer, at, sizeof integer);
    else
        memcpy(&real, at, sizeof real);
    if (check_number(member, member->is_integer ? integer : real, why))
        return -1;
    json_t *value = member->is_integer ? json_integer(integer) : json_real(real);
    if (!value || json_object_set_new(root, member->key, value))
        return problem_no_memory(why, "the recording's header");
    return 0;
}

static int put_members(json_t *root, const struct recording_header *header, struct problem *why)
{
    json_t *device = json_object();
    if (!root || json_object_set_new(root, "schema", json_string(RECORDING_SCHEMA)) ||
        json_object_set_new(root, "device", device))
        return problem_no_memory(why, "the recording's header");
    for (size_t i = 0; i < N_TEXTS; i++) {
        if (put_text(root, &texts[i], header, why))
            return -1;
    }
    if (header->condition[0] && put_text(root, &condition, header, why))
        return -1;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        if (put_number(root, &numbers[i], header, why))
            return -1;
    }
    return check_together(header, why);
}

char *recording_header_format(const struct recording_header *header, struct problem *why)
{
    json_t *root = json_object();
    char *text = NULL;
    if (!put_members(root, header, why)) {
        text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
        if (!text)
            problem_no_memory(why, "the recording's header");
    }
    json_decref(root);
    return text;
}

static int get_text(json_t *root, const struct text_member *member, struct recording_header *header,
                    struct problem *why)
{
    const char *text = json_string_value(json_object_get(object_of(root, member), member->key));
    if (!text)
        return refuse(why, member->key, "is missing or not a text");
    if (check_text(member, text, why))
        return -1;
    strcpy((char *)header + member->at, text); /* check_text has measured it */
    return 0;
}

static int get_number(json_t *root, const struct number_member *member,
                      struct recording_header *header, struct problem *why)
{
    json_t *value = json_object_get(root, member->key);
    if (!(member->is_integer ? json_is_integer(value) : json_is_number(value)))
        return refuse(why, member->key,
                      member->is_integer ? "is missing or not a whole number"
                                         : "is missing or not a number");
    double number = json_number_value(value);
    if (check_number(member, number, why))
        return -1;
    char *at = (char *)header + member->at;
    int integer = (int)number;
    if (member->is_integer)
        memcpy(at, &integer, sizeof integer);
    else
        memcpy(at, &number, sizeof number);
    return 0;
}

static int check_schema(json_t *root, struct problem *why)
{
    static const char family[] = "tenderfoot/recording/";
    const char *schema = json_string_value(json_object_get(root, "schema"));
    if (schema && !strcmp(schema, RECORDING_SCHEMA))
        return 0;
    if (schema && !strncmp(schema, family, sizeof family - 1))
        return problem_coded(
            why, PROBLEM_CODE_STORE_NEWER, PROBLEM_REFUSED,
            "the recording is of schema %.60s; this program reads " RECORDING_SCHEMA
            ": use a newer tenderfoot",
            schema);
    return refuse(why, "schema", "is not " RECORDING_SCHEMA);
}

static int get_members(json_t *root, struct recording_header *header, struct problem *why)
{
    if (check_schema(root, why))
        return -1;
    for (size_t i = 0; i < N_TEXTS; i++) {
        if (get_text(root, &texts[i], header, why))
            return -1;
    }
    if (json_object_get(root, "condition") && get_text(root, &condition, header, why))
        return -1;
    for (size_t i = 0; i < N_NUMBERS; i++) {
        if (get_number(root, &numbers[i], header, why))
            return -1;
    }
    return check_together(header, why);
}

int recording_header_parse(const char *json, struct recording_header *header, struct problem *why)
{
    json_error_t error;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    *header = (struct recording_header){0};
    if (!root)
        return problem_coded(why, PROBLEM_CODE_RECORDING_DAMAGED, PROBLEM_REFUSED,
                             "the recording's header record is not JSON (%.120s, at byte %d)",
                             error.text, error.position);
    int result = get_members(root, header, why);
    json_decref(root);
    return result;
}

void recording_header_now(char *created_utc, unsigned long n)
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(created_utc, n, "%Y-%m-%dT%H:%M:%SZ", &utc);
}
