/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences about footprints and load patterns, for page and text. Pure but for the text's memory;
 * any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PATTERN_WORDS_H
#define TENDERFOOT_ANALYSIS_REPORT_PATTERN_WORDS_H

#include "analysis/report/report.h"

/* "left 0.243 ± 0.004, right 0.251 ± 0.003" */
void pattern_words_arch(struct text *text, const struct result *result,
                        const struct report_options *options);
/* "flat load pattern (both feet), reduced heel loading (left)", or that there is none, or why none
 * was looked for. */
void pattern_words_short(struct text *text, const struct result *result,
                         const struct report_options *options);

/* "Left foot, flat load pattern: more ... than the reference. Arch index 0.31 ... . Norm: ..." */
void pattern_words_full(struct text *text, const struct pattern *pattern);
/* 1: an earlier gap has the same reason, and pattern_words_gaps of that one tells both. */
int pattern_gap_is_told(const struct patterns *patterns, int i);
/* Gap i and all later ones of the same reason, the reason once. */
void pattern_words_gaps(struct text *text, const struct patterns *patterns, int i);

/* "0.243 ± 0.004", "85.6 ± 1.2 mm", or "not measured: toes do not touch". */
void pattern_words_number(struct text *text, enum print_number_id id,
                          const struct print_number *number);

#endif
