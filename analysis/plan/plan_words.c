/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan in words and as JSON; every rule with its articles' lines. */
#include "analysis/plan/massage_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(char *text, size_t cap, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(char *text, size_t cap, const char *format, ...)
{
    size_t n = strlen(text);
    va_list values;

    va_start(values, format);
    vsnprintf(text + n, cap - n, format, values);
    va_end(values);
}

const char *plan_cites_words(const struct plan_cites *cites, char *text, size_t cap)
{
    *text = 0;
    for (int i = 0; i < cites->n; i++)
        add(text, cap, "%s%s", i ? ", " : "[", cites->of[i]);
    add(text, cap, "]");
    return text;
}

static void add_zones(const struct plan_point *point, char *text, size_t cap)
{
    for (int i = 0; i < point->n_zones; i++)
        add(text, cap, "%s%s", i ? ", " : "", point->zones[i]->id);
    add(text, cap, " %s (%s)", side_name(point->side),
        point->rule->group ? point->rule->group : point->zones[0]->name);
}

static void add_direction(const struct plan_point *point, char *text, size_t cap)
{
    if (point->direction_rule)
        add(text, cap, ", %s", point->direction_rule->words);
    else if (point->direction == DIRECTION_CLOCKWISE ||
             point->direction == DIRECTION_COUNTER_CLOCKWISE)
        add(text, cap, ", %s", plan_direction_name(point->direction));
}

const char *massage_plan_point_words(const struct massage_plan *plan,
                                     const struct plan_point *point, char *text, size_t cap)
{
    char cites[80];

    *text = 0;
    add_zones(point, text, cap);
    add(text, cap, ": %s, %s", point->rule->finger, point->rule->words);
    if (point->rule->firm && !point->is_painful && !plan->light_only)
        add(text, cap, ", %s", point->rule->firm);
    add_direction(point, text, cap);
    if (plan->light_only)
        add(text, cap, ", light pressure only");
    if (point->seconds < 60)
        add(text, cap, "; %.0f to %.0f s ", point->rule->seconds_min, point->rule->seconds_max);
    else
        add(text, cap, "; %.1f min ", point->seconds / 60);
    add(text, cap, "%s", plan_cites_words(&point->rule->cites, cites, sizeof cites));
    if (point->direction_rule)
        add(text, cap, " %s", plan_cites_words(&point->direction_rule->cites, cites, sizeof cites));
    return text;
}

