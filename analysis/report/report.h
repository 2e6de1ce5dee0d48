/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report: one to three A4 pages to hand over, or the same as text for a terminal.
 *
 * Input is a finished result and nothing else: no recording, no device, no clock. The same result
 * and options give the same bytes (fonts of the machine being the same). Surfaces are made in
 * memory; whoever calls writes the file. Words are those of reflexology.md 8.3: what was measured
 * first, organs only as "traditionally associated". One thread a call; results are only read. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_REPORT_H
#define TENDERFOOT_ANALYSIS_REPORT_REPORT_H

#include "analysis/change/comparison.h"
#include "analysis/report/text.h"
#include "analysis/report/words.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* HTML: one file with the pages as inline SVG and the text report, without script or link. */
enum report_format { REPORT_PDF, REPORT_PNG, REPORT_SVG, REPORT_HTML };

struct report_options {
    double scale_max_kpa; /* top of the printed scale; 0 = by the protocol (report_scale_kpa) */
    enum words_language language;        /* what no catalogue has stays English */
    const char *software_version;        /* of the program that writes the report */
    const char *person;                  /* whom it is of; NULL: the recording's own label */
    const struct visit_sway *sway;       /* of the recording; NULL: nothing is said of sway */
    const struct visit_sway *other_eyes; /* of a stand of the same test with the other eyes */
    const struct comparison *earlier;    /* with an earlier recording; NULL: nothing is compared */
};

/* How well a page came out; all 0 when nothing was cut or laid over something else. */
struct report_check {
    int pages;
    int texts;          /* pieces of text on the page */
    int outside;        /* that leave their box or the page */
    int overlapping;    /* pairs of texts that cover each other */
    int cut;            /* pieces that end in an ellipsis */
    char first_cut[48]; /* how the first of them begins; "" */
    int rows_cut;       /* tender zones that are told by number and pressure only */
};

/* Fixed scales, so that two reports of one kind can be laid side by side: 120 kPa for standing,
 * 400 kPa for walking. */
double report_scale_kpa(const struct result *result, const struct report_options *options);

/* The format by the file's ending (.pdf, .png, .svg, .html, any case); -1 (usage) naming the
 * possible. */
int report_format_of(const char *path, enum report_format *format, struct problem *why);

/* The pages as files: PDF and HTML hold them all (n = 1), PNG and SVG have one file a page. */
#define REPORT_PAGES_MAX 3
struct report_pages {
    struct text of[REPORT_PAGES_MAX];
    int n;
};
/* `check` (may be NULL) is of all pages. Nothing is left in `out` on failure. */
int report_render_pages(const struct result *result, const struct report_options *options,
                        enum report_format format, struct report_pages *out,
                        struct report_check *check, struct problem *why);
void report_pages_free(struct report_pages *pages);

/* The first file alone: the whole report as PDF, its first page as PNG or SVG. */
int report_render(const struct result *result, const struct report_options *options,
                  enum report_format format, struct text *out, struct report_check *check,
                  struct problem *why);

/* The same content as plain UTF-8 text, lines of at most 80 characters. */
int report_text(const struct result *result, const struct report_options *options, struct text *out,
                struct problem *why);

#endif
