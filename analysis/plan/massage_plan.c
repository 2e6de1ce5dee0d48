/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/plan/massage_plan.h"
#include "analysis/press/tender_next.h"
#include "analysis/press/tested.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define AROUND 12 /* directions in which a place's surroundings are looked at */

/* What may be done on one side, in order of urgency. */
struct wishes {
    struct plan_point of[PLAN_POINTS_MAX];
    int n;
};

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == side)
            return &result->feet[i];
    return NULL;
}

static const struct zone_result *zone_of(const struct result *result, enum side side,
                                         const struct atlas_zone *zone)
{
    const struct foot_result *foot = foot_of(result, side);

    for (int z = 0; foot && z < foot->n_zones; z++)
        if (foot->zones[z].zone == zone)
            return &foot->zones[z];
    return NULL;
}

/* --- What screening leaves out --------------------------------------------------------------- */

/* Whether the zone comes within the radius of a place, on this foot or on the template's. */
static int is_near(const struct result *result, enum side side, const struct atlas_zone *zone,
                   const struct route_ban *ban)
{
    const struct foot_result *foot = foot_of(result, side);
    struct foot_frame frame = foot_frame_template(side, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    struct landmarks landmarks = landmarks_template();
    struct point middle;

    if (foot) {
        frame = foot->frame;
        landmarks = foot->landmarks;
    }
    middle = foot_frame_to_plate(&frame, ban->at);
    for (int i = 0; i <= AROUND; i++) {
        double r = i < AROUND ? ban->radius_mm : 0, a = 2 * M_PI * i / AROUND;
        struct point at = {middle.x_mm + r * cos(a), middle.y_mm + r * sin(a)};
        if (atlas_contains(zone, &frame, &landmarks, foot_frame_to_uv(&frame, at)))
            return 1;
    }
    return 0;
}

static int is_banned(const struct result *result, const struct screening *screening, enum side side,
                     const struct atlas_zone *zone)
{
    for (int i = 0; i < screening->n_bans; i++) {
        const struct route_ban *ban = &screening->bans[i];

        if (ban->side != SIDE_UNKNOWN && ban->side != side)
            continue;
        if (ban->zone[0]
                ? !strcmp(ban->zone, zone->id) || (zone->parent && !strcmp(ban->zone, zone->parent))
                : is_near(result, side, zone, ban))
            return 1;
    }
    return 0;
}

static int is_excluded(const struct result *result, const struct screening *screening,
                       enum side side, const struct atlas_zone *zone)
{
    const struct zone_result *measured = zone_of(result, side, zone);

    return (measured && zone_state_is_excluded(measured->state)) ||
           is_banned(result, screening, side, zone);
}

/* --- Points ---------------------------------------------------------------------------------- */

/* Painful before all else, then the zone's own rule, then the aim (reflexology 5.1). */
static void choose_direction(const struct massage_plan *plan, struct plan_point *point)
{
    point->direction = point->rule->direction;
    point->direction_rule = NULL;
    if (point->is_painful)
        point->direction_rule = &plan->rules->painful;
    else if (plan->aim == AIM_RELAX && point->rule->direction_is_default)
        point->direction_rule = &plan->rules->relax;
    if (point->direction_rule)
        point->direction = DIRECTION_COUNTER_CLOCKWISE;
}

static struct plan_point *find_point(const struct massage_plan *plan, struct wishes *wishes,
                                     const struct plan_zone_rule *rule)
{
    for (int i = 0; rule != &plan->rules->other_zone && i < wishes->n; i++)
        if (wishes->of[i].rule == rule)
            return &wishes->of[i];
    return NULL;
}

static int has_zone(const struct plan_point *point, const struct atlas_zone *zone)
{
    for (int i = 0; i < point->n_zones; i++)
        if (point->zones[i] == zone)
            return 1;
    return 0;
}

static void wish(struct massage_plan *plan, struct wishes *wishes, const struct atlas_zone *zone,
                 const struct plan_point *how)
{
    const struct plan_zone_rule *rule = plan_rules_zone(plan->rules, zone->id);
    struct plan_point *point = find_point(plan, wishes, rule);

    if (!point) {
        if (wishes->n == PLAN_POINTS_MAX / 2)
            return; /* more than the foot has zones */
        point = &wishes->of[wishes->n++];
        *point = *how;
        point->rule = rule;
        point->n_zones = 0;
        point->seconds = rule->seconds_max;
    }
    if (point->n_zones < 8 && !has_zone(point, zone))
        point->zones[point->n_zones++] = zone;
    point->is_painful |= how->is_painful;
    choose_direction(plan, point);
}

static void wish_unless_excluded(struct massage_plan *plan, const struct result *result,
                                 const struct screening *screening, struct wishes *wishes,
                                 const struct atlas_zone *zone, const struct plan_point *how)
{
    if (is_excluded(result, screening, how->side, zone))
        plan->n_excluded++;
    else
        wish(plan, wishes, zone, how);
}

/* A zone read as one with a flagged one is worked with it, as one point. */
static void add_as_one(const struct massage_plan *plan, const struct result *result,
                       const struct screening *screening, struct wishes *wishes,
                       const struct atlas_zone *zone, const struct flag *flag)
{
    const struct atlas_zone *other =
        flag->as_one_with ? atlas_find(result->atlas, flag->as_one_with) : NULL;
    struct plan_point *point = find_point(plan, wishes, plan_rules_zone(plan->rules, zone->id));

    if (other && point && has_zone(point, zone) && point->n_zones < 8 && !has_zone(point, other) &&
        !is_excluded(result, screening, flag->side, other))
        point->zones[point->n_zones++] = other;
}

static void wish_flagged(struct massage_plan *plan, const struct result *result,
                         const struct screening *screening, enum side side, struct wishes *wishes)
{
    for (int i = 0; i < result->n_flags; i++) {
        const struct flag *flag = &result->flags[i];
        const struct atlas_zone *zone = atlas_find(result->atlas, flag->zone_id);
        struct plan_point how = {
            .side = side, .reason = PLAN_FLAGGED, .flag = flag->level, .is_painful = 1};

        if (!zone || flag->side != side)
            continue;
        wish_unless_excluded(plan, result, screening, wishes, zone, &how);
        add_as_one(plan, result, screening, wishes, zone, flag);
    }
}

/* A zone that hurt is worked as one that hurt, whatever it is in the plan for. */
static int is_painful(const struct result *result, enum side side, const struct atlas_zone *zone)
{
    const struct zone_result *measured = zone_of(result, side, zone);

    return measured && measured->answers > 0;
}

/* "P07 left" */
static int wish_queued(struct massage_plan *plan, const struct result *result,
                       const struct screening *screening, enum side side, const char *queued,
                       struct wishes *wishes, struct problem *why)
{
    char id[16], word[8];

    if (sscanf(queued, "%15s %7s", id, word) != 2 ||
        (strcmp(word, "left") && strcmp(word, "right")))
        return problem(why, PROBLEM_REFUSED, "left over: '%.40s' is not like 'P07 left'", queued);
    const struct atlas_zone *zone = atlas_find(result->atlas, id);
    if (!zone || !zone->is_plantar)
        return problem(why, PROBLEM_REFUSED, "left over: there is no zone '%s' on the sole", id);
    if ((side == SIDE_LEFT) != !strcmp(word, "left"))
        return 0;
    struct plan_point how = {
        .side = side, .reason = PLAN_QUEUED, .is_painful = is_painful(result, side, zone)};
    wish_unless_excluded(plan, result, screening, wishes, zone, &how);
    return 0;
}

static void wish_complaints(struct massage_plan *plan, const struct result *result,
                            const struct screening *screening, enum side side,
                            const struct plan_options *options, struct wishes *wishes)
{
    for (int i = 0; i < options->n_complaints; i++) {
        const struct atlas_zone *zone = options->complaints[i];
        struct plan_point how = {
            .side = side, .reason = PLAN_COMPLAINT, .is_painful = is_painful(result, side, zone)};

        if (zone->is_plantar && (!zone->only_female || screening->is_female))
            wish_unless_excluded(plan, result, screening, wishes, zone, &how);
    }
}

/* --- A foot's share of the session ----------------------------------------------------------- */

static double height_of(const struct plan_point *point)
{
    const struct zone_shape *shape = &point->zones[0]->shape;

    return shape->kind == ZONE_STRIP && shape->n_path ? shape->path[0].u : shape->centre.u;
}

/* Toes to heel; where something is left for next time, flagged ones first. */
static int comes_before(const struct plan_point *a, const struct plan_point *b,
                        int is_short_of_time)
{
    int a_flagged = a->reason == PLAN_FLAGGED, b_flagged = b->reason == PLAN_FLAGGED;

    if (is_short_of_time && a_flagged != b_flagged)
        return a_flagged;
    return height_of(a) > height_of(b);
}

static void put_in_order(struct plan_point *points, int n, int is_short_of_time)
{
    for (int i = 1; i < n; i++) {
        struct plan_point one = points[i];
        int k = i;
        for (; k > 0 && comes_before(&one, &points[k - 1], is_short_of_time); k--)
            points[k] = points[k - 1];
        points[k] = one;
    }
}

/* The most urgent ones as long as points and minutes reach; the others wait. */
static void share_out(struct massage_plan *plan, enum side side, const struct wishes *wishes)
{
    const struct plan_rules *rules = plan->rules;
    int most = plan->is_short ? rules->points_short : rules->points_per_foot;
    double seconds_left = massage_plan_foot_limit_s(plan);
    int first = plan->n_points, queued = plan->n_queued;

    for (int i = 0; i < wishes->n; i++) {
        const struct plan_point *point = &wishes->of[i];
        if (plan->n_points - first < most && point->seconds <= seconds_left) {
            plan->points[plan->n_points++] = *point;
            seconds_left -= point->seconds;
            plan->minutes[side] += point->seconds / 60;
        } else
            plan->queued[plan->n_queued++] = *point;
    }
    put_in_order(&plan->points[first], plan->n_points - first, plan->n_queued > queued);
}

static int plan_foot(struct massage_plan *plan, const struct result *result,
                     const struct screening *screening, const struct plan_options *options,
                     enum side side, struct problem *why)
{
    struct wishes wishes = {.n = 0};

    plan->foot_allowed[side] = screening->plan_allowed[side];
    if (!plan->foot_allowed[side])
        return 0;
    wish_flagged(plan, result, screening, side, &wishes);
    for (int i = 0; i < options->n_queued; i++)
        if (wish_queued(plan, result, screening, side, options->queued[i], &wishes, why))
            return -1;
    wish_complaints(plan, result, screening, side, options, &wishes);
    share_out(plan, side, &wishes);
    return 0;
}

/* --- The whole ------------------------------------------------------------------------------- */

static int has_flat_pattern(const struct result *result)
{
    for (int i = 0; i < result->patterns.n; i++) {
        const char *words = result->patterns.list[i].words;
        if (!strncmp(words, "flat ", 5) || !strncmp(words, "inward-leaning", 14))
            return 1;
    }
    return 0;
}

static double steps_minutes(const struct massage_plan *plan)
{
    int feet = plan->foot_allowed[SIDE_LEFT] + plan->foot_allowed[SIDE_RIGHT];
    double minutes = 0;

    for (int i = 0; i < plan->rules->n_steps; i++) {
        const struct plan_line *step = &plan->rules->steps[i];
        int is_once = step->phase && !strcmp(step->phase, "rest");
        minutes += step->seconds_max / 60 * (is_once ? 1 : feet);
    }
    return minutes;
}

static int is_flagged(const struct result *result, enum side side, const char *zone_id)
{
    for (int i = 0; i < result->n_flags; i++)
        if (result->flags[i].side == side && !strcmp(result->flags[i].zone_id, zone_id))
            return 1;
    return 0;
}

/* Advice of strong pressure is for the whole heel of both feet: one place that hurt is enough. */
static int firm_fits(const struct massage_plan *plan, const struct result *result)
{
    for (int i = 0; i < plan->rules->n_zones; i++)
        for (int z = 0; plan->rules->zones[i].firm && z < plan->rules->zones[i].n_zones; z++)
            for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
                const char *id = plan->rules->zones[i].zones[z];
                const struct atlas_zone *zone = atlas_find(result->atlas, id);
                if (is_flagged(result, (enum side)side, id) ||
                    (zone && is_painful(result, (enum side)side, zone)))
                    return 0;
            }
    return !plan->light_only;
}

