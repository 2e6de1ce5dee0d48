/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading and checking norms. The parsed JSON lives as long as they do: strings point into it. */
#include "analysis/norms.h"
#include "analysis/json_file.h"
#include "analysis/norms_builtin.h"
#include "analysis/print/print_numbers.h"
#include "analysis/wording.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/norms/1"
#define FILE_BYTES_MAX (1 << 20)
#define NORMS_MAX 200
#define ID_LENGTH_MAX 60
#define TEXT_LENGTH_MAX 400
#define BOUND_MAX 1e6

struct norms {
    json_t *root;
    struct norm *list;
    int n;
    struct pattern_rule rules[PATTERN_IDS];
};

static const char *const pattern_names[PATTERN_IDS] = {
    [PATTERN_FLAT_LOAD] = "flat_load",         [PATTERN_HIGH_ARCH] = "high_arch",
    [PATTERN_INWARD_LEAN] = "inward_lean",     [PATTERN_REDUCED_HEEL] = "reduced_heel",
    [PATTERN_FOREFOOT_LOAD] = "forefoot_load", [PATTERN_LEFT_RIGHT] = "left_right",
};

static const struct {
    const char *key, *words;
} numbers[NORM_NUMBER_END - NORM_HEEL_PERCENT] = {
    {"heel_percent", "heel's share of the foot's load"},
    {"forefoot_percent", "share of ball and toes in the foot's load"},
    {"medial_percent", "inner half's share of the foot's load"},
    {"cop_v", "centre of pressure across the foot, from the inner side,"},
    {"symmetry_over_error", "symmetry index over its measuring error"},
};

const char *pattern_name(enum pattern_id id)
{
    return (unsigned)id < PATTERN_IDS ? pattern_names[id] : "?";
}

static int is_print_number(int number)
{
    return number >= 0 && number < PRINT_NUMBERS;
}

static int is_own_number(int number)
{
    return number >= NORM_HEEL_PERCENT && number < NORM_NUMBER_END;
}

const char *norm_number_key(int number)
{
    if (is_print_number(number))
        return print_number_facts((enum print_number_id)number)->key;
    return is_own_number(number) ? numbers[number - NORM_HEEL_PERCENT].key : "?";
}

const char *norm_number_words(int number)
{
    if (is_print_number(number))
        return print_number_facts((enum print_number_id)number)->words;
    return is_own_number(number) ? numbers[number - NORM_HEEL_PERCENT].words : "?";
}

static int number_by_key(const char *key)
{
    for (int i = 0; i < NORM_NUMBER_END; i++)
        if ((is_print_number(i) || is_own_number(i)) && !strcmp(norm_number_key(i), key))
            return i;
    return -1;
}

/* Where we are, for messages. */
struct place {
    const char *name, *part; /* the file, "norm arch-index" */
    int index;
    struct problem *why;
};

static int refuse(const struct place *at, const char *member, const char *sentence)
{
    return problem(at->why, PROBLEM_REFUSED, "norms %s: %s %d: \"%s\" %s", at->name, at->part,
                   at->index + 1, member, sentence);
}

/* A text that may be printed: not empty, not long, in the allowed words. */
static int read_text(const struct place *at, const json_t *object, const char *member,
                     const char **text)
{
    struct problem words = {0};

    *text = json_string_value(json_object_get(object, member));
    if (!*text || !**text || strlen(*text) > TEXT_LENGTH_MAX)
        return refuse(at, member, "must be a text of 1 to 400 bytes");
    for (const char *c = *text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return refuse(at, member, "holds a control character");
    /* A citation may hold a title that names a condition. */
    if (!strcmp(member, "source") ? wording_check_sourced(*text, &words)
                                  : wording_check(*text, &words))
        return problem(at->why, words.kind, "norms %s: %s %d: \"%s\": %s", at->name, at->part,
                       at->index + 1, member, words.text);
    return 0;
}

/* One of two words. 0 for the first, 1 for the second, -1 refused. */
static int read_choice(const struct place *at, const json_t *object, const char *member,
                       const char *first, const char *second)
{
    const char *text = json_string_value(json_object_get(object, member));
    char sentence[80];

    if (text && !strcmp(text, first))
        return 0;
    if (text && !strcmp(text, second))
        return 1;
    snprintf(sentence, sizeof sentence, "must be \"%s\" or \"%s\"", first, second);
    return refuse(at, member, sentence);
}

static int read_class(const struct place *at, const json_t *object, int is_last, double above,
                      struct norm_class *class)
{
    const json_t *below = json_object_get(object, "below");

    if (read_text(at, object, "name", &class->name))
        return -1;
    class->below = is_last ? INFINITY : json_number_value(below);
    if (is_last && below)
        return refuse(at, "below", "must be missing in the last class, which has no end");
    if (!is_last &&
        (!json_is_number(below) || !(fabs(class->below) <= BOUND_MAX) || !(class->below > above)))
        return refuse(at, "below", "must be a number above that of the class before");
    return 0;
}

static int read_classes(const struct place *at, const json_t *object, struct norm *norm)
{
    const json_t *classes = json_object_get(object, "classes");
    size_t n = json_array_size(classes);
    double above = -INFINITY;

    if (n < 2 || n > NORM_CLASSES_MAX)
        return refuse(at, "classes", "must be a list of 2 to 8 classes");
    for (size_t i = 0; i < n; i++) {
        struct norm_class *class = &norm->classes[i];

        if (read_class(at, json_array_get(classes, i), i + 1 == n, above, class))
            return -1;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(class->name, norm->classes[k].name))
                return refuse(at, "classes", "has two classes of one name");
        above = class->below;
    }
    norm->n_classes = (int)n;
    return 0;
}

