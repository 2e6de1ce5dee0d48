/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/tool.h"
#include "analysis/json_file.h"
#include "analysis/press/tools_builtin.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/tools/1"
#define FILE_BYTES_MAX (1 << 16)
#define TOOLS_MAX 64

static const char *const kinds[] = {
    [TOOL_SINGLE] = "single", [TOOL_MAT] = "mat", [TOOL_FLAT] = "flat"};

double tool_usual_ceiling_kpa(enum region_class class)
{
    static const double kpa[] = {
        [CLASS_TOE] = 250, [CLASS_BALL] = 350, [CLASS_ARCH] = 250, [CLASS_HEEL] = 450};

    return kpa[class];
}

/* A number of a tool: bounds, and which kinds have it. */
struct number_rule {
    const char *key;
    double low, high, fallback; /* NAN = must be stated */
    unsigned of_kinds;          /* bits 1 << kind */
    size_t offset;
};

#define STUDS (1u << TOOL_SINGLE | 1u << TOOL_MAT)
static const struct number_rule rules[] = {
    {"tip_cm2", 0.05, 20, NAN, STUDS, offsetof(struct tool, tip_cm2)},
    {"footprint_cm2", 0.05, 100, NAN, STUDS, offsetof(struct tool, footprint_cm2)},
    {"factor", 0.5, 2, 1, STUDS, offsetof(struct tool, factor)},
    {"pitch_mm", 5, 100, NAN, 1u << TOOL_MAT, offsetof(struct tool, pitch_mm)},
    {"sink_n", 1, 500, 0, STUDS, offsetof(struct tool, sink_n)},
};
#define RULES (sizeof rules / sizeof *rules)

/* Where we are, for messages. */
struct place {
    const char *file;
    size_t index;
    struct problem *why;
};

static int refuse(const struct place *at, const char *key, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "tools %s: tool %zu: \"%s\" %s", at->file,
                   at->index + 1, key, sentence);
}

/* Letters, digits, '-', '_', '.': a name is typed, and printed inside JSON. */
static int is_name(const char *text)
{
    size_t n = text ? strlen(text) : 0;

    if (!n || n >= TOOL_NAME_MAX)
        return 0;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

static int is_known(const char *key)
{
    for (size_t i = 0; i < RULES; i++)
        if (!strcmp(key, rules[i].key))
            return 1;
    return !strcmp(key, "name") || !strcmp(key, "kind") || !strcmp(key, "heel_cup") ||
           !strcmp(key, "comment");
}

static int read_kind(const struct place *at, const json_t *object, enum tool_kind *kind)
{
    const char *text = json_string_value(json_object_get(object, "kind"));

    for (int i = TOOL_SINGLE; text && i <= TOOL_FLAT; i++)
        if (!strcmp(text, kinds[i])) {
            *kind = (enum tool_kind)i;
            return 0;
        }
    return refuse(at, "kind", "must be \"single\", \"mat\" or \"flat\"");
}

static int read_number(const struct place *at, const json_t *object, const struct number_rule *rule,
                       struct tool *tool)
{
    const json_t *value = json_object_get(object, rule->key);
    int has = (rule->of_kinds >> tool->kind) & 1;
    double number = has ? rule->fallback : 0;
    char sentence[80];

    if (value && !has)
        return refuse(at, rule->key, "does not go with this kind of tool: leave it out");
    if (value && !json_is_number(value))
        return refuse(at, rule->key, "must be a number");
    if (value)
        number = json_number_value(value);
    snprintf(sentence, sizeof sentence, "must be a number from %g to %g", rule->low, rule->high);
    if ((value || isnan(number)) && !(number >= rule->low && number <= rule->high))
        return refuse(at, rule->key, sentence);
    memcpy((char *)tool + rule->offset, &number, sizeof number);
    return 0;
}

/* A tip on a base, studs beside each other. */
static int check_sizes(const struct place *at, const struct tool *tool)
{
    if (tool->kind == TOOL_FLAT)
        return 0;
    if (tool->tip_cm2 > tool->footprint_cm2)
        return refuse(at, "tip_cm2",
                      "must not be larger than footprint_cm2: the tip is on the base");
    if (tool->kind == TOOL_MAT && tool->footprint_cm2 * 100 > tool->pitch_mm * tool->pitch_mm)
        return refuse(at, "pitch_mm", "is too small: the studs' bases would overlap");
    return 0;
}

static int read_tool(const struct place *at, json_t *object, struct tool *tool)
{
    const json_t *cup = json_object_get(object, "heel_cup");
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *key;
    json_t *value;

    *tool = (struct tool){.kind = TOOL_SINGLE};
    if (!json_is_object(object))
        return problem(at->why, PROBLEM_REFUSED, "tools %s: tool %zu is no object", at->file,
                       at->index + 1);
    json_object_foreach(object, key, value)
    {
        if (!is_known(key))
            return refuse(at, key, "is no member of a tool; see analysis/press/tool.h");
    }
    if (!is_name(name))
        return refuse(at, "name", "must be 1 to 63 letters, digits, '-', '_' or '.'");
    memcpy(tool->name, name, strlen(name) + 1);
    if (read_kind(at, object, &tool->kind))
        return -1;
    if (cup && !json_is_boolean(cup))
        return refuse(at, "heel_cup", "must be true or false");
    tool->has_heel_cup = json_is_true(cup);
    for (size_t i = 0; i < RULES; i++)
        if (read_number(at, object, &rules[i], tool))
            return -1;
    return check_sizes(at, tool);
}

static int is_name_before(const json_t *list, size_t i, const char *name)
{
    for (size_t k = 0; k < i; k++)
        if (!strcmp(json_string_value(json_object_get(json_array_get(list, k), "name")), name))
            return 1;
    return 0;
}

static int refuse_name(const struct place *at, const json_t *list, const char *name)
{
    char known[200] = "";
    size_t used = 0;

    for (size_t i = 0; i < json_array_size(list) && used < sizeof known; i++)
        used +=
            (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
                             json_string_value(json_object_get(json_array_get(list, i), "name")));
    return problem(at->why, PROBLEM_USAGE, "tools %s: no tool \"%.63s\"; there are: %s", at->file,
                   name, known);
}

/* All tools are checked, also those that are not asked for. */
static int pick_tool(struct place *at, const json_t *list, const char *name, struct tool *tool)
{
    int found = 0;

    if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > TOOLS_MAX)
        return problem(at->why, PROBLEM_REFUSED,
                       "tools %s: \"tools\" must be a list of 1 to %d tools", at->file, TOOLS_MAX);
    for (at->index = 0; at->index < json_array_size(list); at->index++) {
        struct tool one;
        if (read_tool(at, json_array_get(list, at->index), &one))
            return -1;
        if (is_name_before(list, at->index, one.name))
            return refuse(at, "name", "is there twice");
        if (name ? !strcmp(one.name, name) : !at->index) {
            *tool = one;
            found = 1;
        }
    }
    return found ? 0 : refuse_name(at, list, name);
}

