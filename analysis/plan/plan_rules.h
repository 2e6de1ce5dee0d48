/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of practice that the five articles give for a massage, as data
 * (analysis/plan/plan.json): per zone, per session, per course. Every rule has its articles' lines.
 * Texts are borrowed from the rules, which outlive what is made of them. Read-only after loading;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_PLAN_RULES_H
#define TENDERFOOT_ANALYSIS_PLAN_PLAN_RULES_H

#include "firmware/wire/problem.h"

#define PLAN_CITES_MAX 6
#define PLAN_SEQUENCE_MAX 16
#define PLAN_ZONE_RULES_MAX 40
#define PLAN_COURSES_MAX 8

struct plan_cites {
    const char *of[PLAN_CITES_MAX]; /* "003:271": article, line */
    int n;
};

enum plan_direction {
    DIRECTION_NONE, /* pressing without rotation */
    DIRECTION_CLOCKWISE,
    DIRECTION_COUNTER_CLOCKWISE,
    DIRECTION_ALONG /* along a line of the foot */
};
const char *plan_direction_name(enum plan_direction direction); /* "counter-clockwise" */

/* How one zone, or several that are worked as one point (`group`), is massaged. */
struct plan_zone_rule {
    const char *zones[8];
    int n_zones;
    const char *group; /* NULL = by itself */
    enum plan_direction direction;
    int direction_is_default; /* the articles give the zone no turn of its own: an aim decides */
    const char *finger, *words, *firm; /* firm: NULL, or how hard, left out where it hurt */
    double seconds_min, seconds_max;
    struct plan_cites cites;
};

/* A sentence with its time (0 = none) and sources. */
struct plan_line {
    const char *phase, *words; /* phase NULL in sequences */
    const char *firm; /* added where no heel hurts and nothing forbids strong pressure; or NULL */
    double seconds_min, seconds_max;
    struct plan_cites cites;
};

struct plan_course {
    const char *id, *words;
    int days_min, days_max; /* between two sessions */
    int needs_doctor;
    struct plan_cites cites;
    const struct plan_line *most_often; /* of every plan: the rules' once_a_day */
};

struct plan_rules {
    int points_per_foot, points_short;
    double minutes_per_foot, minutes_short;
    struct plan_cites limit_cites;
    struct plan_line painful, relax; /* directions that are not the zone's: words and sources */
    struct plan_line pain_stays;     /* its time is that of the rest */
    struct plan_zone_rule zones[PLAN_ZONE_RULES_MAX];
    int n_zones;
    struct plan_zone_rule other_zone;
    struct plan_line steps[PLAN_SEQUENCE_MAX]; /* of a session, in order */
    int n_steps;
    struct plan_line calming, stimulating; /* when in the day */
    struct plan_line once_a_day;           /* the most that any plan allows */
    struct plan_course courses[PLAN_COURSES_MAX];
    int n_courses;
    struct plan_line mat; /* the first walks on a mat, and their time */
    struct plan_line flat_foot_advice;
    struct plan_line sequence[PLAN_SEQUENCE_MAX], stages[PLAN_SEQUENCE_MAX]; /* flat foot */
    int n_sequence, n_stages;
    void *document; /* own */
};

/* NULL = the built-in rules; refused with what is missing or unknown. */
struct plan_rules *plan_rules_load(const char *path, struct problem *why);
void plan_rules_free(struct plan_rules *rules);

/* The rule of a zone; other_zone when it has none. */
const struct plan_zone_rule *plan_rules_zone(const struct plan_rules *rules, const char *zone_id);
const struct plan_course *plan_rules_course(const struct plan_rules *rules, const char *id);

#endif
