/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as one HTML file: its pages as inline SVG, its words below as text. No script, no
 * link, nothing is fetched. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_HTML_PAGES_H
#define TENDERFOOT_ANALYSIS_REPORT_HTML_PAGES_H

#include "analysis/report/report.h"

/* `pages`: SVG files. On failure nothing is left in `out`. */
int html_of_pages(struct text *out, const struct report_pages *pages, const char *words,
                  struct problem *why);

#endif
