/* SPDX-License-Identifier: MIT */
/* A repaired copy of a recording: every whole message in its order, header and calibration again
 * twice, index rebuilt, end mark set. The original is only read. A copy of a whole recording is the
 * same file, byte for byte. */
#ifndef TENDERFOOT_DRIVER_RECORDING_REPAIR_H
#define TENDERFOOT_DRIVER_RECORDING_REPAIR_H

#include "driver/recording.h"

/* Reads `from` to its end and writes `to`, which must not exist. *before (may be NULL) receives the
 * summary of the original. */
int recording_repair(const char *from, const char *to, struct recording_summary *before,
                     struct problem *why);

/* What recording_next still gives of `from`, byte for byte into `to`: 0, or -1. */
int recording_copy_messages(struct recording *from, struct recording_writer *to,
                            struct problem *why);

#endif
