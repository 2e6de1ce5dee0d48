/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The default route: one place for each group of zones, on this foot. */
#include "analysis/press/route_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STEP_MM 1.0
/* Places nearly as deep as the deepest are as good: among them the nearest to the zones' middles.
 */
#define NEARLY 0.9
/* Farther off than this, an excluded part has moved the place. */
#define MOVED_MM 1.5

struct spot {
    const struct route_builder *builder;
    const struct sole *sole;
    const struct route_group *group;
    int heed_bans;
};

/* Depth in the zone in which it lies least deep; zones that may not be pressed do not count. */
static double least_share(const struct spot *spot, struct point at)
{
    const struct route_options *options = spot->builder->options;
    double least = INFINITY;

    for (int i = 0; i < spot->group->n; i++) {
        int z = spot->group->zones[i];
        if (spot->heed_bans && route_ban_of(options, spot->sole->side, spot->sole->zones[z].zone))
            continue;
        least = fmin(least, sole_share(spot->sole, z, at, tool_tip_radius_mm(options->tool)));
        if (least <= 0)
            break;
    }
    if (!(least > 0) || isinf(least))
        return -1;
    return spot->heed_bans && route_ban_at(options, spot->sole, at) ? -1 : least;
}

static double off_middles_mm(const struct spot *spot, struct point at)
{
    double sum = 0;

    for (int i = 0; i < spot->group->n; i++) {
        struct point middle = spot->sole->zones[spot->group->zones[i]].middle;
        sum += hypot(at.x_mm - middle.x_mm, at.y_mm - middle.y_mm);
    }
    return sum;
}

/* The box of the main zone; of merged ones, that of both. */
static struct box search_box(const struct spot *spot)
{
    const struct sole_zone *main = &spot->sole->zones[spot->group->main];
    struct box box = main->box;

    if (main->partner < 0)
        return box;
    const struct box *other = &spot->sole->zones[main->partner].box;
    return (struct box){fmin(box.x0, other->x0), fmin(box.y0, other->y0), fmax(box.x1, other->x1),
                        fmax(box.y1, other->y1)};
}

/* Two walks over the raster about the main zone's middle: how deep one gets, then which of the deep
 * places lies best. 1 and *best, or 0. */
static int find_spot(const struct spot *spot, struct point *best)
{
    struct box box = search_box(spot);
    struct point middle = spot->sole->zones[spot->group->main].middle;
    double deepest = 0, nearest = INFINITY;

    for (int walk = 0; walk < 2; walk++) {
        double y0 = middle.y_mm - floor((middle.y_mm - box.y0) / STEP_MM) * STEP_MM;
        double x0 = middle.x_mm - floor((middle.x_mm - box.x0) / STEP_MM) * STEP_MM;
        for (int iy = 0; y0 + iy * STEP_MM <= box.y1; iy++)
            for (int ix = 0; x0 + ix * STEP_MM <= box.x1; ix++) {
                struct point at = {x0 + ix * STEP_MM, y0 + iy * STEP_MM};
                double share = least_share(spot, at);
                double off_mm = off_middles_mm(spot, at);
                if (!walk)
                    deepest = fmax(deepest, share);
                else if (share > 0 && share >= NEARLY * deepest && off_mm < nearest - 1e-9) {
                    nearest = off_mm;
                    *best = at;
                }
            }
    }
    return deepest > 0 && !isinf(nearest);
}

/* Why it cannot be pressed where it was meant to be. */
static const char *reason_at(const struct spot *spot, struct point at)
{
    const char *why = route_ban_at(spot->builder->options, spot->sole, at);

    for (int i = 0; !why && i < spot->group->n; i++)
        why = route_ban_of(spot->builder->options, spot->sole->side,
                           spot->sole->zones[spot->group->zones[i]].zone);
    return why ? why : "its zones do not overlap on this foot";
}

/* One place of one foot: 1 added, 0 left out (told), -1 with *why. */
static int add_place(struct route_builder *builder, const struct sole *sole,
                     const struct route_group *group)
{
    struct spot spot = {builder, sole, group, 0};
    const char *id = sole->zones[group->main].zone->id;
    struct point meant = {0, 0}, at;
    int was_found = find_spot(&spot, &meant);

    spot.heed_bans = 1;
    if (!find_spot(&spot, &at))
        return group->n > 1 && !was_found
                   ? 0 /* each of its zones gets a place of its own */
                   : route_leave_out(builder, sole->side, id, 0, reason_at(&spot, meant));
    if (was_found && hypot(at.x_mm - meant.x_mm, at.y_mm - meant.y_mm) > MOVED_MM &&
        route_leave_out(builder, sole->side, id, 1, reason_at(&spot, meant)))
        return -1;
    struct route_place *place = route_add(builder, sole, at, id);
    if (!place)
        return -1;
    for (int i = 0; sole->zones[group->main].partner >= 0 && i < group->n; i++)
        route_add_zone(place, sole->zones[group->zones[i]].zone);
    return 1;
}

static int is_served(const struct route *route, enum side side, const struct atlas_zone *zone)
{
    for (int i = 0; i < route->n; i++)
        for (int k = 0; route->places[i].side == side && k < route->places[i].n_zones; k++)
            if (route->places[i].zones[k] == zone)
                return 1;
    return 0;
}

static int is_told(const struct route *route, enum side side, const char *id)
{
    for (int i = 0; i < route->n_left_out; i++)
        if (route->left_out[i].side == side && !route->left_out[i].moved &&
            !strcmp(route->left_out[i].id, id))
            return 1;
    return 0;
}

/* A zone that no place serves on one of the feet gets a place of its own on both. */
static int add_missing(struct route_builder *builder, const struct sole soles[3])
{
    const struct sole *any = soles[SIDE_LEFT].n ? &soles[SIDE_LEFT] : &soles[SIDE_RIGHT];

    for (int z = 0; z < any->n; z++) {
        struct route_group alone = {.zones = {z}, .n = 1, .main = z};
        const struct atlas_zone *zone = any->zones[z].zone;
        int is_missing = 0;
        if (!any->zones[z].is_wanted)
            continue;
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            is_missing |= soles[side].n && !is_served(builder->route, (enum side)side, zone) &&
                          !is_told(builder->route, (enum side)side, zone->id);
        for (int side = SIDE_LEFT; is_missing && side <= SIDE_RIGHT; side++)
            if (soles[side].n && add_place(builder, &soles[side], &alone) < 0)
                return -1;
    }
    return 0;
}

int route_zones_make(struct route_builder *builder, const struct sole soles[3])
{
    struct route_group groups[ROUTE_GROUPS_MAX];
    struct sole template;

    if (sole_begin(&template, builder->options, NULL, SIDE_UNKNOWN, builder->why))
        return -1;
    int n = route_groups_find(&template, tool_tip_radius_mm(builder->options->tool), groups);
    sole_free(&template);
    if (n < 0)
        return problem_no_memory(builder->why, "a route");
    for (int g = 0; g < n; g++)
        for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
            if (soles[side].n && add_place(builder, &soles[side], &groups[g]) < 0)
                return -1;
    return add_missing(builder, soles);
}