/* "age_years": [16, 120]; without it everything. */
static int read_range(const struct place *at, const json_t *object, const char *member, double *low,
                      double *high)
{
    const json_t *range = json_object_get(object, member);

    *low = -INFINITY;
    *high = INFINITY;
    if (!range)
        return 0;
    *low = json_number_value(json_array_get(range, 0));
    *high = json_number_value(json_array_get(range, 1));
    if (json_array_size(range) != 2 || !json_is_number(json_array_get(range, 0)) ||
        !json_is_number(json_array_get(range, 1)) || !(*low >= 0 && *low < *high) ||
        !(*high <= BOUND_MAX))
        return refuse(at, member, "must be two numbers, the lower one first");
    return 0;
}

static int read_norm(const struct place *at, const json_t *object, struct norm *norm)
{
    const char *number;
    int standing, published;

    if (read_text(at, object, "id", &norm->id) || read_text(at, object, "name", &norm->name) ||
        read_text(at, object, "source", &norm->source) ||
        read_text(at, object, "device", &norm->device) ||
        read_text(at, object, "people", &norm->people) || read_text(at, object, "number", &number))
        return -1;
    if (json_object_get(object, "note") && read_text(at, object, "note", &norm->note))
        return -1;
    if (strlen(norm->id) > ID_LENGTH_MAX || strlen(norm->name) > 2 * ID_LENGTH_MAX)
        return refuse(at, "id", "must have at most 60 bytes, and \"name\" 120");
    norm->number = number_by_key(number);
    if (norm->number < 0)
        return refuse(at, "number", "is no number that is measured");
    standing = read_choice(at, object, "task", "any", "stand");
    published = read_choice(at, object, "basis", "project", "published");
    if (standing < 0 || published < 0)
        return -1;
    norm->only_standing = standing;
    norm->is_published = published;
    if (read_range(at, object, "age_years", &norm->age_low_years, &norm->age_high_years) ||
        read_range(at, object, "foot_length_mm", &norm->length_low_mm, &norm->length_high_mm))
        return -1;
    return read_classes(at, object, norm);
}

static int read_norms(struct norms *norms, const char *name, struct problem *why)
{
    const json_t *array = json_object_get(norms->root, "norms");
    size_t n = json_array_size(array);

    if (n < 1 || n > NORMS_MAX)
        return problem(why, PROBLEM_REFUSED, "norms %s: \"norms\" must be a list of 1 to %d", name,
                       NORMS_MAX);
    norms->list = calloc(n, sizeof *norms->list);
    if (!norms->list)
        return problem_no_memory(why, "the norms");
    for (size_t i = 0; i < n; i++) {
        const struct place at = {name, "norm", (int)i, why};

        if (read_norm(&at, json_array_get(array, i), &norms->list[i]))
            return -1;
        if (norms_find(norms, norms->list[i].id))
            return refuse(&at, "id", "is that of another norm too");
        norms->n++;
    }
    return 0;
}

static int read_condition(const struct place *at, const struct norms *norms, const json_t *object,
                          struct norm_condition *condition)
{
    const char *id, *class;

    if (read_text(at, object, "norm", &id) || read_text(at, object, "class", &class))
        return -1;
    condition->norm = norms_find(norms, id);
    if (!condition->norm)
        return refuse(at, "norm", "is no id of a norm in this file");
    for (int i = 0; i < condition->norm->n_classes; i++)
        if (!strcmp(class, condition->norm->classes[i].name)) {
            condition->class_index = i;
            return 0;
        }
    return refuse(at, "class", "is no class of that norm");
}

/* Left against right is of two feet, all others of one. */
static int fits(enum pattern_id pattern, const struct norm_condition *condition)
{
    return (pattern == PATTERN_LEFT_RIGHT) == (condition->norm->number == NORM_SYMMETRY_OVER_ERROR);
}

static int read_rule(const struct place *at, struct norms *norms, const json_t *object)
{
    const json_t *conditions = json_object_get(object, "conditions");
    size_t n = json_array_size(conditions);
    struct pattern_rule *rule = NULL;
    const char *name;

    if (read_text(at, object, "pattern", &name))
        return -1;
    for (int id = 0; id < PATTERN_IDS; id++)
        if (!strcmp(name, pattern_names[id]))
            rule = &norms->rules[id];
    if (!rule || rule->n)
        return refuse(at, "pattern", rule ? "has a rule already" : "is no known pattern");
    if (n < 1 || n > RULE_CONDITIONS_MAX)
        return refuse(at, "conditions", "must be a list of 1 to 4");
    rule->pattern = (enum pattern_id)(rule - norms->rules);
    for (size_t i = 0; i < n; i++) {
        if (read_condition(at, norms, json_array_get(conditions, i), &rule->conditions[i]))
            return -1;
        if (!fits(rule->pattern, &rule->conditions[i]))
            return refuse(at, "conditions", "name a number that this pattern is not about");
    }
    rule->n = (int)n;
    return 0;
}