const char *massage_plan_none_words(const struct massage_plan *plan, enum side side, char *text,
                                    size_t cap)
{
    const char *foot = side_name(side);

    *text = 0;
    if (!plan->foot_allowed[side])
        add(text, cap, "the %s foot is left out by the screening", foot);
    else if (plan->tells_nothing && plan->foot_tested[side])
        add(text, cap, "answers unreliable: nothing is told of the %s foot, and no complaint",
            foot);
    else if (!plan->foot_tested[side])
        add(text, cap, "the %s foot was not tested, and no complaint: nothing is told of it", foot);
    else
        add(text, cap, "nothing flagged and no complaint on the %s foot", foot);
    return text;
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *cites_json(const struct plan_cites *cites)
{
    json_t *array = json_array();

    for (int i = 0; i < cites->n; i++)
        json_array_append_new(array, json_string(cites->of[i]));
    return array;
}

static json_t *zones_json(const struct plan_point *point)
{
    json_t *array = json_array();

    for (int i = 0; i < point->n_zones; i++)
        json_array_append_new(array, json_string(point->zones[i]->id));
    return array;
}

static json_t *point_json(const struct massage_plan *plan, const struct plan_point *point)
{
    static const char *const reasons[] = {
        [PLAN_FLAGGED] = "flagged", [PLAN_QUEUED] = "left over", [PLAN_COMPLAINT] = "complaint"};
    char words[400];

    massage_plan_point_words(plan, point, words, sizeof words);
    return json_pack(
        "{s:o, s:s, s:s, s:o, s:s, s:s, s:f, s:b, s:s, s:o, s:o}", "zones", zones_json(point),
        "side", side_name(point->side), "reason", reasons[point->reason], "flag",
        point->flag ? json_string(flag_level_name(point->flag)) : json_null(), "direction",
        plan_direction_name(point->direction), "finger", point->rule->finger, "duration_s",
        point->seconds, "painful", point->is_painful, "words", words, "cites",
        cites_json(&point->rule->cites), "direction_cites",
        point->direction_rule ? cites_json(&point->direction_rule->cites) : json_array());
}

static json_t *points_json(const struct massage_plan *plan, const struct plan_point *points, int n)
{
    json_t *array = json_array();

    for (int i = 0; array && i < n; i++)
        if (json_array_append_new(array, point_json(plan, &points[i]))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

const char *massage_plan_step_words(const struct massage_plan *plan, const struct plan_line *step,
                                    char *text, size_t cap)
{
    int is_other_foot = step->phase && !strcmp(step->phase, "other foot");

    *text = 0;
    if (is_other_foot && plan->foot_allowed[SIDE_LEFT] + plan->foot_allowed[SIDE_RIGHT] < 2) {
        add(text, cap, "the other foot is left out by the screening: no massage there");
        return text;
    }
    add(text, cap, "%s", step->words);
    if (step->firm && plan->firm_fits)
        add(text, cap, "; %s", step->firm);
    return text;
}

static json_t *line_json(const struct plan_line *line)
{
    json_t *object =
        json_pack("{s:s, s:o}", "words", line->words, "cites", cites_json(&line->cites));

    if (object && line->phase)
        json_object_set_new(object, "phase", json_string(line->phase));
    if (object && line->seconds_max > 0)
        json_object_set_new(object, "duration_s",
                            json_pack("[f, f]", line->seconds_min, line->seconds_max));
    return object;
}

static json_t *lines_json(const struct plan_line *lines, int n)
{
    json_t *array = json_array();

    for (int i = 0; array && i < n; i++)
        if (json_array_append_new(array, line_json(&lines[i]))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *steps_json(const struct massage_plan *plan)
{
    char words[300];
    json_t *array = lines_json(plan->rules->steps, plan->rules->n_steps);

    for (int i = 0; array && i < plan->rules->n_steps; i++)
        json_object_set_new(json_array_get(array, (size_t)i), "words",
                            json_string(massage_plan_step_words(plan, &plan->rules->steps[i], words,
                                                                sizeof words)));
    return array;
}

/* A point or step by its place in `points` or `steps`. */
static json_t *turn_json(const struct massage_plan *plan, const struct plan_turn *turn)
{
    json_t *point = turn->point ? json_integer(turn->point - plan->points) : json_null();
    json_t *step = turn->step ? json_integer(turn->step - plan->rules->steps) : json_null();

    return json_pack("{s:o, s:o, s:o, s:f, s:o}", "point", point, "step", step, "side",
                     turn->side ? json_string(side_name(turn->side)) : json_null(), "duration_s",
                     turn->seconds, "again_until_s",
                     turn->point ? json_real(turn->again_until_s) : json_null());
}

static json_t *turns_json(const struct massage_plan *plan)
{
    struct plan_turn turns[PLAN_TURNS_MAX];
    int n = massage_plan_turns(plan, turns);
    json_t *array = json_array();

    for (int i = 0; array && i < n; i++)
        if (json_array_append_new(array, turn_json(plan, &turns[i]))) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* With what is done about it: those who count down keep to it. */
static json_t *pain_json(const struct plan_line *line)
{
    json_t *object = line_json(line);

    if (object && (json_object_set_new(object, "asked_s", json_real(PLAN_PAIN_ASKED_S)) ||
                   json_object_set_new(object, "again_most", json_integer(PLAN_AGAIN_MOST)))) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *massage_plan_json(const struct massage_plan *plan)
{
    const struct plan_rules *rules = plan->rules;
    json_t *document =
        json_pack("{s:s, s:b, s:o?}", "schema", "tenderfoot/plan/1", "allowed", plan->allowed,
                  "allowed_reason", plan->allowed ? NULL : json_string(plan->why_not));

    if (!document || !plan->allowed)
        return document;
    int bad = json_object_update_new(
        document,
        json_pack(
            "{s:b, s:s, s:f, s:o, s:b, s:b, s:b, s:i, s:f, s:f, s:f, s:o, s:o, s:o, s:o, s:o, "
            "s:o, s:s?, s:b, s:b}",
            "short", plan->is_short, "aim", plan_aim_name(plan->aim), "foot_limit_minutes",
            massage_plan_foot_limit_s(plan) / 60, "turns", turns_json(plan), "light_only",
            plan->light_only, "flat_foot_advice", plan->advise_flat_foot, "tested_standing_only",
            plan->standing_only != NULL, "excluded_zones", plan->n_excluded, "left_minutes",
            plan->minutes[SIDE_LEFT], "right_minutes", plan->minutes[SIDE_RIGHT], "session_minutes",
            plan->minutes[SIDE_UNKNOWN], "points", points_json(plan, plan->points, plan->n_points),
            "left_over", points_json(plan, plan->queued, plan->n_queued), "steps", steps_json(plan),
            "pain_stays", pain_json(&rules->pain_stays), "limits", cites_json(&rules->limit_cites),
            "time_of_day",
            json_pack("[o, o]", line_json(&rules->calming), line_json(&rules->stimulating)),
            "nothing_told_reason", plan->tells_nothing, "left_tested", plan->foot_tested[SIDE_LEFT],
            "right_tested", plan->foot_tested[SIDE_RIGHT]));
    if (!bad)
        return document;
    json_decref(document);
    return NULL;
}
