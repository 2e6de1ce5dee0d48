/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The truth of a virtual visit as "tenderfoot/truth/1" (samples/SCHEMA.md): what an analysis of
 * its recording should find, before any error of the plate. */
#ifndef TENDERFOOT_SAMPLES_TRUTH_H
#define TENDERFOOT_SAMPLES_TRUTH_H

#include "samples/visit.h"

#include <stdio.h>

/* True load at the moment of each frame that was recorded. Grows by truth_frames_add. */
struct truth_frames {
    uint64_t first_us;                              /* source time of the first frame: time_s 0 */
    double *time_s, *force_n, *cop_x_mm, *cop_y_mm; /* owned */
    size_t n, cap;
};

/* Adds the moment of source time `time_us`. */
int truth_frames_add(struct truth_frames *frames, uint64_t time_us, const struct moment *moment,
                     struct problem *why);
void truth_frames_free(struct truth_frames *frames);

/* Writes the document to a stream; the caller makes the file appear whole. */
int truth_write(FILE *to, const struct visit *visit, const struct truth_frames *frames,
                struct problem *why);

#endif
