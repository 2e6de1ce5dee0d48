/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/plan/plan_rules.h"
#include "analysis/json_file.h"
#include "analysis/json_members.h"
#include "analysis/plan/plan_builtin.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA "tenderfoot/plan-rules/1"

static const char *const direction_names[] = {[DIRECTION_NONE] = "none",
                                              [DIRECTION_CLOCKWISE] = "clockwise",
                                              [DIRECTION_COUNTER_CLOCKWISE] = "counter-clockwise",
                                              [DIRECTION_ALONG] = "along"};

const char *plan_direction_name(enum plan_direction direction)
{
    return direction_names[direction];
}

static int refuse(struct problem *why, const char *where, const char *what)
{
    return problem(why, PROBLEM_REFUSED, "plan rules: %s: %s", where, what);
}

/* What json_unpack_ex could not take. */
static int refuse_members(struct problem *why, const char *where, const json_t *object,
                          const char *members, const json_error_t *error)
{
    char text[200];

    return refuse(why, where, json_misfit(object, members, error, text, sizeof text));
}

/* --- Small parts ----------------------------------------------------------------------------- */

static int read_texts(const json_t *array, const char **texts, int cap, int *n)
{
    size_t i;
    json_t *text;

    *n = 0;
    if (!json_is_array(array) || !json_array_size(array) || json_array_size(array) > (size_t)cap)
        return -1;
    json_array_foreach(array, i, text)
    {
        if (!json_is_string(text))
            return -1;
        texts[(*n)++] = json_string_value(text);
    }
    return 0;
}

/* A rule without a source is not shown, so it is not taken. */
static int read_cites(const json_t *array, const char *where, struct plan_cites *cites,
                      struct problem *why)
{
    if (read_texts(array, cites->of, PLAN_CITES_MAX, &cites->n))
        return refuse(why, where, "each rule has 1 to 6 \"cites\" like \"003:271\"");
    for (int i = 0; i < cites->n; i++)
        if (strlen(cites->of[i]) < 5 || cites->of[i][3] != ':')
            return refuse(why, where, "a cite is like \"003:271\"");
    return 0;
}

static int read_seconds(const json_t *array, const char *where, double *min, double *max,
                        struct problem *why)
{
    *min = *max = 0;
    if (!array)
        return 0;
    *min = json_number_value(json_array_get(array, 0));
    *max = json_number_value(json_array_get(array, 1));
    if (json_array_size(array) != 2 || !(*min > 0) || !(*max >= *min) || *max > 3600)
        return refuse(why, where, "\"seconds\" are [least, most], to 3600");
    return 0;
}

static int read_direction(const char *name, enum plan_direction *direction)
{
    for (int i = 0; i <= DIRECTION_ALONG; i++)
        if (!strcmp(name, direction_names[i])) {
            *direction = (enum plan_direction)i;
            return 0;
        }
    return -1;
}

static int read_line(json_t *object, const char *where, struct plan_line *line, struct problem *why)
{
    json_t *cites = NULL, *seconds = NULL;
    json_error_t error;

    *line = (struct plan_line){0};
    if (json_unpack_ex(object, &error, 0, "{s:s, s?s, s?s, s?o, s:o}", "words", &line->words,
                       "phase", &line->phase, "firm", &line->firm, "seconds", &seconds, "cites",
                       &cites))
        return refuse_members(why, where, object, "words:s phase?s firm?s seconds?a cites:a",
                              &error);
    return read_seconds(seconds, where, &line->seconds_min, &line->seconds_max, why) ||
                   read_cites(cites, where, &line->cites, why)
               ? -1
               : 0;
}

static int read_rest(json_t *object, struct plan_line *line, struct problem *why)
{
    if (read_line(object, "pain_stays", line, why))
        return -1;
    return line->seconds_max > 0
               ? 0
               : refuse(why, "pain_stays", "the rest needs its seconds, [least, most]");
}

static int read_lines(const json_t *array, const char *where, struct plan_line *lines, int *n,
                      struct problem *why)
{
    size_t i;
    json_t *object;

    *n = 0;
    if (!json_is_array(array) || !json_array_size(array) ||
        json_array_size(array) > PLAN_SEQUENCE_MAX)
        return refuse(why, where, "1 to 16 lines are needed");
    json_array_foreach(array, i,
                       object) if (read_line(object, where, &lines[(*n)++], why)) return -1;
    return 0;
}

