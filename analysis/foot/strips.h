/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ten longitudinal strips: five a foot, one a toe, L1..L5 and R1..R5 from the big toe on.
 *
 * Borders in v (reflexology.md 2.5): 0.29, 0.475, 0.63, 0.795 from the heel to the ball, where they
 * lie midway between neighbouring heads of the metatarsals, then through the toe clefts to 0.34,
 * 0.50, 0.63, 0.755 at the toes. On a foot whose heads, toe bases and toes lie elsewhere than the
 * template's, each border moves with the two that it parts; from the heel's front edge back it
 * stays. The outer borders are the tangents v = 0 and v = 1. A strip ends at its toe's tip. Plain
 * data, no allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_STRIPS_H
#define TENDERFOOT_ANALYSIS_FOOT_STRIPS_H

#include "analysis/foot/foot_frame.h"
#include "analysis/foot/guide_lines.h"

#include <stddef.h>

#define STRIP_COUNT 5
#define STRIP_BORDER_POINTS 5 /* heel edge, heel front, ball, cleft, toes */
#define STRIP_OUTLINE_MAX 24

struct strips {
    struct uv border[STRIP_COUNT - 1][STRIP_BORDER_POINTS]; /* border[k] parts strip k + 1 and k + 2
                                                               (strips count from 1) */
    double tip_u[STRIP_COUNT];                              /* where each ends ahead */
};

/* `landmarks` NULL: the template's. */
struct strips strips_from(const struct landmarks *landmarks);

/* v of border 0..3 at u; border -1 is v = 0, border 4 v = 1. */
double strip_border_v(const struct strips *strips, int border, double u);

/* 1..5: the strip a place lies in; beyond a tangent the outer strip goes on. */
int strip_at(const struct strips *strips, struct uv place);

/* The centre line: the place midway between a strip's borders at u. strip_centre_at: the one that
 * lies `along_mm` ahead of the heel's back edge, measured along the axis; 0, or -1 when the strip
 * has ended there. */
struct uv strip_centre(const struct strips *strips, int strip, double u);
int strip_centre_at(const struct strips *strips, const struct foot_frame *frame, int strip,
                    double along_mm, struct uv *place);

/* The strip as a polygon in the plate frame; the number of points, at most STRIP_OUTLINE_MAX, for
 * which `out` has room. */
int strip_outline(const struct strips *strips, const struct foot_frame *frame, int strip,
                  struct point *out);

/* "zone L3, ball": strip and region of a place; "zone 3, ball" on a foot of unknown side. Cut at
 * cap; returns text. */
const char *strip_place_words(const struct strips *strips, const struct guide_lines *lines,
                              enum side side, struct uv place, char *text, size_t cap);

#endif
