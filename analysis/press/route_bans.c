/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places and zones that may not be pressed. */
#include "analysis/press/route_private.h"

#include <math.h>
#include <string.h>

/* A ban names a zone or the zone it is a part of. */
static int names(const char *banned, const struct atlas_zone *zone)
{
    return !strcmp(banned, zone->id) || (zone->parent && !strcmp(banned, zone->parent));
}

static int is_of_side(const struct route_ban *ban, enum side side)
{
    return ban->side == SIDE_UNKNOWN || ban->side == side;
}

const char *route_ban_of(const struct route_options *options, enum side side,
                         const struct atlas_zone *zone)
{
    for (int i = 0; i < options->n_bans; i++) {
        const struct route_ban *ban = &options->bans[i];
        if (ban->zone[0] && is_of_side(ban, side) && names(ban->zone, zone))
            return ban->why;
    }
    return NULL;
}

/* The tip must not reach into the circle. */
static int is_in_circle(const struct route_ban *ban, const struct sole *sole, struct point at,
                        double tip_radius_mm)
{
    struct point middle = foot_frame_to_plate(&sole->frame, ban->at);

    return hypot(at.x_mm - middle.x_mm, at.y_mm - middle.y_mm) < ban->radius_mm + tip_radius_mm;
}

/* Nor into a zone. */
static int is_in_zone(const struct route_ban *ban, const struct sole *sole, struct point at,
                      double tip_radius_mm)
{
    for (int z = 0; z < sole->n; z++) {
        const struct sole_zone *zone = &sole->zones[z];
        const struct box *box = &zone->box;
        if (!names(ban->zone, zone->zone) || at.x_mm < box->x0 - tip_radius_mm ||
            at.x_mm > box->x1 + tip_radius_mm || at.y_mm < box->y0 - tip_radius_mm ||
            at.y_mm > box->y1 + tip_radius_mm)
            continue;
        if (sole_depth_mm(zone, at) > -tip_radius_mm)
            return 1;
    }
    return 0;
}

const char *route_ban_at(const struct route_options *options, const struct sole *sole,
                         struct point at)
{
    double tip_radius_mm = tool_tip_radius_mm(options->tool);

    if (!foot_reach_covers(&sole->reach, foot_frame_to_uv(&sole->frame, at).u))
        return sole->reach.why;
    for (int i = 0; i < options->n_bans; i++) {
        const struct route_ban *ban = &options->bans[i];
        if (!is_of_side(ban, sole->side))
            continue;
        if (ban->zone[0] ? is_in_zone(ban, sole, at, tip_radius_mm)
                         : is_in_circle(ban, sole, at, tip_radius_mm))
            return ban->why;
    }
    return NULL;
}
