/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames in memory in, a result out: both readings of the analysis (analyzer.h, second_pass.h).
 * Allocates as they do, none per frame. One thread a call. */
#ifndef TENDERFOOT_ANALYSIS_ANALYZE_FRAMES_H
#define TENDERFOOT_ANALYSIS_ANALYZE_FRAMES_H

#include "analysis/analyzer.h"

struct frames_in_memory {
    struct grid grid;
    double rate_hz;
    const float *kpa;        /* n frames of rows * cols, one after the other */
    const uint64_t *time_us; /* of each frame; NULL: frame / rate, whole microseconds */
    size_t n;
};

/* NULL and *why when it cannot be; result_free frees the result. */
struct result *analyze_frames(const struct frames_in_memory *frames,
                              const struct analyzer_options *options, struct problem *why);

#endif
