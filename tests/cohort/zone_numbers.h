/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The station's own thresholds of zones, as a user reads them in the result, beside the truth of
 * the places that were pressed there. Plain data out; one thread a call. */
#ifndef TENDERFOOT_TESTS_COHORT_ZONE_NUMBERS_H
#define TENDERFOOT_TESTS_COHORT_ZONE_NUMBERS_H

#include "tests/cohort/cohort_verdict.h"

#define ZONE_NUMBERS_MAX 64

struct zone_number {
    int answers;                  /* credited to the zone, all its places together */
    float kpa, low_kpa, high_kpa; /* as told; NAN = no interval is told */
    float truth_kpa;
};

/* One number for each place of the route, of the zone that it is named after; zones without a told
 * threshold or with bounds only are left out. Truth: of each place credited to the zone the
 * geometric mean of the person's thresholds under the stud, over the presses that count; of several
 * places the lowest, since a zone's number is that of the place that tells most of it
 * (tenderness.h). `session` as verdict_tell left it. Returns how many, ZONE_NUMBERS_MAX at most. */
int zone_numbers_of(const struct verdict_wishes *wishes, const struct session *session,
                    struct zone_number *numbers);

#endif
