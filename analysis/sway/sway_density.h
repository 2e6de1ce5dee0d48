/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sway density: how long the path stays within 3 mm of each sample.
 * Source: Baratto et al. 2002, Motor Control 6:246; as in the code of Quijoux et al. 2021: seconds
 * before and after without a break, smoothed by a Butterworth of order 4 at 2.5 Hz forward and
 * backward, peaks are samples above both neighbours. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SWAY_DENSITY_H
#define TENDERFOOT_ANALYSIS_SWAY_SWAY_DENSITY_H

#include <stddef.h>

struct sway_density {
    double mean_peak_s;           /* NaN without a peak */
    double mean_distance_peak_mm; /* between consecutive peaks; NaN with fewer than two */
};

/* Scratch: 2 n + 64 doubles. NaN when the trial is too short or the rate is not above 5 Hz. */
void sway_density(const double *ml, const double *ap, size_t n, double rate_hz, double *scratch,
                  struct sway_density *out);

#endif