static int read_rules(struct norms *norms, const char *name, struct problem *why)
{
    const json_t *array = json_object_get(norms->root, "patterns");

    if (!json_is_array(array))
        return problem(why, PROBLEM_REFUSED, "norms %s: \"patterns\" must be a list", name);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const struct place at = {name, "pattern", (int)i, why};

        if (read_rule(&at, norms, json_array_get(array, i)))
            return -1;
    }
    return 0;
}

static int read_head(const struct norms *norms, const char *name, struct problem *why)
{
    const char *schema = json_string_value(json_object_get(norms->root, "schema"));
    const struct place at = {name, "head", 0, why};
    const char *text;

    if (!schema || strcmp(schema, SCHEMA))
        return problem(why, PROBLEM_REFUSED, "norms %s: \"schema\" must be \"%s\"", name, SCHEMA);
    return read_text(&at, norms->root, "name", &text) ||
                   read_text(&at, norms->root, "version", &text)
               ? -1
               : 0;
}

struct norms *norms_parse(const void *bytes, size_t n, const char *name, struct problem *why)
{
    struct norms *norms = calloc(1, sizeof *norms);
    json_error_t error;

    if (!norms) {
        problem_no_memory(why, "the norms");
        return NULL;
    }
    norms->root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (!norms->root)
        problem(why, json_error_is_memory(&error) ? PROBLEM_FAILED : PROBLEM_REFUSED,
                "norms %s: line %d: %s", name, error.line,
                json_error_is_memory(&error) ? "out of memory" : error.text);
    if (norms->root && !read_head(norms, name, why) && !read_norms(norms, name, why) &&
        !read_rules(norms, name, why))
        return norms;
    norms_free(norms);
    return NULL;
}

struct norms *norms_load(const char *path, struct problem *why)
{
    size_t n;

    if (!path)
        return norms_parse(norms_builtin_json, (size_t)(norms_builtin_end - norms_builtin_json),
                           "built in", why);
    char *bytes = json_file_bytes("norms ", path, FILE_BYTES_MAX, &n, why);
    struct norms *norms = bytes ? norms_parse(bytes, n, path, why) : NULL;
    free(bytes);
    return norms;
}

void norms_free(struct norms *norms)
{
    if (!norms)
        return;
    json_decref(norms->root);
    free(norms->list);
    free(norms);
}

const char *norms_name(const struct norms *norms)
{
    return json_string_value(json_object_get(norms->root, "name"));
}

const char *norms_version(const struct norms *norms)
{
    return json_string_value(json_object_get(norms->root, "version"));
}

int norms_count(const struct norms *norms)
{
    return norms->n;
}

const struct norm *norms_at(const struct norms *norms, int index)
{
    return index >= 0 && index < norms->n ? &norms->list[index] : NULL;
}

const struct norm *norms_find(const struct norms *norms, const char *id)
{
    for (int i = 0; i < norms->n; i++)
        if (!strcmp(norms->list[i].id, id))
            return &norms->list[i];
    return NULL;
}

const struct pattern_rule *norms_rule(const struct norms *norms, enum pattern_id id)
{
    return (unsigned)id < PATTERN_IDS && norms->rules[id].n ? &norms->rules[id] : NULL;
}

int norm_holds_for(const struct norm *norm, double age_years, double length_mm, char *why,
                   size_t cap)
{
    int has_ages = isfinite(norm->age_low_years), has_lengths = isfinite(norm->length_low_mm);

    if (has_ages && isfinite(age_years)) {
        snprintf(why, cap,
                 "the norm is of people of %g to %g years, and this person is %g years old",
                 norm->age_low_years, norm->age_high_years, age_years);
        return age_years >= norm->age_low_years && age_years <= norm->age_high_years;
    }
    if (has_ages && !has_lengths) {
        snprintf(why, cap, "the norm is of people of %g to %g years, and no age is stated",
                 norm->age_low_years, norm->age_high_years);
        return 0;
    }
    snprintf(why, cap,
             "no age is stated, and the norm is of feet of %g to %g mm: this one has %.0f mm",
             norm->length_low_mm, norm->length_high_mm, length_mm);
    return !has_lengths || (length_mm >= norm->length_low_mm && length_mm <= norm->length_high_mm);
}

int norm_class_of(const struct norm *norm, double value)
{
    for (int i = 0; i < norm->n_classes; i++)
        if (value < norm->classes[i].below)
            return i;
    return isnan(value) ? -1 : norm->n_classes - 1;
}

double norm_class_low(const struct norm *norm, int class_index)
{
    return class_index > 0 ? norm->classes[class_index - 1].below : -INFINITY;
}

double norm_class_high(const struct norm *norm, int class_index)
{
    return norm->classes[class_index].below;
}