/* The points are worked in the step `zones`: once, and there must be one. */
static int read_steps(const json_t *array, struct plan_rules *rules, struct problem *why)
{
    static const char *const phases[] = {"before", "warm-up",    "toes", "zones",
                                         "finish", "other foot", "rest"};
    int n_zones = 0;

    if (read_lines(array, "steps", rules->steps, &rules->n_steps, why))
        return -1;
    for (int i = 0; i < rules->n_steps; i++) {
        const char *phase = rules->steps[i].phase;
        int known = 0;

        for (size_t k = 0; phase && k < sizeof phases / sizeof *phases; k++)
            known |= !strcmp(phase, phases[k]);
        if (!known)
            return refuse(why, "steps",
                          "each step has a \"phase\": before, warm-up, toes, zones, finish, other "
                          "foot or rest");
        n_zones += !strcmp(phase, "zones");
    }
    return n_zones == 1 ? 0
                        : refuse(why, "steps", "one of them, and no more, has the \"phase\" zones");
}

/* --- Zones ----------------------------------------------------------------------------------- */

static int read_zone(json_t *object, int has_zones, struct plan_zone_rule *rule,
                     struct problem *why)
{
    json_t *zones = NULL, *seconds, *cites;
    const char *direction;
    json_error_t error;

    *rule = (struct plan_zone_rule){0};
    if (json_unpack_ex(object, &error, JSON_STRICT, "{s?o, s:s, s?b, s:s, s:s, s?s, s:o, s?s, s:o}",
                       "zones", &zones, "direction", &direction, "direction_is_default",
                       &rule->direction_is_default, "finger", &rule->finger, "words", &rule->words,
                       "firm", &rule->firm, "seconds", &seconds, "group", &rule->group, "cites",
                       &cites))
        return refuse_members(why, has_zones ? "zones" : "other_zone", object,
                              "zones?a direction:s direction_is_default?b finger:s words:s firm?s "
                              "seconds:a group?s cites:a",
                              &error);
    if (has_zones && read_texts(zones, rule->zones, 8, &rule->n_zones))
        return refuse(why, "zones", "a rule names 1 to 8 zones");
    const char *where = has_zones ? rule->zones[0] : "other_zone";
    if (read_direction(direction, &rule->direction))
        return refuse(why, where, "a direction is clockwise, counter-clockwise, along or none");
    return read_seconds(seconds, where, &rule->seconds_min, &rule->seconds_max, why) ||
                   read_cites(cites, where, &rule->cites, why)
               ? -1
               : 0;
}

static int read_zones(const json_t *array, struct plan_rules *rules, struct problem *why)
{
    size_t i;
    json_t *object;

    if (!json_is_array(array) || json_array_size(array) > PLAN_ZONE_RULES_MAX)
        return refuse(why, "zones", "at most 40 rules");
    json_array_foreach(array, i, object)
    {
        struct plan_zone_rule rule;

        if (read_zone(object, 1, &rule, why))
            return -1;
        for (int k = 0; k < rule.n_zones; k++)
            if (plan_rules_zone(rules, rule.zones[k]) != &rules->other_zone)
                return refuse(why, rule.zones[k], "it has two rules");
        rules->zones[rules->n_zones++] = rule;
    }
    return 0;
}

/* --- The rest -------------------------------------------------------------------------------- */

static int read_limits(json_t *object, struct plan_rules *rules, struct problem *why)
{
    json_t *cites;
    json_error_t error;

    if (json_unpack_ex(object, &error, 0, "{s:i, s:i, s:F, s:F, s:o}", "points_per_foot",
                       &rules->points_per_foot, "points_short", &rules->points_short,
                       "minutes_per_foot", &rules->minutes_per_foot, "minutes_short",
                       &rules->minutes_short, "cites", &cites))
        return refuse_members(why, "limits", object,
                              "points_per_foot:i points_short:i minutes_per_foot:n "
                              "minutes_short:n cites:a",
                              &error);
    if (rules->points_per_foot < 1 || rules->points_per_foot > 20 || rules->points_short < 1 ||
        rules->points_short > rules->points_per_foot || !(rules->minutes_per_foot > 0) ||
        !(rules->minutes_short > 0) || rules->minutes_per_foot > 60 ||
        rules->minutes_short > rules->minutes_per_foot)
        return refuse(why, "limits", "1 to 20 points and at most 60 minutes a foot");
    return read_cites(cites, "limits", &rules->limit_cites, why);
}

static int read_course(json_t *object, const struct plan_line *most_often,
                       struct plan_course *course, struct problem *why)
{
    json_t *cites, *days;
    json_error_t error;

    *course = (struct plan_course){0};
    if (json_unpack_ex(object, &error, JSON_STRICT, "{s:s, s:s, s:o, s?b, s:o}", "id", &course->id,
                       "words", &course->words, "days", &days, "doctor", &course->needs_doctor,
                       "cites", &cites))
        return refuse_members(why, "courses", object, "id:s words:s days:a doctor?b cites:a",
                              &error);
    course->most_often = most_often;
    course->days_min = (int)json_integer_value(json_array_get(days, 0));
    course->days_max = (int)json_integer_value(json_array_get(days, 1));
    /* Never more than once a day, whoever says so. */
    if (course->days_min < 1 || course->days_max < course->days_min || course->days_max > 366)
        return refuse(why, course->id, "\"days\" are [least, most], 1 to 366");
    return read_cites(cites, course->id, &course->cites, why);
}

