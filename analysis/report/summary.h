/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain sentences that stand first in a report: load, tender places, what was not tested, and
 * how far the recording can be relied on; and the legend of its references. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SUMMARY_H
#define TENDERFOOT_ANALYSIS_REPORT_SUMMARY_H

#include "analysis/quality.h"
#include "analysis/report/findings.h"
#include "analysis/report/report.h"

/* A short paragraph each; SUMMARY_LINES of them, none is empty. */
enum summary_line { SUMMARY_LOAD, SUMMARY_TENDER, SUMMARY_UNTESTED, SUMMARY_LINES };
void summary_add(struct text *text, enum summary_line line, const struct result *result,
                 const struct findings *findings);

/* "Recording of quality B: usable, with this in mind: ..." without the grade's letter alone. */
void summary_add_quality(struct text *text, const struct quality *quality);

extern const char summary_sources_title[];
/* "000:378: article 000, line 378, ..." for what stands on the pages. */
void summary_add_sources(struct text *text, const struct result *result);

#endif
