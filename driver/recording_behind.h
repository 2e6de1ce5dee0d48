/* SPDX-License-Identifier: MIT */
/* A recording written behind the back of the one who makes it: messages go into a buffer, a thread
 * writes and syncs them (driver/recording.h), and a disk that stands still for a while holds nobody
 * up.
 *
 * What does not fit is never lost silently. FRAMEs are skipped first (a part of the buffer is kept
 * for everything else), and before the next message that fits again the file is told of it: an
 * annotation {"schema": "tenderfoot/annotation/1", "skipped": {"frames", "messages", "why":
 * "disk"}} besides the gap in the frames' numbers, by which any reader counts them as lost. A
 * failed write is final, as in recording.h, and told by the next append. One thread a handle,
 * beside its own. */
#ifndef TENDERFOOT_DRIVER_RECORDING_BEHIND_H
#define TENDERFOOT_DRIVER_RECORDING_BEHIND_H

#include "driver/recording.h"

struct recording_behind;

/* At most so many bytes wait; their memory is used as they wait, and given back afterwards. */
#define RECORDING_BEHIND_BYTES ((size_t)40 << 20)

/* For tests: called by the writing thread before each write. */
struct recording_behind_test {
    void (*before_write)(void *context);
    void *context;
};

/* Takes the writer over, also on failure; one that is not synced yet (recording_create_unsynced) is
 * first of all. bytes 0: no thread, everything is written at once. `path`
 * is the recording's, to see how full its disk is. `test` may be NULL. */
struct recording_behind *recording_behind_start(struct recording_writer *writer, const char *path,
                                                size_t bytes,
                                                const struct recording_behind_test *test,
                                                struct problem *why);

/* As those of recording.h, but that 0 says: kept, or skipped and counted. */
int recording_behind_append(struct recording_behind *behind, const void *message, size_t n,
                            uint64_t host_time_us, struct problem *why);
int recording_behind_message(struct recording_behind *behind, const struct wire_message *message,
                             uint64_t host_time_us, struct problem *why);
int recording_behind_damage(struct recording_behind *behind, uint32_t bytes,
                            const struct wire_message *header, uint64_t host_time_us,
                            struct problem *why);
int recording_behind_tick(struct recording_behind *behind, struct problem *why);

struct recording_behind_numbers {
    uint64_t frames_written; /* handed to the system: there whatever becomes of this program */
    uint64_t frames_waiting;
    uint64_t frames_skipped, messages_skipped; /* messages: frames among them */
    double behind_s;    /* since the oldest that waits was appended; 0 = none waits */
    double free_bytes;  /* of the disk, about a second old; NAN = not known */
    double bytes_per_s; /* of this recording so far; NAN before a second has passed */
};
void recording_behind_numbers(struct recording_behind *behind,
                              struct recording_behind_numbers *numbers);

/* Nothing more will be appended: what waits is written and the file is ended behind the caller's
 * back, who waits for that as long as `wait_ms`. Whether it is done; to be asked again, then to be
 * followed by recording_behind_finish, which will not wait any more. */
int recording_behind_end(struct recording_behind *behind, unsigned wait_ms);

/* Waits until all is written, then ends the file as recording_finish; the handle is gone. */
int recording_behind_finish(struct recording_behind *behind, struct problem *why);

/* What waits is forgotten, and the file ends as if the program had died here. */
void recording_behind_abandon(struct recording_behind *behind);

#endif
