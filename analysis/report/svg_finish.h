/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After-work on cairo's SVG: stable ids, and the report as text for those who do not see pictures.
 *
 * cairo numbers its surfaces by a counter of the whole process ("surface123"); here they are
 * counted from 1 in the order of the file. <title> and <desc> carry the text report, so that a
 * screen reader and a search find the words that the drawing holds as glyphs only. Pure; one
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SVG_FINISH_H
#define TENDERFOOT_ANALYSIS_REPORT_SVG_FINISH_H

#include "analysis/report/report.h"

/* Replaces the bytes; on failure `svg` is as it was. */
int svg_finish(struct text *svg, const struct result *result, const struct report_options *options,
               struct problem *why);

/* The same with a title and words of another page ("" = no words). */
int svg_describe(struct text *svg, const char *title, const char *words, struct problem *why);

/* Text with &, < and > as markup wants them. */
void markup_escape(struct text *out, const char *plain);

#endif
