/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A massage plan led by count-downs: each point, each foot against its limit, the session, and the
 * rest after pain that stays (reflexology R27, 5.4). The station's page leads in the same way
 * (driver/web/plan.js). */
#ifndef TENDERFOOT_DRIVER_PLAN_LEAD_H
#define TENDERFOOT_DRIVER_PLAN_LEAD_H

#include "analysis/plan/massage_plan.h"
#include "driver/plan_timer.h"

/* Counts massage_plan_turns down on the timer's `out`, in the thread's language. Pain that stays
 * ("p"; asked after a point that hurt in the press test) leads to the rule's rest, then the point
 * is begun again, once, where the foot's time allows it. */
void plan_lead(const struct massage_plan *plan, const struct plan_timer *timer);

#endif
