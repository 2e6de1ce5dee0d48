/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the scores of all people's feet to rows of the table. */
#ifndef TENDERFOOT_TESTS_COHORT_FEET_ROWS_H
#define TENDERFOOT_TESTS_COHORT_FEET_ROWS_H

#include "tests/cohort/cohort_feet.h"
#include "tests/cohort/cohort_table.h"

void feet_rows(struct table *table, const struct feet_score *people, int n, uint64_t seed);

#endif