static int read_courses(const json_t *array, struct plan_rules *rules, struct problem *why)
{
    size_t i;
    json_t *object;

    if (!json_is_array(array) || !json_array_size(array) ||
        json_array_size(array) > PLAN_COURSES_MAX)
        return refuse(why, "courses", "1 to 8 are needed");
    json_array_foreach(array, i,
                       object) if (read_course(object, &rules->once_a_day,
                                               &rules->courses[rules->n_courses++], why)) return -1;
    return 0;
}

static int read_flat_foot(json_t *object, struct plan_rules *rules, struct problem *why)
{
    struct plan_line *advice = &rules->flat_foot_advice;

    advice->words = json_string_value(json_object_get(object, "advice"));
    if (!advice->words)
        return refuse(why, "flat_foot", "the advice is missing");
    return read_cites(json_object_get(object, "advice_cites"), "flat_foot", &advice->cites, why) ||
                   read_lines(json_object_get(object, "sequence"), "flat_foot", rules->sequence,
                              &rules->n_sequence, why) ||
                   read_lines(json_object_get(object, "stages"), "flat_foot", rules->stages,
                              &rules->n_stages, why)
               ? -1
               : 0;
}

static int read_all(json_t *document, struct plan_rules *rules, struct problem *why)
{
    const char *schema = json_string_value(json_object_get(document, "schema"));
    json_t *directions = json_object_get(document, "directions");
    json_t *day = json_object_get(document, "time_of_day");

    if (!schema || strcmp(schema, SCHEMA))
        return problem(why, PROBLEM_REFUSED, "plan rules: \"schema\" must be \"%s\"", SCHEMA);
    return read_limits(json_object_get(document, "limits"), rules, why) ||
                   read_line(json_object_get(directions, "painful"), "painful", &rules->painful,
                             why) ||
                   read_line(json_object_get(directions, "relax"), "relax", &rules->relax, why) ||
                   read_rest(json_object_get(document, "pain_stays"), &rules->pain_stays, why) ||
                   read_zone(json_object_get(document, "other_zone"), 0, &rules->other_zone, why) ||
                   read_zones(json_object_get(document, "zones"), rules, why) ||
                   read_steps(json_object_get(document, "steps"), rules, why) ||
                   read_line(json_array_get(day, 0), "time_of_day", &rules->calming, why) ||
                   read_line(json_array_get(day, 1), "time_of_day", &rules->stimulating, why) ||
                   read_line(json_object_get(document, "once_a_day"), "once_a_day",
                             &rules->once_a_day, why) ||
                   read_courses(json_object_get(document, "courses"), rules, why) ||
                   read_line(json_object_get(document, "mat"), "mat", &rules->mat, why) ||
                   read_flat_foot(json_object_get(document, "flat_foot"), rules, why)
               ? -1
               : 0;
}

struct plan_rules *plan_rules_load(const char *path, struct problem *why)
{
    struct plan_rules *rules = calloc(1, sizeof *rules);
    json_error_t error = {.line = -1};

    if (!rules) {
        problem_no_memory(why, "the rules of the plan");
        return NULL;
    }
    rules->document =
        path ? json_file_load(path, why)
             : json_loadb(plan_builtin_json, (size_t)(plan_builtin_end - plan_builtin_json),
                          JSON_REJECT_DUPLICATES, &error);
    if (!rules->document && !path)
        problem(why, PROBLEM_REFUSED, "the built-in rules, line %d: %s", error.line, error.text);
    if (!rules->document || read_all(rules->document, rules, why)) {
        plan_rules_free(rules);
        return NULL;
    }
    return rules;
}

void plan_rules_free(struct plan_rules *rules)
{
    if (!rules)
        return;
    json_decref(rules->document);
    free(rules);
}

const struct plan_zone_rule *plan_rules_zone(const struct plan_rules *rules, const char *zone_id)
{
    for (int i = 0; i < rules->n_zones; i++)
        for (int k = 0; k < rules->zones[i].n_zones; k++)
            if (!strcmp(rules->zones[i].zones[k], zone_id))
                return &rules->zones[i];
    return &rules->other_zone;
}

const struct plan_course *plan_rules_course(const struct plan_rules *rules, const char *id)
{
    for (int i = 0; i < rules->n_courses; i++)
        if (!strcmp(rules->courses[i].id, id))
            return &rules->courses[i];
    return NULL;
}
