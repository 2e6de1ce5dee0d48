/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan that the articles suggest after a press test.
 *
 * Per foot: the flagged zones first (attention, both sides, watch), then what was left over last
 * time, then the zones of complaints; at most 6 points (3 in the short form) and 10 minutes; the
 * rest is queued for next time. Worked from the toes to the heel, the flagged ones first when time
 * is short. A painful zone: counter-clockwise and gently; else its own rule; else clockwise. Zones
 * that screening excludes are never in it, nor a foot that it stops, and without a screening there
 * is none. Plain data; texts are borrowed from rules and atlas. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H
#define TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H

#include "analysis/plan/plan_rules.h"
#include "analysis/result.h"
#include "analysis/screen/screening.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

enum plan_reason { PLAN_FLAGGED, PLAN_QUEUED, PLAN_COMPLAINT };

/* One point of a foot; zones worked as one (heel pad, spine line) are one point. */
struct plan_point {
    const struct atlas_zone *zones[8];
    int n_zones;
    enum side side;
    enum plan_reason reason;
    enum flag_level flag;
    const struct plan_zone_rule *rule;
    enum plan_direction direction;
    const struct plan_line *direction_rule; /* NULL = the zone's own */
    int is_painful;
    double seconds;
};

#define PLAN_POINTS_MAX 64

struct massage_plan {
    const struct plan_rules *rules;
    int allowed;
    char why_not[200];
    int foot_allowed[3];
    int light_only, is_short;
    struct plan_point points[PLAN_POINTS_MAX]; /* left foot first, in order of work */
    int n_points;
    struct plan_point queued[PLAN_POINTS_MAX]; /* for next time, the most urgent first */
    int n_queued;
    int n_excluded;    /* zones that would have been in it but for the screening */
    double minutes[3]; /* of the points, by enum side; [SIDE_UNKNOWN]: the whole session at most */
    int advise_flat_foot; /* the load pattern of a foot is flat or leans inward */
};

struct plan_options {
    int short_form;
    const struct atlas_zone *const *complaints; /* zones, by route_zones_of */
    int n_complaints;
    const char *const *queued; /* "P07 left": left over from last time */
    int n_queued;
};

/* Refused: a queued zone that the atlas has not. `screening` NULL = none was made. */
int massage_plan_make(struct massage_plan *plan, const struct plan_rules *rules,
                      const struct result *result, const struct screening *screening,
                      const struct plan_options *options, struct problem *why);

/* "P16, P17 left: two or three fingers, ...", in words that may be printed, cut at cap. */
const char *massage_plan_point_words(const struct massage_plan *plan,
                                     const struct plan_point *point, char *text, size_t cap);
/* " [000:378, 004:21]" of a rule. */
const char *plan_cites_words(const struct plan_cites *cites, char *text, size_t cap);

/* "tenderfoot/plan/1". NULL: no memory. */
json_t *massage_plan_json(const struct massage_plan *plan);

#endif
