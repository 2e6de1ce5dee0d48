/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of the feet that went worst: what the plate saw, the true frame, landmarks in
 * green, what was found in red. PNG by cairo. */
#ifndef TENDERFOOT_TESTS_COHORT_WORST_H
#define TENDERFOOT_TESTS_COHORT_WORST_H

#include "tests/cohort/cohort_feet.h"

/* 0, or -1 with why. */
int worst_draw(const struct cohort_person *person, uint64_t seed, const char *path,
               struct problem *why);

#endif
