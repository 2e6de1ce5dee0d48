/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A course: sessions of one person over time, whether they keep to the plan's interval, and what
 * became of each zone's threshold.
 *
 * Which thresholds compare, and when a change is beyond the measuring error: press_way.h. Change of
 * a zone: last / first comparable threshold, both of one place of it: that which tells the zone in
 * the last session, else that of the first. Results must outlive the course. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_COURSE_H
#define TENDERFOOT_ANALYSIS_PLAN_COURSE_H

#include "analysis/plan/plan_rules.h"
#include "analysis/press/press_way.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

#define COURSE_SESSIONS_MAX 100

struct course_session {
    char day[11];     /* "2026-11-22" */
    const char *name; /* file or "" of one that was only stated; borrowed */
    int has_press_test;
    int not_comparable;                 /* a painkiller that day */
    double tip_cm2, ramp_kpa_s;         /* medians of its presses; NAN without */
    struct press_way way;               /* the same, with the kind of tool */
    int days_since;                     /* since the session before; -1 for the first */
    int is_same_day, is_early, is_late; /* against the plan */
};

struct course_threshold {
    double kpa, low_kpa, high_kpa; /* NAN = not measured in that session */
    int is_bound;                  /* no pain up to kpa */
    int is_uncertain;              /* pressed once, or not answered alike: to be repeated */
    enum flag_level flag;
};

struct course_zone {
    const char *zone_id;
    enum side side;
    struct course_threshold of[COURSE_SESSIONS_MAX];   /* by session */
    const struct zone_result *by[COURSE_SESSIONS_MAX]; /* of the results; NULL = not measured */
    int first, last; /* sessions that are compared; -1 = fewer than two comparable ones */
    struct told_threshold compared[2]; /* of one place, that tells the zone in one of the two */
    enum press_apart apart; /* not compared with the session before, for this; else PRESSED_ALIKE */
    double ratio, ratio_low, ratio_high; /* last / first, 95 %; NAN */
    int is_beyond_error;
    int is_bound_change; /* one of them is a bound: the ratio is one too */
};

struct course {
    const struct plan_course *plan;
    struct course_session sessions[COURSE_SESSIONS_MAX]; /* by time */
    int n_sessions;
    struct course_zone *zones; /* owned: those with a threshold in any session */
    int n_zones;
    char next_from[11], next_to[11]; /* the next session by the plan */
    int n_early, n_late, n_same_day;
};

struct course_input {
    const char *day; /* ISO 8601 in local time: a day, or the time of that day; borrowed */
    const char *name;
    const struct result *result; /* NULL = only stated */
};

/* Refused: no session, more than COURSE_SESSIONS_MAX, a date that is none, two persons. */
int course_make(struct course *course, const struct plan_course *plan,
                const struct course_input *inputs, int n, struct problem *why);
void course_free(struct course *course);

/* "tenderfoot/course/1". NULL: no memory. */
json_t *course_json(const struct course *course);

#endif
