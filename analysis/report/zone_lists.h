/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of zones by state: what was not tested, had no contact, was stopped or excluded ...
 *
 * A part or variant is left out where its parent is in the same list; runs of zones of the atlas
 * are told as "P01 to P09". Every zone of every foot is in a list or in a row, never a blank. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_ZONE_LISTS_H
#define TENDERFOOT_ANALYSIS_REPORT_ZONE_LISTS_H

#include "analysis/report/findings.h"

/* Fills findings->lists. */
int zone_lists_make(const struct result *result, struct findings *findings, struct problem *why);

#endif
