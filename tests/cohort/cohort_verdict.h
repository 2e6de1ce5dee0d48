/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the station tells of a test's zones: the presses that the finder found go through the same
 * last steps as those of a recording (earlier sessions, zones' loads, tenderness), and what is told
 * is held against where the stud truly was. One thread a call. */
#ifndef TENDERFOOT_TESTS_COHORT_VERDICT_H
#define TENDERFOOT_TESTS_COHORT_VERDICT_H

#include "analysis/press/route.h"
#include "tests/cohort/cohort_session.h"

struct verdict_wishes {
    const struct cohort_person *person;
    const struct atlas *atlas;
    const struct route_foot *feet; /* by enum side, as measured standing */
    const struct route *route;     /* of this session and the earlier one */
    const float *stand_kpa;        /* the mean picture of the standing person, the whole plate's */
    const struct session *earlier; /* already told by verdict_tell, or NULL */
};

/* Finishes session->result: zones of both feet with state, threshold and flag, result->flags,
 * answers_unreliable. The result's grid and pictures are the whole plate's afterwards. 0, or -1. */
int verdict_tell(const struct verdict_wishes *wishes, struct session *session, struct problem *why);

/* The zone of this foot, or NULL. */
const struct zone_result *verdict_zone(const struct result *result, enum side side, const char *id);

/* A zone that is told although nothing was tried there. */
struct told_zone {
    char zone[16];
    enum side side;
    enum zone_state state;
    int repeats, is_meant;           /* presses credited to it; one was meant for it */
    float off_mm;                    /* of the nearest press, up to 60 */
    float cut_u, frame_mm, truth_mm; /* of its foot: amputated there; length taken, length */
    float reach_u;                   /* NAN: the whole foot */
};

/* Zones of both feet that are told free of pain, a threshold or a flag although nothing was tried
 * there, by where the stud truly was in this session and the earlier one. */
#define HONESTY_ZONES_MAX 8
struct verdict_honesty {
    int unpressed, unpressed_told; /* no press was meant for the zone or fell into it */
    int untouched, untouched_told; /* nor did the tip of one reach it (1 cm2, 5.6 mm) */
    int far, far_told;             /* no press was within 20 mm of it */
    int n_zones;
    struct told_zone zones[HONESTY_ZONES_MAX]; /* the first of either kind */
};
struct verdict_honesty verdict_honesty_of(const struct verdict_wishes *wishes,
                                          const struct session *session);

/* A press of a test (no catch trial, no tap), as it truly was. */
struct made_press {
    enum side side;
    struct uv at;                    /* of the stud on the true foot */
    const struct route_place *place; /* that it was meant for, or NULL */
    const char *zone;                /* the same by one zone's name, or NULL */
};
struct verdict_truth {
    const struct subject *subject;
    const struct made_press *presses;
    int n;
};

/* The same of any result of this person's feet, against the presses of all its sessions. */
struct verdict_honesty verdict_honesty_against(const struct result *result,
                                               const struct verdict_truth *truth);

#endif
