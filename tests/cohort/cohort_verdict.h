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
    const float *stand_kpa;        /* the mean picture of the standing person, the whole plate's */
    const struct session *earlier; /* already told by verdict_tell, or NULL */
};

/* Finishes session->result: zones of both feet with state, threshold and flag, result->flags,
 * answers_unreliable. The result's grid and pictures are the whole plate's afterwards. 0, or -1. */
int verdict_tell(const struct verdict_wishes *wishes, struct session *session, struct problem *why);

/* The zone of this foot, or NULL. */
const struct zone_result *verdict_zone(const struct result *result, enum side side, const char *id);

/* Zones of both feet that are told free of pain, a threshold or a flag, although no press of this
 * session or the earlier one was made within 20 mm of them on that foot (by where the stud truly
 * was), or although no press was credited to them; *zones = how many such zones there are. */
int verdict_told_untested(const struct verdict_wishes *wishes, const struct session *session,
                          int *zones);

#endif
