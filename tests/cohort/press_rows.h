/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the scores of all people's press tests to rows of the table, and the receiver operating
 * characteristic as a picture. */
#ifndef TENDERFOOT_TESTS_COHORT_PRESS_ROWS_H
#define TENDERFOOT_TESTS_COHORT_PRESS_ROWS_H

#include "tests/cohort/cohort_press.h"
#include "tests/cohort/cohort_table.h"

#define SPREADS 3 /* natural left/right SD 0.05, 0.10, 0.15 */

/* people[n] under one spread; is_main: the aims are judged by it. */
void press_rows(struct table *table, const struct press_score *people, int n, double side_sd,
                int is_main, uint64_t seed);

/* SVG and PNG (by the path's end) of the ROC of each spread. 0, or -1. */
int press_roc_draw(const struct press_score *const people[SPREADS], const int n[SPREADS],
                   const double side_sd[SPREADS], const char *path);

#endif
