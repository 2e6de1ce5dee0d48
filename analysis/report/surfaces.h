/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page as PDF, PNG or SVG in memory; the same bytes for the same input. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SURFACES_H
#define TENDERFOOT_ANALYSIS_REPORT_SURFACES_H

#include "analysis/report/report.h"

#include <cairo.h>

/* Draws one A4 page (units: points) on the surface; 0 or -1 with `why`. */
typedef int surface_compose(void *context, cairo_surface_t *surface, struct report_check *check,
                            struct problem *why);

/* `date` (ISO 8601; NULL = none) goes into a PDF, never the present time. The bytes are the
 * caller's (text_free); none on failure. */
int surface_render(surface_compose *compose, void *context, enum report_format format,
                   const char *title, const char *date, struct text *out,
                   struct report_check *check, struct problem *why);

/* The pages of one drawing, opened one after the other. */
struct surface_pages {
    enum report_format format;
    const char *title, *date;
    struct report_pages *out;
    cairo_surface_t *of[REPORT_PAGES_MAX];
    int n;
};
/* The surface of the next page (of a PDF always the same one); it is the pages'. NULL: no page is
 * left. */
cairo_surface_t *surface_next(struct surface_pages *pages);

typedef int surface_compose_pages(void *context, struct surface_pages *pages,
                                  struct report_check *check, struct problem *why);
int surface_render_pages(surface_compose_pages *compose, void *context, struct surface_pages *pages,
                         struct report_check *check, struct problem *why);

#endif
