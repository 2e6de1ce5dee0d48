/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences about a recording: who, when, how good, with what plate and calibration.
 *
 * Each call appends to a text; nothing is left out silently: a missing fact is told as "not
 * stated". Pure but for the text's memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_FACTS_H
#define TENDERFOOT_ANALYSIS_REPORT_FACTS_H

#include "analysis/report/report.h"

/* A quality line; the last has label NULL. */
struct fact_line {
    const char *label;
    void (*add)(struct text *, const struct result *, const struct report_options *);
    int of_feet; /* 1: says nothing of a walk in which no foot stands out; its steps do */
};
int fact_line_is_shown(const struct fact_line *line, const struct result *result);

extern const struct fact_line fact_lines[];

void facts_add_client(struct text *text, const struct result *result);
void facts_add_date(struct text *text, const struct result *result); /* "2026-03-04 10:20 UTC" */
void facts_add_protocol(struct text *text, const struct result *result);

/* Which picture is shown: "mean pressure of 3000 loaded frames" or "maximum pressure ...". */
void facts_add_picture(struct text *text, const struct result *result);
/* The picture itself: rows * cols kPa, NULL when the recording has no load. */
const float *facts_picture(const struct result *result);
int facts_is_walk(const struct result *result);

/* Force, area and peak of the whole plate, each with unit and definition; NULL-terminated. */
extern const struct fact_line load_lines[];

/* "Left foot: 52.1 % of the load, 371 N ..." under a picture. */
void facts_add_foot(struct text *text, const struct foot_result *foot);

/* What is said where no zone is flagged: nothing was asked, answers unreliable, or nothing found.
 */
const char *facts_nothing_flagged(const struct result *result);

#endif
