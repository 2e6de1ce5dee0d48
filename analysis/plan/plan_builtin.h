/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes of analysis/plan/plan.json inside the program, from _json up to _end. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_PLAN_BUILTIN_H
#define TENDERFOOT_ANALYSIS_PLAN_PLAN_BUILTIN_H

extern const char plan_builtin_json[], plan_builtin_end[];

#endif
