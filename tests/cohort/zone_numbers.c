/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/zone_numbers.h"
#include "analysis/press/press_finder.h"

#include <math.h>
#include <string.h>

/* A place of the route as its presses of this session had it. */
struct pressed {
    int n;
    double ln_truth, u, v; /* sums, then means */
};

static const struct session_press *announced(const struct session *session, int number)
{
    for (int i = 0; i < session->n_presses; i++)
        if (session->presses[i].number == number)
            return &session->presses[i];
    return NULL;
}

static void gather(const struct session *session, struct pressed *places, int n)
{
    for (int i = 0; i < session->result->n_presses; i++) {
        const struct press *press = &session->result->presses[i];
        const struct session_press *said = announced(session, press->number);
        double kpa;
        if (press->session > 0 || !said || said->place < 0 || said->place >= n ||
            !press->place_known || press_use_of(press, &kpa) == PRESS_NOTHING)
            continue;
        struct pressed *place = &places[said->place];
        place->n++;
        place->ln_truth += log(said->truth_kpa);
        place->u += press->place.u;
        place->v += press->place.v;
    }
    for (int i = 0; i < n; i++)
        if (places[i].n) {
            places[i].ln_truth /= places[i].n;
            places[i].u /= places[i].n;
            places[i].v /= places[i].n;
        }
}

static const struct foot_result *foot_of(const struct result *result, enum side side)
{
    for (int f = 0; f < result->n_feet; f++)
        if (result->feet[f].side == side)
            return &result->feet[f];
    return NULL;
}

/* kPa; NAN when no press of this session counts for the zone. */
static double truth_of(const struct verdict_wishes *wishes, const struct foot_result *foot,
                       const struct atlas_zone *zone, int own, const struct pressed *places)
{
    double lowest = INFINITY;
    for (int i = 0; i < wishes->route->n && i < ZONE_NUMBERS_MAX; i++) {
        struct uv at = {places[i].u, places[i].v};
        if (places[i].n && wishes->route->places[i].side == foot->side &&
            (i == own || atlas_contains(zone, &foot->frame, &foot->landmarks, at)))
            lowest = fmin(lowest, exp(places[i].ln_truth));
    }
    return isfinite(lowest) ? lowest : NAN;
}

int zone_numbers_of(const struct verdict_wishes *wishes, const struct session *session,
                    struct zone_number *numbers)
{
    struct pressed places[ZONE_NUMBERS_MAX] = {0};
    const struct route *route = wishes->route;
    int n = 0, count = route->n < ZONE_NUMBERS_MAX ? route->n : ZONE_NUMBERS_MAX;
    gather(session, places, count);
    for (int i = 0; i < count; i++) {
        const struct route_place *place = &route->places[i];
        const struct foot_result *foot = foot_of(session->result, place->side);
        const struct zone_result *zone =
            place->n_zones ? verdict_zone(session->result, place->side, place->zones[0]->id) : NULL;
        if (!foot || !zone || isnan(zone->threshold_kpa) || zone_threshold_is_bound(zone))
            continue;
        double truth = truth_of(wishes, foot, zone->zone, i, places);
        if (!isnan(truth))
            numbers[n++] = (struct zone_number){.answers = zone->answers,
                                                .kpa = (float)zone->threshold_kpa,
                                                .low_kpa = (float)zone->threshold_low_kpa,
                                                .high_kpa = (float)zone->threshold_high_kpa,
                                                .truth_kpa = (float)truth};
    }
    return n;
}
