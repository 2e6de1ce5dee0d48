/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-sided power spectral densities and what is read off them within a band.
 *
 * sine8: mean over 8 sine tapers (Riedel & Sidorenko 1995), sqrt(2/(n+1)) sin(pi k i/(n+1));
 * periodogram: no taper; welch10: 10 s periodic Hann windows, half overlap, each less its mean
 * (Welch 1967). All in mm^2/Hz of the signal less its mean. Band numbers: Prieto et al. 1996.
 * Ownership: a spectrum_plan is its maker's. Threads: one plan serves one thread at a time, and
 * plans must be made and freed by one thread at a time (FFTW). */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SPECTRUM_H
#define TENDERFOOT_ANALYSIS_SWAY_SPECTRUM_H

#include "firmware/wire/problem.h"

#include <stddef.h>

enum spectrum_estimator { SPECTRUM_SINE8, SPECTRUM_PERIODOGRAM, SPECTRUM_WELCH10, SPECTRUM_KINDS };
extern const char *const spectrum_names[SPECTRUM_KINDS];

#define SPECTRUM_SEGMENT_S 10 /* of welch10; a half sample is rounded to the even */

struct spectrum_band {
    double low_hz, high_hz; /* bins at the borders belong to it */
};

struct spectrum_numbers {
    double power_mm2;              /* sum of bins x their width */
    double f50_hz, f80_hz, f95_hz; /* first bin at which the cumulative power reaches p */
    double mean_hz;                /* m1 / m0 */
    double centroidal_hz;          /* sqrt(m2 / m0) */
    double dispersion;             /* sqrt(1 - m1^2 / (m0 m2)) */
    double mode_hz;                /* largest bin */
};

struct spectrum_plan;

/* For signals of n samples at rate_hz. NULL without memory. */
struct spectrum_plan *spectrum_plan_make(size_t n, double rate_hz, struct problem *why);
void spectrum_plan_free(struct spectrum_plan *plan);

/* The density of x (n samples): returns the number of bins, *psd (the plan's own, until the next
 * call) and their width; 0 when the signal is too short for the estimator. */
size_t spectrum_density(struct spectrum_plan *plan, enum spectrum_estimator kind, const double *x,
                        const double **psd, double *width_hz);

/* All NaN when the band holds no bin or no power. */
void spectrum_read(const double *psd, size_t bins, double width_hz, struct spectrum_band band,
                   struct spectrum_numbers *out);

#endif
