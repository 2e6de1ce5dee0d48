/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan on the terminal: as text, and led by count-downs. */
#ifndef TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H
#define TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H

#include "analysis/plan/massage_plan.h"
#include "driver/cli/plan_timer.h"

void plan_print(const struct massage_plan *plan);
void plan_print_flat_foot(const struct plan_rules *rules);

/* Each foot: the steps with a time, its points among them; the rest once at the end. */
void plan_run_timers(const struct massage_plan *plan, const struct plan_timer *timer);

#endif
