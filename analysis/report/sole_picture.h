/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of one sole: pressure as raw cells, outlines, flagged zones with numbers, COP.
 *
 * Seen from above by the person who stands on the plate, turned so that the foot's long axis points
 * up (toes up, heel down), both feet to one scale. Cells stay the squares that were measured: no
 * smoothing, no filling. A cell below the contact threshold is pale grey, one above the scale has a
 * white dot. Flagged zones differ by line, hatching and the shape of their badge, never by colour
 * alone. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SOLE_PICTURE_H
#define TENDERFOOT_ANALYSIS_REPORT_SOLE_PICTURE_H

#include "analysis/report/findings.h"
#include "analysis/report/page.h"

#define SOLE_POINTS_MAX 1024      /* of the outlines of one zone and its parts */
#define SOLE_BADGE_COLUMN_PT 15.0 /* on both sides of the foot, inside the box */

struct sole {
    const struct result *result;
    const struct foot_result *foot; /* NULL: the whole plate, unturned */
    const struct findings *findings;
    struct box box;
    double pt_per_mm, scale_max_kpa;
    cairo_matrix_t to_page; /* plate frame, mm -> page, pt; set by sole_place */
};

/* The largest scale at which every foot fits into a box of this size, at most 1.6 pt/mm;
 * room for badges is kept where there are flags. */
double sole_scale(const struct result *result, double w, double h);

/* Sets to_page so that the foot (or the plate) lies in the middle of the box. */
void sole_place(struct sole *sole);
void sole_draw(struct page *page, const struct sole *sole);

/* sole_marks.c: strong outlines, hatching, leader lines and badges of the flagged zones. */
void sole_draw_marks(struct page *page, const struct sole *sole);
/* A badge: black disc (attention), white disc (both sides), white square (watch). */
void sole_draw_badge(struct page *page, enum flag_level level, double x, double y, int number);
/* The outline of a zone (of all its parts when it is their union) as a path in page points; the
 * number of points, 0 when the zone has none on this foot. */
int sole_zone_path(struct page *page, const struct sole *sole, const struct atlas_zone *zone,
                   struct point *points, int cap);
void sole_stroke_flag(struct page *page, enum flag_level level); /* of the current path; kept */
void sole_hatch(struct page *page); /* oblique lines inside the current path; kept */

#endif
