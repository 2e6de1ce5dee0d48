/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why planted zones were missed: one line each, and a count of causes. */
#ifndef TENDERFOOT_TESTS_COHORT_PRESS_AUTOPSY_H
#define TENDERFOOT_TESTS_COHORT_PRESS_AUTOPSY_H

#include "tests/cohort/cohort_press.h"

#include <stdio.h>

/* Of reliable answerers' zones planted at 0.3 to 0.6, after each session: those missed, and
 * the first cause that holds. */
void press_autopsy(const struct press_score *people, int n, FILE *file);

#endif
