/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stud-like blobs: what a stud under a foot looks like when nobody said where it lies.
 *
 * A blob is a connected group (4 neighbours) of cells at or above the threshold. It is stud-like
 * when it covers at most 9 cm2 and 40 mm either way; a heel or a forefoot does not, a toe may. One
 * scratch per finder; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_BLOB_H
#define TENDERFOOT_ANALYSIS_PRESS_BLOB_H

#include "analysis/grid.h"

#define BLOB_AREA_MAX_CM2 9.0
#define BLOB_SPAN_MAX_MM 40.0

struct blob_scratch {
    unsigned char *seen; /* rows * cols */
    unsigned *stack;     /* rows * cols */
};

struct blob {
    double force_n;
    struct point centre; /* of force */
};

/* 0, or -1 without memory. */
int blob_scratch_begin(struct blob_scratch *scratch, const struct grid *grid);
void blob_scratch_free(struct blob_scratch *scratch);

/* The stud-like blob with the largest force: 1 and *blob, or 0. */
int blob_strongest(struct blob_scratch *scratch, const struct grid *grid, const float *kpa,
                   double threshold_kpa, struct blob *blob);

/* All blobs, stud-like or not, in the order of the raster; at most cap, their number. */
int blob_list(struct blob_scratch *scratch, const struct grid *grid, const float *kpa,
              double threshold_kpa, struct blob *blobs, int cap);

#endif
