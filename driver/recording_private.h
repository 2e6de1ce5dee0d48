/* SPDX-License-Identifier: MIT */
/* Between recording_reader.c and recording_seek.c: reading at any place of the file. */
#ifndef TENDERFOOT_DRIVER_RECORDING_PRIVATE_H
#define TENDERFOOT_DRIVER_RECORDING_PRIVATE_H

#include "driver/recording.h"

/* Continues at this byte; what was read so far stays in the summary. */
void recording_go_to(struct recording *recording, uint64_t offset);

/* The next whole message of any type, the file's own included: 1, 0 at the end, -1. *offset and
 * *size tell where it lies. Its payload holds until the next call. Damage is counted. */
int recording_next_any(struct recording *recording, struct wire_message *message, uint64_t *offset,
                       size_t *size, struct problem *why);

/* Size of the file now, in bytes; 0 when it cannot be had. */
uint64_t recording_file_size(const struct recording *recording);

#endif
