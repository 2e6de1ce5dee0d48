/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan on the terminal, as text in the thread's language (analysis/report/words.h).
 * Ownership: `out` is the caller's; memory that ran out is asked there (text.h). */
#ifndef TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H
#define TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H

#include "analysis/plan/massage_plan.h"
#include "analysis/report/text.h"

/* Of a plan that is not allowed: why. */
void plan_text(struct text *out, const struct massage_plan *plan);
void plan_text_flat_foot(struct text *out, const struct plan_rules *rules);

#endif
