/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions of a foot: G1 toes, G2 ball, G3a upper middle, G3b lower middle, G4 heel.
 *
 * Each cell of the foot counts in a region with the share of its area that the guide lines leave
 * there (analysis/load/membership.h); its shares sum to 1, so the regions' forces and areas sum to
 * the foot's (reflexology.md 2.6). Per region over the pictures, each cell with its share:
 *   force          = sum of the mean picture x cell area         N
 *   load_percent   = force / mean force on the whole plate x 100
 *   area           = cells at or above the threshold x cell area, cm2: in the mean picture of a
 *                    standing foot, in the maximum picture of a walking one (ever touched)
 *   peak_kpa       = largest cell of the maximum picture with a share in the region
 *   mean_kpa       = mean of the mean picture over the cells that make the area (NAN without)
 *   pti_kpa_s      = mean of the pressure-time integral over the same cells (NAN without), as zones
 *                    have it: force-time integral / area
 * No allocation; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REGIONS_H
#define TENDERFOOT_ANALYSIS_REGIONS_H

#include "analysis/result.h"

const char *region_name(enum region_id id);  /* "G3a" */
const char *region_words(enum region_id id); /* "upper middle" */

enum region_id region_at(const struct guide_lines *lines, struct uv place);
/* The same as what ceilings and thresholds are kept by: both parts of the arch are one. */
enum region_class region_class_at(const struct guide_lines *lines, struct uv place);

/* Along the foot to the nearest line between two of those, mm, and the class beyond it. */
double region_border_mm(const struct guide_lines *lines, double length_mm, struct uv place,
                        enum region_class *beyond);

/* Fills foot->regions from the result's grid, pictures and threshold and the foot's mask, frame and
 * lines; `total_mean_force_n` is the 100 %. */
void regions_load(const struct result *result, double total_mean_force_n, struct foot_result *foot);

#endif
