/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of one part over time, summed frame by frame in the order of time.
 *
 * Whoever feeds it knows the frame: its dt, whether it is loaded, whether the frame before counts
 * too, and the force some time ago for the loading rate. No allocation; one thread a struct. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_SUMS_H
#define TENDERFOOT_ANALYSIS_LOAD_SUMS_H

#include "analysis/load/load.h"

/* What all parts share in one frame. */
struct sums_frame {
    double time_s, dt_s;
    int is_loaded;      /* counts for the means */
    int follows;        /* the frame before is of the same step, and no gap between: the trapezoid
                           runs from it */
    double rate_over_s; /* time since the frame that loading rates are taken from; 0 = none */
};

/* One part in one frame: N, cm2, kPa. */
struct sums_row {
    double force_n, area_cm2, peak_kpa;
};

struct sums {
    struct load_summary so_far; /* maxima and integrals */
    double loaded_force_n, loaded_area_cm2, last_force_n;
    size_t loaded;
};

void sums_begin(struct sums *sums);
/* `earlier_force_n` is the part's force rate_over_s ago. */
void sums_add(struct sums *sums, const struct sums_frame *frame, const struct sums_row *row,
              double earlier_force_n);
/* area_ever_cm2: of the cells that were ever in contact; body_weight_n: NAN = not known. */
struct load_summary sums_finish(const struct sums *sums, double area_ever_cm2,
                                double body_weight_n);

/* dt of frame i at times time_s[], as load.h has it, and whether a gap is before it. */
double sums_dt_s(const double *time_s, size_t i, double rate_hz, int *is_after_gap);

/* The frame that the loading rate at frame i is taken from: the last one at least the window ago,
 * and not far beyond; SIZE_MAX: none. *from is where to look from: 0 at the first frame, then kept
 * from frame to frame. */
size_t sums_rate_from(const double *time_s, size_t i, double rate_hz, size_t *from);

#endif
