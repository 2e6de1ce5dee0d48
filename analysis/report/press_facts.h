/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences about a press test: how it was made, how sure its answers are, what was asked before
 * it, and what was seen beside them.
 *
 * Fact lines as in facts.h; each appends to a text and says plainly when there is nothing to say.
 * Free text is repeated only where it passes wording_check. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PRESS_FACTS_H
#define TENDERFOOT_ANALYSIS_REPORT_PRESS_FACTS_H

#include "analysis/report/report.h"

typedef void press_fact(struct text *, const struct result *, const struct report_options *);

/* Presses, answers, sessions, catch trials. */
press_fact press_facts_count;
/* "stud of 1 cm², pressure rising by 44 kPa/s (wanted 30 to 50), ceilings ...". */
press_fact press_facts_method;
/* Reliable or not, reaction time and where from, repeatability of the person. */
press_fact press_facts_answers;
/* Whether there was a screening, when, and what it asks to heed, by question. */
press_fact press_facts_screening;
/* Signs of behaviour: observations that support an answer and flag nothing. */
press_fact press_facts_observed;
/* Feet that moved while standing, and what the operator set by hand. */
press_fact press_facts_feet;

/* 1 where the line has something to say in a report. */
int press_facts_has_presses(const struct result *result);
int press_facts_has_screening(const struct result *result); /* or a test that should have one */
int press_facts_has_signs(const struct result *result);
int press_facts_has_feet(const struct result *result);

#endif
