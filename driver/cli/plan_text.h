/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan on the terminal, as text. */
#ifndef TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H
#define TENDERFOOT_DRIVER_CLI_PLAN_TEXT_H

#include "analysis/plan/massage_plan.h"

void plan_print(const struct massage_plan *plan);
void plan_print_flat_foot(const struct plan_rules *rules);

#endif
