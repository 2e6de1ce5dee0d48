/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/cohort_verdict.h"
#include "analysis/atlas/zones.h"
#include "analysis/press/press_sessions.h"
#include "analysis/press/tenderness.h"
#include "samples/foot_picture.h"
#include "samples/threshold_field.h"
#include "tests/cohort/cohort_plate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR_MM 20.0 /* farther from a zone than any place's error: it was not pressed */

/* --- Telling -------------------------------------------------------------------------------- */

/* From the press test's small plate to the plate that the person stood on. */
static int take_stand(const struct verdict_wishes *wishes, struct result *result,
                      struct problem *why)
{
    result->grid = cohort_plate_grid(&wishes->person->subject.plate);
    size_t size = grid_cells(&result->grid) * sizeof(float);
    result->mean_picture = malloc(size);
    result->max_picture = malloc(size);
    if (!result->mean_picture || !result->max_picture)
        return problem_no_memory(why, "the picture of a stand");
    memcpy(result->mean_picture, wishes->stand_kpa, size);
    memcpy(result->max_picture, wishes->stand_kpa, size);
    free(result->facts.masked);
    result->facts.masked = NULL;
    /* The operator says who it is, as with `record --client`. */
    snprintf(result->subject_label, sizeof result->subject_label, "%.63s",
             wishes->person->subject.person.label);
    return 0;
}

/* The atlas is lent to the result while the chain runs, and never owned by it. */
static int tell(const struct verdict_wishes *wishes, struct result *result, struct problem *why)
{
    const struct result *earlier = wishes->earlier ? wishes->earlier->result : NULL;
    if (earlier && press_sessions_add(result, &earlier, 1, why))
        return -1;
    for (int i = 0; i < result->n_feet; i++) {
        result->feet[i].has_load = 1;
        if (zones_load(wishes->atlas, result, 1, &result->feet[i], why))
            return -1;
    }
    return tenderness_apply(result, why);
}

int verdict_tell(const struct verdict_wishes *wishes, struct session *session, struct problem *why)
{
    struct result *result = session->result;
    if (take_stand(wishes, result, why))
        return -1;
    result->atlas = (struct atlas *)wishes->atlas;
    int failed = tell(wishes, result, why);
    result->atlas = NULL;
    return failed;
}

const struct zone_result *verdict_zone(const struct result *result, enum side side, const char *id)
{
    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones && result->feet[f].side == side; z++)
            if (!strcmp(result->feet[f].zones[z].zone->id, id))
                return &result->feet[f].zones[z];
    return NULL;
}

/* --- Against the truth ---------------------------------------------------------------------- */

static enum side side_of(const struct session *session, int number)
{
    for (int i = 0; i < session->result->n_presses; i++)
        if (session->result->presses[i].number == number &&
            session->result->presses[i].session <= 0)
            return session->result->presses[i].side;
    return SIDE_UNKNOWN;
}

/* A point of a ring about the press, or the press itself, lies in the zone on the true foot. */
static int is_near(const struct verdict_wishes *wishes, const struct subject_place *zone,
                   const struct subject_foot *foot, struct uv at)
{
    struct foot_frame frame = foot_picture_frame(foot, (struct point){0, 0}, 0);
    struct point press = foot_frame_to_plate(&frame, at);
    for (double r = 0; r <= NEAR_MM; r += NEAR_MM / 4)
        for (int k = 0; k < (r > 0 ? 16 : 1); k++) {
            struct point p = {press.x_mm + r * cos(k * M_PI / 8),
                              press.y_mm + r * sin(k * M_PI / 8)};
            if (place_contains(zone, wishes->atlas, &foot->build, foot->side,
                               foot_frame_to_uv(&frame, p)))
                return 1;
        }
    return 0;
}

static int was_near(const struct verdict_wishes *wishes, const struct session *session,
                    const struct subject_place *zone, const struct subject_foot *foot)
{
    for (int i = 0; session && i < session->n_presses; i++) {
        const struct session_press *press = &session->presses[i];
        if (!press->is_catch && !press->is_tap && side_of(session, press->number) == foot->side &&
            is_near(wishes, zone, foot, press->truth_place))
            return 1;
    }
    return 0;
}

static int is_told(const struct zone_result *zone)
{
    return zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING ||
           zone->flag != FLAG_NONE;
}

int verdict_told_untested(const struct verdict_wishes *wishes, const struct session *session,
                          int *zones)
{
    const struct result *result = session->result;
    int told = 0;
    *zones = 0;
    for (int f = 0; f < result->n_feet; f++)
        for (int z = 0; z < result->feet[f].n_zones; z++) {
            const struct zone_result *zone = &result->feet[f].zones[z];
            const struct subject_foot *foot =
                subject_foot_of(&wishes->person->subject, result->feet[f].side);
            struct subject_place place = {.kind = PLACE_ZONE};
            if (!foot || strlen(zone->zone->id) >= sizeof place.zone)
                continue;
            memcpy(place.zone, zone->zone->id, strlen(zone->zone->id) + 1);
            if (!is_told(zone)) {
                *zones += zone->repeats == 0;
                continue;
            }
            int untested = zone->repeats == 0 || !(was_near(wishes, session, &place, foot) ||
                                                   was_near(wishes, wishes->earlier, &place, foot));
            *zones += untested;
            told += untested;
        }
    return told;
}
