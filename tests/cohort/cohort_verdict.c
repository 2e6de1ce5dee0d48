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
#define FAR_MM 60.0
#define TIP_MM 5.64 /* half across a tip of 1 cm2; distances come in steps of 5 mm */

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

/* A zone as it truly lies on a foot: its landmarks are worked out once for all the points asked. */
struct true_zone {
    const struct atlas_zone *zone;
    const struct subject_foot *foot;
    struct foot_frame frame, atlas_frame;
    struct landmarks landmarks;
};

static struct true_zone true_zone(const struct atlas_zone *zone, const struct subject_foot *foot)
{
    return (struct true_zone){
        .zone = zone,
        .foot = foot,
        .frame = foot_picture_frame(foot, (struct point){0, 0}, 0),
        .atlas_frame = foot_frame_template(foot->side, (struct point){0, 0}, 0, ATLAS_LENGTH_MM),
        .landmarks = foot_build_landmarks(&foot->build)};
}

static int is_inside(const struct true_zone *there, struct uv at)
{
    return atlas_contains(there->zone, &there->atlas_frame, &there->landmarks, at);
}

/* How far a place is from the zone on the true foot, by rings about it: 0 inside. What is not
 * nearer than `most` mm is not looked for: another press was as near. */
static double off_mm(const struct true_zone *there, struct uv at, double most)
{
    struct point press = foot_frame_to_plate(&there->frame, at);
    for (double r = 0; r < most; r += NEAR_MM / 4)
        for (int k = 0; k < (r > 0 ? 16 : 1); k++) {
            struct point p = {press.x_mm + r * cos(k * M_PI / 8),
                              press.y_mm + r * sin(k * M_PI / 8)};
            if (is_inside(there, foot_frame_to_uv(&there->frame, p)))
                return r;
        }
    return most;
}

static int is_meant(const struct made_press *press, const struct atlas_zone *zone)
{
    for (int i = 0; press->place && i < press->place->n_zones; i++)
        if (press->place->zones[i] == zone)
            return 1;
    return press->zone && !strcmp(press->zone, zone->id);
}

/* What the presses of a test were to a zone. */
struct tried {
    int is_meant;
    double off_mm;
};

static struct tried try_zone(const struct verdict_truth *truth, const struct true_zone *there)
{
    struct tried tried = {0, FAR_MM};
    for (int i = 0; i < truth->n; i++) {
        const struct made_press *press = &truth->presses[i];
        if (press->side != there->foot->side)
            continue;
        tried.is_meant |= is_meant(press, there->zone);
        tried.off_mm = off_mm(there, press->at, tried.off_mm);
    }
    return tried;
}

static int is_told(const struct zone_result *zone)
{
    return zone->state == STATE_MEASURED || zone->state == STATE_NO_PAIN_TO_CEILING ||
           zone->flag != FLAG_NONE;
}

static void keep_zone(struct verdict_honesty *honesty, const struct foot_result *foot,
                      const struct zone_result *zone, const struct tried *tried,
                      const struct subject_foot *truth)
{
    if (honesty->n_zones == HONESTY_ZONES_MAX)
        return;
    struct told_zone *one = &honesty->zones[honesty->n_zones++];
    *one = (struct told_zone){.side = foot->side,
                              .state = zone->state,
                              .repeats = zone->repeats,
                              .is_meant = tried->is_meant,
                              .off_mm = (float)tried->off_mm,
                              .cut_u = (float)truth->build.cut_u,
                              .frame_mm = (float)foot->frame.length_mm,
                              .truth_mm = (float)truth->length_mm,
                              .reach_u = foot->reach.is_limited ? (float)foot->reach.u : NAN};
    snprintf(one->zone, sizeof one->zone, "%s", zone->zone->id);
}

static void judge_zone(const struct verdict_truth *truth, const struct foot_result *foot,
                       const struct zone_result *zone, const struct subject_foot *true_foot,
                       struct verdict_honesty *honesty)
{
    struct true_zone there = true_zone(zone->zone, true_foot);
    struct tried tried = try_zone(truth, &there);
    int told = is_told(zone);
    int is_unpressed = !tried.is_meant && tried.off_mm > 0, is_far = tried.off_mm > NEAR_MM;
    honesty->unpressed += is_unpressed;
    honesty->unpressed_told += is_unpressed && told;
    int is_untouched = is_unpressed && tried.off_mm > TIP_MM;
    honesty->untouched += is_untouched;
    honesty->untouched_told += is_untouched && told;
    honesty->far += is_far;
    honesty->far_told += is_far && told;
    if (told && (is_unpressed || is_far))
        keep_zone(honesty, foot, zone, &tried, true_foot);
}

struct verdict_honesty verdict_honesty_against(const struct result *result,
                                               const struct verdict_truth *truth)
{
    struct verdict_honesty honesty = {0};
    for (int f = 0; f < result->n_feet; f++) {
        const struct foot_result *foot = &result->feet[f];
        const struct subject_foot *true_foot = subject_foot_of(truth->subject, foot->side);
        for (int z = 0; true_foot && z < foot->n_zones; z++)
            if (foot->zones[z].zone->is_plantar)
                judge_zone(truth, foot, &foot->zones[z], true_foot, &honesty);
    }
    return honesty;
}

/* Presses of the test itself that the finder found, as they truly were. */
static void add_session(const struct verdict_wishes *wishes, const struct session *session,
                        struct verdict_truth *truth, struct made_press *room)
{
    for (int i = 0; session && i < session->n_presses; i++) {
        const struct session_press *press = &session->presses[i];
        if (press->is_catch || press->is_tap)
            continue;
        room[truth->n++] = (struct made_press){
            .side = side_of(session, press->number),
            .at = press->truth_place,
            .place = press->place >= 0 ? &wishes->route->places[press->place] : NULL};
    }
}

struct verdict_honesty verdict_honesty_of(const struct verdict_wishes *wishes,
                                          const struct session *session)
{
    struct made_press presses[2 * SESSION_PRESSES_MAX];
    struct verdict_truth truth = {.subject = &wishes->person->subject, .presses = presses};
    add_session(wishes, session, &truth, presses);
    add_session(wishes, wishes->earlier, &truth, presses);
    return verdict_honesty_against(session->result, &truth);
}
