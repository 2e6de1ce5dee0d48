/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some of the cohort's people as whole recordings: stand and presses by their own operator, through
 * the virtual plate's firmware, wire and file, and read again by the analysis. One thread a call.
 */
#ifndef TENDERFOOT_TESTS_COHORT_WHOLE_H
#define TENDERFOOT_TESTS_COHORT_WHOLE_H

#include "samples/cohort_people.h"
#include "tests/cohort/cohort_table.h"
#include "tests/cohort/cohort_verdict.h"

struct whole_score {
    int done, feet, found, right, wrong;
    double axis_error_deg[2]; /* NAN = not found */
    int presses_made, presses_found, answers_made, answers_found;
    struct verdict_honesty honesty; /* by the drawn presses, not by what the analysis found */
    /* Flags for attention: all; where no press that hurt in a tender zone was meant for the zone or
     * lay in it. Planted zones that the route presses and no other covers: all, flagged. */
    int is_planted, flags, false_flags, planted, planted_flagged;
};

/* The recording is written into the folder and taken away again. 0, or -1 with why. */
int cohort_whole(const struct cohort_person *person, uint64_t seed, const char *folder,
                 struct whole_score *score, struct problem *why);

/* Shares with their limits; presses and answers too many are counted apart. */
void whole_rows(struct table *table, const struct whole_score *people, int n, uint64_t seed);

#endif
