/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones that lie beyond what is proven of their foot (foot_reach.h): not tested, whatever was
 * pressed where the frame has them. */
#include "analysis/press/tenderness_private.h"
#include "analysis/warnings.h"

#include <math.h>

static double middle_u(const struct foot_result *foot, const struct atlas_zone *zone)
{
    struct point outline[ATLAS_OUTLINE_MAX], middle = {0, 0};
    int n = atlas_outline(zone, &foot->frame, &foot->landmarks, outline, ATLAS_OUTLINE_MAX);

    for (int i = 0; i < n; i++) {
        middle.x_mm += outline[i].x_mm / n;
        middle.y_mm += outline[i].y_mm / n;
    }
    return n ? foot_frame_to_uv(&foot->frame, middle).u : -INFINITY;
}

const char *tender_beyond_reach(const struct foot_result *foot, const struct zone_result *zone)
{
    if (!foot->reach.is_limited || !zone->zone->is_plantar)
        return NULL;
    if (zone->zone->shape.kind != ZONE_PARTS)
        return foot_reach_covers(&foot->reach, middle_u(foot, zone->zone)) ? NULL : foot->reach.why;
    for (int i = 1; i <= zone->zone->n_parts; i++)
        if (!tender_beyond_reach(foot, &zone[i]))
            return NULL;
    return foot->reach.why;
}

static int presses_on(const struct result *result, enum side side)
{
    int n = 0;

    for (int i = 0; i < result->n_presses; i++)
        n += result->presses[i].side == side && !result->presses[i].is_catch &&
             !result->presses[i].is_tap;
    return n;
}

int tender_warn_reach(struct tender *tender)
{
    struct result *result = tender->result;

    for (int f = 0; f < result->n_feet; f++) {
        const struct foot_result *foot = &result->feet[f];
        const char *words = side_name(foot->side);
        if (!foot->reach.is_limited || foot->side == SIDE_UNKNOWN ||
            !presses_on(result, foot->side))
            continue;
        if (!isfinite(foot->reach.u)
                ? result_warn(result, tender->why, "The %s foot: no zone is told as tested: %s.",
                              words, foot->reach.why)
                : result_warn(result, tender->why,
                              "The %s foot: zones ahead of %.0f %% of its frame are not tested, "
                              "whatever was pressed there: %s.",
                              words, 100 * foot->reach.u, foot->reach.why))
            return -1;
    }
    return 0;
}
