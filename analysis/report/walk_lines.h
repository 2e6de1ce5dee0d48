/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report says of a walk, as text: used by the page and by the terminal's report. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WALK_LINES_H
#define TENDERFOOT_ANALYSIS_REPORT_WALK_LINES_H

#include "analysis/report/text.h"
#include "analysis/result.h"
#include "analysis/walk/walk.h"

/* 1: the load of this result is of walking and steps were found. */
int walk_is_shown(const struct result *result);

/* "12 steps (6 left, 6 right), 11 of them whole; 107 steps a minute; 1.12 m/s". */
void walk_add_summary(struct text *out, const struct walk_result *walk);

/* The quantities that a report shows, by walk_quantities' index; -1 ends. */
extern const int walk_shown_quantities[];

/* "0.71 ± 0.02 s (12)", "-" where no whole step has it. */
void walk_add_average(struct text *out, const struct walk_average *average,
                      const struct walk_quantity *quantity);

/* Arch index over the whole steps of a side that have one. */
struct walk_average walk_arch_average(const struct walk_result *walk, enum side side);

/* "stance 0.71 s: initial contact 6 %, ...; excursion index 21.1 %". */
void walk_add_step(struct text *out, const struct walk_step *step);

/* The step shown for a side: the whole one whose stance is nearest the mean; else any of that side;
 * NULL without one. */
const struct walk_step *walk_typical_step(const struct walk_result *walk, enum side side);

#endif
