/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session as a list of count-downs: what the terminal and the page both run. */
#include "analysis/plan/massage_plan.h"

#include <string.h>

double massage_plan_foot_limit_s(const struct massage_plan *plan)
{
    return 60 * (plan->is_short ? plan->rules->minutes_short : plan->rules->minutes_per_foot);
}

static int add_points(const struct massage_plan *plan, enum side side, struct plan_turn *turns)
{
    int n = 0;

    for (int i = 0; i < plan->n_points; i++)
        if (plan->points[i].side == side)
            turns[n++] = (struct plan_turn){.point = &plan->points[i],
                                            .side = side,
                                            .seconds = plan->points[i].seconds,
                                            .again_until_s = massage_plan_foot_limit_s(plan) -
                                                             plan->points[i].seconds};
    return n;
}

/* Of a foot all but the rest, which comes once, after both (`side` unknown). Steps take the least
 * of their time: whoever wants more goes on. */
static int add_steps(const struct massage_plan *plan, enum side side, struct plan_turn *turns)
{
    int n = 0;

    for (int i = 0; i < plan->rules->n_steps; i++) {
        const struct plan_line *step = &plan->rules->steps[i];
        int is_rest = !strcmp(step->phase, "rest");

        if (!strcmp(step->phase, "zones") && side != SIDE_UNKNOWN)
            n += add_points(plan, side, turns + n);
        if (step->seconds_max > 0 && is_rest == (side == SIDE_UNKNOWN))
            turns[n++] =
                (struct plan_turn){.step = step, .side = side, .seconds = step->seconds_min};
    }
    return n;
}

int massage_plan_turns(const struct massage_plan *plan, struct plan_turn turns[PLAN_TURNS_MAX])
{
    static const enum side order[] = {SIDE_LEFT, SIDE_RIGHT, SIDE_UNKNOWN};
    int n = 0;

    for (int i = 0; plan->allowed && i < 3; i++)
        if (order[i] == SIDE_UNKNOWN || plan->foot_allowed[order[i]])
            n += add_steps(plan, order[i], turns + n);
    return n;
}

int plan_aim_from_name(const char *name, enum plan_aim *aim)
{
    if (strcmp(name, "relax") && strcmp(name, "none"))
        return -1;
    *aim = *name == 'r' ? AIM_RELAX : AIM_NONE;
    return 0;
}

const char *plan_aim_name(enum plan_aim aim)
{
    return aim == AIM_RELAX ? "relax" : "none";
}
