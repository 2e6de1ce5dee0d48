/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regions of the sole that weight is shifted onto, standing on the bare plate.
 *
 * By the foot frame alone, so that the live test and the recording's analysis mean the same cells:
 * forefoot u >= 0.50, heel u < 0.30, inner edge v < 0.50 (the big toe's side), outer edge v >=
 * 0.50. Forefoot and heel do not touch each other; each edge shares cells with both. Project
 * choices: what a person can shift to on request, no anatomy. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SHIFT_REGION_H
#define TENDERFOOT_ANALYSIS_PRESS_SHIFT_REGION_H

#include "analysis/grid.h"
#include "analysis/foot/foot_frame.h"

#include <stdint.h>

enum shift_region { SHIFT_FOREFOOT, SHIFT_HEEL, SHIFT_INNER_EDGE, SHIFT_OUTER_EDGE, SHIFT_REGIONS };

const char *shift_region_name(enum shift_region region);  /* "forefoot", "inner_edge" */
const char *shift_region_words(enum shift_region region); /* "forefoot", "inner edge" */
/* -1 for NULL and any other name. */
int shift_region_from_name(const char *name);

int shift_region_has(enum shift_region region, struct uv at);
/* About the middle of what of it bears weight. */
struct uv shift_region_aim(enum shift_region region);

/* Of every cell of a plate: which foot may stand on it (enum side; 0 = none) and the regions it
 * lies in (bits 1 << enum shift_region). frame: by enum side, length_mm 0 = no such foot. owner and
 * regions: a byte a cell, overwritten. */
void shift_cells(const struct grid *grid, const struct foot_frame frame[3], uint8_t *owner,
                 uint8_t *regions);

/* What the region of one foot bears in one frame. */
struct shift_load_now {
    double all_n, own_n; /* everything; what lies under either foot */
    double foot_n, region_n;
    double mean_kpa; /* of the region's cells in contact (2 kPa or more) */
};
struct shift_load_now shift_load_of(const struct grid *grid, const uint8_t *owner,
                                    const uint8_t *regions, enum side side,
                                    enum shift_region region, const float *kpa);

/* 1 when a place may be under the foot at all: a print's rim lies a little outside of 0..1. */
int shift_is_under_foot(struct uv at);

#endif