static int check_head(const struct place *at, json_t *root)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const char *key;
    json_t *value;

    if (!schema || strcmp(schema, SCHEMA))
        return problem(at->why, PROBLEM_REFUSED, "tools %s: \"schema\" must be \"" SCHEMA "\"",
                       at->file);
    json_object_foreach(root, key, value)
    {
        if (strcmp(key, "schema") && strcmp(key, "tools") && strcmp(key, "comment"))
            return problem(at->why, PROBLEM_REFUSED,
                           "tools %s: \"%.40s\" is no member of such a file", at->file, key);
    }
    return 0;
}

int tool_parse(const void *bytes, size_t n, const char *file, const char *name, struct tool *tool,
               struct problem *why)
{
    struct place at = {file, 0, why};
    json_error_t error;
    json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);

    if (!root)
        return problem(why, json_error_is_memory(&error) ? PROBLEM_FAILED : PROBLEM_REFUSED,
                       "tools %s: line %d: %s", file, error.line,
                       json_error_is_memory(&error) ? "out of memory" : error.text);
    int status =
        check_head(&at, root) ? -1 : pick_tool(&at, json_object_get(root, "tools"), name, tool);
    json_decref(root);
    return status;
}

int tool_load(const char *path, const char *name, struct tool *tool, struct problem *why)
{
    if (!path)
        return tool_parse(tools_builtin_json, (size_t)(tools_builtin_end - tools_builtin_json),
                          "built in", name, tool, why);
    size_t n;
    char *bytes = json_file_bytes("tools ", path, FILE_BYTES_MAX, &n, why);
    int status = bytes ? tool_parse(bytes, n, path, name, tool, why) : -1;
    free(bytes);
    return status;
}

const char *tool_kind_name(enum tool_kind kind)
{
    return (unsigned)kind <= TOOL_FLAT ? kinds[kind] : "?";
}

double tool_force_n(const struct tool *tool, double tip_kpa)
{
    return tool->kind == TOOL_FLAT ? NAN : tip_kpa * tool->tip_cm2 / 10 / tool->factor;
}

double tool_tip_kpa(const struct tool *tool, double force_n)
{
    return tool->kind == TOOL_FLAT ? NAN : force_n / tool->tip_cm2 * 10 * tool->factor;
}

double tool_tip_radius_mm(const struct tool *tool)
{
    return 10 * sqrt(tool->tip_cm2 / M_PI);
}
