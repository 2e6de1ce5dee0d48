/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/press/zone_place.h"

#include "analysis/foot/strips.h"

#include <math.h>

static const struct foot_result *foot_of(const struct result *result,
                                         const struct zone_result *zone)
{
    for (int i = 0; i < result->n_feet; i++)
        if (result->feet[i].side == zone->side)
            return &result->feet[i];
    return NULL;
}

int press_is_in_zone(const struct result *result, const struct press *press,
                     const struct zone_result *zone)
{
    const struct foot_result *foot = foot_of(result, zone);

    return foot && press->side == zone->side && press->place_known && !press->is_catch &&
           !press->is_tap && foot_reach_covers(&foot->reach, press->place.u) &&
           atlas_contains(zone->zone, &foot->frame, &foot->landmarks, press->place);
}

static int was_pressed_in(const struct result *result, const struct zone_result *zone, int session)
{
    for (int i = 0; i < result->n_presses; i++)
        if (result->presses[i].session == session &&
            press_is_in_zone(result, &result->presses[i], zone))
            return 1;
    return 0;
}

int zone_sessions(const struct result *result, const struct zone_result *zone)
{
    int sessions = 0;

    for (int session = 0; session <= result->n_sessions; session++)
        sessions += was_pressed_in(result, zone, session);
    return sessions;
}

/* The press with the lowest answer in the zone, or NULL. */
static const struct press *telling_press(const struct result *result,
                                         const struct zone_result *zone)
{
    const struct press *least = NULL;

    for (int i = 0; i < result->n_presses; i++) {
        const struct press *press = &result->presses[i];
        if (press->answered && !press->doubtful && isfinite(press->answer_kpa) &&
            (!least || press->answer_kpa < least->answer_kpa) &&
            press_is_in_zone(result, press, zone))
            least = press;
    }
    return least;
}

int zone_place(const struct result *result, const struct zone_result *zone, struct uv *place)
{
    const struct press *press = telling_press(result, zone);
    const struct foot_result *foot = foot_of(result, zone);
    struct point outline[ATLAS_OUTLINE_MAX], middle = {0, 0};
    int n = 0;

    if (press) {
        *place = press->place;
        return 0;
    }
    if (foot && zone->zone->is_plantar)
        n = atlas_outline(zone->zone, &foot->frame, &foot->landmarks, outline, ATLAS_OUTLINE_MAX);
    for (int i = 0; i < n; i++) {
        middle.x_mm += outline[i].x_mm / n;
        middle.y_mm += outline[i].y_mm / n;
    }
    if (!n)
        return -1;
    *place = foot_frame_to_uv(&foot->frame, middle);
    return isfinite(place->u) && isfinite(place->v) ? 0 : -1;
}

const char *zone_where(const struct result *result, const struct zone_result *zone, char *text,
                       size_t cap)
{
    const struct foot_result *foot = foot_of(result, zone);
    struct uv place;

    *text = 0;
    if (!foot || zone_place(result, zone, &place))
        return text;
    struct strips strips = strips_from(&foot->landmarks);
    return strip_place_words(&strips, &foot->lines, zone->side, place, text, cap);
}
