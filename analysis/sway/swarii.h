/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SWARII, sliding windows weighted averaged interpolation: from any times to a regular rate.
 * Source: Audiffren & Contal 2016, Sensors 16:2101, as in the code of Quijoux et al. 2021: samples
 * of the first 0.1 s and the last sample are left out, a jump of more than 20 mm (ML + AP) that is
 * back within 5 mm one or two samples later is an artefact, each output is the mean of the samples
 * within 40 ms weighed by the time each stands for. Windows without a sample are bridged by a line.
 */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SWARII_H
#define TENDERFOOT_ANALYSIS_SWAY_SWARII_H

#include "analysis/sway/cop_series.h"

/* Into `out` (made here, regular at rate_hz; to be freed by the caller). 0 or -1. */
int swarii_resample(const struct cop_series *in, double rate_hz, struct cop_series *out,
                    struct problem *why);

#endif
