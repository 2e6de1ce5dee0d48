/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of each frame, kept in the order of time while the recording grows.
 *
 * Six numbers and the step a frame; memory doubles when it is full. A frame that comes late (within
 * LATE_FRAMES of the end) is put in its place; the same time again, or a frame later than that, is
 * refused. */
#ifndef TENDERFOOT_ANALYSIS_SERIES_H
#define TENDERFOOT_ANALYSIS_SERIES_H

#include "analysis/frame_numbers.h"
#include "analysis/result.h"

#define SERIES_LATE_FRAMES 64

struct series {
    struct frame_series frames; /* time_s holds device time in us until series_finish */
    size_t capacity;
};

enum series_verdict {
    SERIES_ADDED,
    SERIES_LATE,
    SERIES_REPEATED,
    SERIES_TOO_LATE,
    SERIES_NO_MEMORY
};

enum series_verdict series_add(struct series *series, uint64_t time_us,
                               const struct frame_numbers *numbers, enum step step);

/* Gives the arrays away with time_s counted from the first frame. */
struct frame_series series_finish(struct series *series);
void series_free(struct series *series);

#endif
