/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The roll-over picture: the maximum pressure of one step, cell by cell, with the way of the COP,
 * its chord, the line on which its excursion is measured, and a mark at each phase's beginning.
 *
 * Turned so that heel to toes points up. Scale and palette are those of the soles. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WALK_PART_H
#define TENDERFOOT_ANALYSIS_REPORT_WALK_PART_H

#include "analysis/report/page.h"
#include "analysis/walk/walk.h"

/* The largest scale, at most 1.6 pt/mm, at which the step's foot fits into a box. */
double walk_picture_scale(const struct walk_step *step, double w, double h);

void walk_picture_draw(struct page *page, struct box box, const struct grid *grid,
                       const struct walk_step *step, double pt_per_mm, double scale_max_kpa);

#endif
