/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan that the articles suggest after a press test.
 *
 * Per foot: the flagged zones first (attention, both sides, watch), then what was left over last
 * time, then the zones of complaints; at most 6 points (3 in the short form) and 10 minutes; the
 * rest is queued for next time. Worked from the toes to the heel, the flagged ones first when time
 * is short. A painful zone: counter-clockwise and gently; else its own rule; else, where to relax
 * is the aim, counter-clockwise; else clockwise. Zones that screening excludes are never in it, nor
 * a foot that it stops, and without a screening there is none. Plain data; texts are borrowed from
 * rules and atlas. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H
#define TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H

#include "analysis/plan/plan_rules.h"
#include "analysis/result.h"
#include "analysis/screen/screening.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

/* What the massage is for: it decides where a zone has no turn of its own (reflexology 5.1). */
enum plan_aim { AIM_NONE, AIM_RELAX };

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
    enum plan_aim aim;
    int firm_fits; /* 1: no zone that may be pressed strongly hurt or is flagged, on either foot */
    struct plan_point points[PLAN_POINTS_MAX]; /* left foot first, in order of work */
    int n_points;
    struct plan_point queued[PLAN_POINTS_MAX]; /* for next time, the most urgent first */
    int n_queued;
    int n_excluded;    /* zones that would have been in it but for the screening */
    double minutes[3]; /* of the points, by enum side; [SIDE_UNKNOWN]: the whole session at most */
    int advise_flat_foot; /* the load pattern of a foot is flat or leans inward */
    const char
        *tells_nothing; /* the press test told nothing, in a sentence (tender_next.h); NULL */
    int foot_tested[3]; /* any zone of the foot was tested */
    const char
        *standing_only; /* only a mat or weight shifts were recorded: what that means; NULL */
};

struct plan_options {
    int short_form;
    enum plan_aim aim;
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
/* Why no point is planned on a foot: left out, not tested, unreliable, or nothing flagged. */
const char *massage_plan_none_words(const struct massage_plan *plan, enum side side, char *text,
                                    size_t cap);
/* The words of a step of this plan: its advice of strong pressure only where that fits. */
const char *massage_plan_step_words(const struct massage_plan *plan, const struct plan_line *step,
                                    char *text, size_t cap);
/* " [000:378, 004:21]" of a rule. */
const char *plan_cites_words(const struct plan_cites *cites, char *text, size_t cap);

/* One count-down of a session: a point, or a step with a time; the rest at the end is of no foot.
 */
struct plan_turn {
    const struct plan_point *point; /* NULL = a step */
    const struct plan_line *step;   /* NULL = a point */
    enum side side;
    double seconds;
    double again_until_s; /* of a point: it begins again while the foot has had no more */
};
#define PLAN_TURNS_MAX (PLAN_POINTS_MAX + 3 * PLAN_SEQUENCE_MAX)

/* Pain that stays is asked for so long where a place hurt before, then the plan goes on; after a
 * rest the point begins again so often at most, and within the foot's time. Project choices. */
#define PLAN_PAIN_ASKED_S 30.0
#define PLAN_AGAIN_MOST 1

/* In order: each allowed foot's steps with its points among them, then the rest. Their number; a
 * plan that is not allowed has none. Pointers into the plan and its rules. */
int massage_plan_turns(const struct massage_plan *plan, struct plan_turn turns[PLAN_TURNS_MAX]);
/* What one foot's points may take in all. */
double massage_plan_foot_limit_s(const struct massage_plan *plan);

/* "relax" -> AIM_RELAX, "none" -> AIM_NONE; -1: no such aim. */
int plan_aim_from_name(const char *name, enum plan_aim *aim);
const char *plan_aim_name(enum plan_aim aim);

/* "tenderfoot/plan/1". NULL: no memory. */
json_t *massage_plan_json(const struct massage_plan *plan);

#endif
