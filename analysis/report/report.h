/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: one A4 page to hand over, or the same as text for a terminal.
 *
 * Input is a finished result and nothing else: no recording, no device, no clock. The same result
 * and options give the same bytes (fonts of the machine being the same). Surfaces are made in
 * memory; whoever calls writes the file. Words are those of reflexology.md 8.3: what was measured
 * first, organs only as "traditionally associated". One thread a call; results are only read. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_REPORT_H
#define TENDERFOOT_ANALYSIS_REPORT_REPORT_H

#include "analysis/report/text.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

enum report_format { REPORT_PDF, REPORT_PNG, REPORT_SVG };

struct report_options {
    double scale_max_kpa; /* top of the printed scale; 0 = by the protocol (report_scale_kpa) */
    const char *software_version; /* of the program that writes the report */
};

/* How well a page came out; all 0 when nothing was cut or laid over something else. */
struct report_check {
    int texts;       /* pieces of text on the page */
    int outside;     /* that leave their box or the page */
    int overlapping; /* pairs of texts that cover each other */
    int cut;         /* pieces that end in an ellipsis */
    int rows_cut;    /* tender zones that are told by number and pressure only */
};

/* Fixed scales, so that two reports of one kind can be laid side by side: 120 kPa for standing,
 * 400 kPa for walking. */
double report_scale_kpa(const struct result *result, const struct report_options *options);

/* The format by the file's ending (.pdf, .png, .svg, any case); -1 (usage) naming the possible. */
int report_format_of(const char *path, enum report_format *format, struct problem *why);

/* The page as bytes of a file; `check` may be NULL. */
int report_render(const struct result *result, const struct report_options *options,
                  enum report_format format, struct text *out, struct report_check *check,
                  struct problem *why);

/* The same content as plain UTF-8 text, lines of at most 80 characters. */
int report_text(const struct result *result, const struct report_options *options, struct text *out,
                struct problem *why);

#endif
