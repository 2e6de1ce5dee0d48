/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many trials in one call, on all cores. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SWAY_MANY_H
#define TENDERFOOT_ANALYSIS_SWAY_SWAY_MANY_H

#include "analysis/sway/sway.h"

/* Measures trials[i] into out[i], each exactly as sway_measure would; why[i].kind is PROBLEM_NONE
 * where that went well. `threads` 0 = one per core. Returns how many trials failed. No other FFTW
 * plan may be made by the program meanwhile. */
size_t sway_measure_many(const struct cop_series *trials, size_t n,
                         const struct sway_options *options, int threads, struct sway_result *out,
                         struct problem *why);

#endif
