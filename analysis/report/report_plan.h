/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan of a report: made from the recording's own flags and screening.
 *
 * Only where zones are flagged and the recording carries its screening; the screening's words stand
 * for it: STOP, STOP-ALL and an open DOC leave no plan (for that foot), exclusions are left out.
 * `tenderfoot plan` makes the full one, with a screening of the day. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_REPORT_PLAN_H
#define TENDERFOOT_ANALYSIS_REPORT_REPORT_PLAN_H

#include "analysis/plan/massage_plan.h"
#include "analysis/report/text.h"

struct report_plan {
    struct plan_rules *rules;
    struct massage_plan plan;
};

/* *plan is NULL where there is none; else the caller's. 0, or -1 when memory ran out. */
int report_plan_make(const struct result *result, struct report_plan **plan, struct problem *why);
void report_plan_free(struct report_plan *plan);

/* Lines in order of work: points of each foot, then what is left over and what to heed. */
int report_plan_line_count(const struct report_plan *plan);
void report_plan_add_line(struct text *text, const struct report_plan *plan, int line);

extern const char report_plan_title[], report_plan_note[];

#endif
