/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chart as a picture: one A4 page as PDF, PNG or SVG.
 *
 * The left sole shows points and areas with their ids, the right one the lines (spine line, fan
 * lines, line across), the guide lines, regions and longitudinal strips; every zone is on both feet
 * unless its text says otherwise. Soles are drawn as one sees them from above, standing on them. A
 * second chart beside the first is dashed, its ids in brackets. Below: what tradition associates
 * with each zone, and the disclaimer. Same input, same bytes. One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_ATLAS_PICTURE_H
#define TENDERFOOT_ANALYSIS_REPORT_ATLAS_PICTURE_H

#include "analysis/atlas/atlas.h"
#include "analysis/report/report.h"

struct atlas_picture {
    const struct atlas *atlas, *beside; /* beside NULL = none */
    const char *wanted;                 /* only what belongs to this zone or organ; NULL = all */
    double length_mm;                   /* of the foot: 250 */
};

/* `check` may be NULL. */
int atlas_picture_render(const struct atlas_picture *picture, enum report_format format,
                         struct text *out, struct report_check *check, struct problem *why);

#endif
