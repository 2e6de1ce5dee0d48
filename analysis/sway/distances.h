/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances, path, velocity and frequency of one axis or of the resultant.
 * Source: Prieto et al. 1996, IEEE Trans Biomed Eng 43:956, table I. A quantity that the path does
 * not allow (a frequency of a person who does not move) is NaN, printed as null. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_DISTANCES_H
#define TENDERFOOT_ANALYSIS_SWAY_DISTANCES_H

#include <stddef.h>

struct sway_distances {
    double mean_distance_mm;   /* mean |x|, or mean RD */
    double rms_distance_mm;    /* sqrt of the mean square */
    double path_mm;            /* sum of steps */
    double mean_velocity_mm_s; /* path / T, T = n / rate */
    double range_mm;           /* max - min; RD: largest distance between two points */
    double max_distance_mm;    /* largest |x| or RD */
    double mean_frequency_hz;  /* axis: velocity / (4 sqrt 2 mean distance), RD: / (2 pi ...) */
    long zero_crossings;       /* sign changes of the position; zeros count with what follows */
};

/* x less its mean. */
void sway_distances_axis(const double *x, size_t n, double rate_hz, struct sway_distances *out);

/* rd = sqrt(ml^2 + ap^2); `range_mm` is that of the hull; zero_crossings is 0. */
void sway_distances_resultant(const double *ml, const double *ap, const double *rd, size_t n,
                              double rate_hz, double range_mm, struct sway_distances *out);

#endif
