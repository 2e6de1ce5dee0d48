/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a still picture cannot tell: people who stand for a while (do they show a sign of guarding
 * though nothing hurts?), who shift weight and set a foot elsewhere, who walk; and things that are
 * no feet. Few people each, frames in memory, the analysis whole. Plain data out; one thread a
 * call. */
#ifndef TENDERFOOT_TESTS_COHORT_MOVING_H
#define TENDERFOOT_TESTS_COHORT_MOVING_H

#include "samples/cohort_people.h"
#include "tests/cohort/cohort_table.h"

struct moving_score {
    int is_alike;          /* two whole feet with no toe, swelling or edge of one alone */
    int stood;             /* 1: twelve seconds of standing still were analysed */
    int guards, withdraws; /* signs that were told of them */

    int shifted;                             /* 1: weight shifted, then one foot set elsewhere */
    int is_followed;                         /* that foot's move was told within 2 s of it */
    double way_error_mm;                     /* told less true; NAN */
    int false_moves;                         /* moves told of a foot, beside that one */
    int feet, stated, right, sure_and_wrong; /* of the last span */
    double axis_error_deg[2];                /* of the last span; NAN */

    int walked; /* 1: three steps over a plate of two metres */
    int steps, steps_found, steps_stated, steps_right, steps_sure_and_wrong;

    int thing;                     /* 0, or 1 + enum thing_kind of what lay on the plate */
    int is_refused;                /* no foot, and a reason */
    int is_sided, is_surely_sided; /* taken for a foot with a side; surer than 0.9 */
};

/* As somebody who is not pressed, drawn by cohort_person_draw: which of these is done is drawn by
 * the index alone. 0, or -1 with why. */
int cohort_moving(const struct cohort_person *person, uint64_t seed, struct moving_score *score,
                  struct problem *why);

void moving_rows(struct table *table, const struct moving_score *people, int n, uint64_t seed);

#endif
