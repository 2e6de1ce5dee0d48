/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stabilogram diffusion analysis: two ways of laying two lines through the mean squared
 * displacement.
 *
 * Linear (Collins & De Luca 1993, Exp Brain Res 95:308): lags to 10 s, the break between 0.3 and
 * 2.5 s that leaves the least squares; D is half a line's slope, H half the slope of ln MSD on ln
 * lag over the same lags.
 * Log-log (as the code of Quijoux et al. 2021): lags to a third of the trial, each line ends or
 * begins between 0.3 and 2.5 s where its own RMS residual is least; "diffusion" is the line's MSD
 * at 1 s (not halved), "scaling" half its slope; the critical time is where they cross, at most the
 * largest lag.
 * NaN where a trial is too short or does not move. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_DIFFUSION_H
#define TENDERFOOT_ANALYSIS_SWAY_DIFFUSION_H

#include <stddef.h>

struct diffusion_linear {
    double short_mm2_s, long_mm2_s, short_h, long_h, critical_time_s, critical_mm2, break_s;
};

struct diffusion_loglog {
    double short_time_diffusion_mm2, long_time_diffusion_mm2;
    double short_time_scaling, long_time_scaling;
    double critical_time_s, critical_displacement_mm2;
};

/* Largest lag, in samples, that both fits want from a trial of n samples. */
size_t diffusion_lags(size_t n, double rate_hz);

/* msd[0 ... lags] of a trial of n samples; lags >= diffusion_lags(n, rate_hz). */
void diffusion_linear(const double *msd, size_t n, double rate_hz, struct diffusion_linear *out);

/* scratch holds 2 (lags + 1) doubles. */
void diffusion_loglog(const double *msd, size_t n, double rate_hz, double *scratch,
                      struct diffusion_loglog *out);

#endif