static int refuse_plan(struct massage_plan *plan, const char *why_not)
{
    snprintf(plan->why_not, sizeof plan->why_not, "%s", why_not);
    return 0;
}

static int foot_is_tested(const struct result *result, enum side side)
{
    const struct foot_result *foot = foot_of(result, side);

    for (int z = 0; foot && z < foot->n_zones; z++)
        if (foot->zones[z].zone->is_plantar && zone_is_tested(&foot->zones[z]))
            return 1;
    return 0;
}

int massage_plan_make(struct massage_plan *plan, const struct plan_rules *rules,
                      const struct result *result, const struct screening *screening,
                      const struct plan_options *options, struct problem *why)
{
    *plan =
        (struct massage_plan){.rules = rules, .is_short = options->short_form, .aim = options->aim};
    plan->advise_flat_foot = has_flat_pattern(result);
    plan->standing_only = tender_standing_only(result);
    plan->tells_nothing = tender_tells_nothing(result) ? tender_nothing_flagged(result) : NULL;
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        plan->foot_tested[side] = foot_is_tested(result, (enum side)side);
    if (!screening)
        return refuse_plan(plan, "no screening was made; without one there is no massage plan");
    if (screening_fits(screening, result->atlas, why))
        return -1;
    if (!screening->plan_allowed[SIDE_UNKNOWN]) {
        char words[180];
        snprintf(plan->why_not, sizeof plan->why_not, "%s",
                 screening_lock_words(screening, words, sizeof words));
        return 0;
    }
    plan->light_only = screening->light_only;
    plan->firm_fits = firm_fits(plan, result);
    if (plan_foot(plan, result, screening, options, SIDE_LEFT, why) ||
        plan_foot(plan, result, screening, options, SIDE_RIGHT, why))
        return -1;
    plan->allowed = 1;
    plan->minutes[SIDE_UNKNOWN] =
        plan->minutes[SIDE_LEFT] + plan->minutes[SIDE_RIGHT] + steps_minutes(plan);
    return 0;
}
