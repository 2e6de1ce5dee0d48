/* SPDX-License-Identifier: MIT */
/* A recording that appears under its name only when it is whole: for verbs that make one from
 * something else (import, simulate, verify --repair). `record` does not want this: what it has
 * written so far must be there under its name whatever happens. */
#ifndef TENDERFOOT_DRIVER_RECORDING_OUTPUT_H
#define TENDERFOOT_DRIVER_RECORDING_OUTPUT_H

#include "driver/recording.h"

struct recording_output {
    struct recording_writer *writer; /* append to this; the output finishes it */
    char *path, *temporary;          /* the output's own */
};

/* As recording_create, into a temporary file beside `path`. Refuses when `path` exists. */
int recording_output_begin(struct recording_output *out, const char *path, const char *header_json,
                           const void *calibration, size_t n_calibration, struct problem *why);

/* Finishes the recording, syncs it and gives it its name (never in place of another file). On
 * failure there is no trace of it. The output is over whatever is returned. */
int recording_output_finish(struct recording_output *out, struct problem *why);

/* Forgets it: no trace is left. After finish or a failed begin it does nothing. */
void recording_output_abort(struct recording_output *out);

#endif
