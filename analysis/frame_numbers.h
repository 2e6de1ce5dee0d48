/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of one pressure frame: force, centre of pressure, contact area, peak pressure.
 *
 * A contact cell is one at or above the threshold and above 0. Over the contact cells:
 *   force     = sum(p) x cell area                    N   (1 kPa mm2 = 1e-3 N)
 *   COP       = sum(p x cell centre) / sum(p)         mm  (plate frame)
 *   area      = number of cells x cell area           cm2 (never without its threshold)
 *   peak      = largest p                             kPa (0 with no contact cell)
 * COP is NAN below the minimum force: the mean place of next to nothing is noise. NaN cells are no
 * contact. Sums run in double. Definitions: numbers.md 2. No allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FRAME_NUMBERS_H
#define TENDERFOOT_ANALYSIS_FRAME_NUMBERS_H

#include "analysis/grid.h"

struct frame_numbers {
    double force_n, cop_x_mm, cop_y_mm, area_cm2, peak_kpa;
};

/* threshold_kpa >= 0; kpa[rows * cols]. */
struct frame_numbers frame_numbers(const struct grid *grid, const float *kpa, double threshold_kpa,
                                   double min_force_n);

#endif
