/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells that the calibration masks, where a foot stands: their load is read as 0, so the foot's
 * force, area and share are too small, and nothing is put in their place. This says how much of a
 * foot that is. Plain data, no memory. */
#ifndef TENDERFOOT_ANALYSIS_MASKED_CELLS_H
#define TENDERFOOT_ANALYSIS_MASKED_CELLS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Area (cm2) of the masked cells under a foot: those that the foot's cells enclose, so that along
 * the cell's row or its column the next cells to both sides that are not masked are the foot's.
 * `masked` is 1 for a masked cell, `foot` above 0 for a cell of the foot, rows * cols each. */
double masked_cells_under_cm2(const struct grid *grid, const uint8_t *masked, const float *foot);

/* Fills masked_area_cm2 of all feet by result->facts.masked, and warns where it is not 0. */
int masked_cells_judge(struct result *result, struct problem *why);

#endif
