/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to a path before it is measured: mean removed, then resampled, then filtered, each
 * only if the pipeline says so. It is printed with every number. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_PIPELINE_H
#define TENDERFOOT_ANALYSIS_SWAY_PIPELINE_H

#include "analysis/sway/cop_series.h"

struct sway_pipeline {
    char name[16];      /* raw, lp5, lp10, quijoux25, or custom */
    int order;          /* of the Butterworth low-pass that runs forward and backward; 0 = none */
    double cut_hz;      /* of one pass: -6 dB after both */
    double resample_hz; /* by SWARII; 0 = at the input's rate */
};

#define SWAY_PIPELINE_DEFAULT "lp10"

/* raw; lp5 = order 2 at 5 Hz; lp10 = order 4 at 10 Hz; quijoux25 = 25 Hz, then order 4 at 10 Hz
 * (Quijoux et al. 2021). 0 or -1 (the sentence lists the names). */
int sway_pipeline_find(const char *name, struct sway_pipeline *pipeline, struct problem *why);

/* The path processed, into `out` (made here, regular; the caller frees it). `in` must have passed
 * cop_series_check. -1 when its times are irregular and the pipeline does not resample, the cut
 * does not fit the rate, or it is shorter than the filter's padding. */
int sway_pipeline_run(const struct sway_pipeline *pipeline, const struct cop_series *in,
                      struct cop_series *out, struct problem *why);

/* The horizontal forces of `in` at the times of `out`, which sway_pipeline_run made of it: by a
 * line between neighbours, less their mean (a platform's zero wanders), then filtered as the path
 * was. Into `force` as ml_mm and ap_mm, but in N (made here; the caller frees it). */
int sway_pipeline_forces(const struct sway_pipeline *pipeline, const struct cop_series *in,
                         const struct cop_series *out, struct cop_series *force,
                         struct problem *why);

/* Samples of odd padding at each end; 0 without a filter. */
int sway_pipeline_padding(const struct sway_pipeline *pipeline);

#endif
