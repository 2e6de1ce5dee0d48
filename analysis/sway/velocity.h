/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Velocity by a Savitzky-Golay derivative (5 samples, cubic; the ends by the first and last cubic),
 * its peaks between zero crossings, and the phase plane, as in the code of Quijoux et al. 2021.
 * Phase plane: Riley et al. 1995, Gait Posture 3:174; it adds mm and mm/s by definition. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_VELOCITY_H
#define TENDERFOOT_ANALYSIS_SWAY_VELOCITY_H

#include <stddef.h>

struct velocity_peaks {
    long zero_crossings; /* of the velocity */
    /* Means of the largest speed between two crossings; NaN where there is none. */
    double peak_positive_mm_s, peak_negative_mm_s, peak_all_mm_s;
};

/* speed[0 ... n - 1] of x; n >= 5. */
void velocity_of(const double *x, size_t n, double rate_hz, double *speed_mm_s);

void velocity_peaks(const double *speed_mm_s, size_t n, struct velocity_peaks *out);

/* sqrt(mean x^2 + variance of the speed), x about the input's mean. */
double phase_plane(const double *x, const double *speed_mm_s, size_t n);

#endif
