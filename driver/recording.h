/* SPDX-License-Identifier: MIT */
/* A recording: one append-only `.tfr` file of wire messages as they came. RECORDING.md has the
 * bytes.
 *
 * The first message is REC_HEADER (JSON), then the calibration's copy, then the plate's messages
 * unchanged, with REC_ARRIVAL before those that share a host time; a clean close adds REC_INDEX and
 * REC_END. Reader and writer know bytes, not feet: they link only firmware/wire. One thread a
 * handle. */
#ifndef TENDERFOOT_DRIVER_RECORDING_H
#define TENDERFOOT_DRIVER_RECORDING_H

#include "firmware/wire/problem.h"
#include "firmware/wire/sequence.h"
#include "firmware/wire/wire.h"

#include <stddef.h>
#include <stdint.h>

struct recording_writer;

/* Creates `path` (mode 0600, must not exist, no symlink followed) and writes header and calibration
 * copy (n_calibration = 0: none). Synced before it returns. NULL and *why on failure. */
struct recording_writer *recording_create(const char *path, const char *header_json,
                                          const void *calibration, size_t n_calibration,
                                          struct problem *why);

/* The same, but nothing waits for the disk: recording_sync_new is to follow, from the thread that
 * will append (recording_behind.h). */
struct recording_writer *recording_create_unsynced(const char *path, const char *header_json,
                                                   const void *calibration, size_t n_calibration,
                                                   struct problem *why);

/* Syncs a new file, and its name in its folder. Failed is final, as in recording_append. */
int recording_sync_new(struct recording_writer *writer, struct problem *why);

/* Appends whole encoded messages (header, payload, CRCs as they came) that arrived at the host time
 * given (CLOCK_MONOTONIC, us). Syncs when a second has passed since the last sync. A failed
 * write or sync is final: the file up to the last sync stays valid, and -1 is returned ever after.
 */
int recording_append(struct recording_writer *writer, const void *message, size_t n,
                     uint64_t host_time_us, struct problem *why);

/* Encodes and appends one message of the host's own (ANNOTATION, REC_DAMAGE, FRAME_F32 ...). */
int recording_append_message(struct recording_writer *writer, const struct wire_message *message,
                             uint64_t host_time_us, struct problem *why);

/* Appends a REC_DAMAGE: `bytes` bytes of the plate's stream were no message. `header` is the
 * damaged message's header when that was whole (WIRE_BAD_PAYLOAD; a FRAME is then counted as bad),
 * else NULL. */
int recording_append_damage(struct recording_writer *writer, uint32_t bytes,
                            const struct wire_message *header, uint64_t host_time_us,
                            struct problem *why);

/* Syncs when a second has passed since the last sync: to be called while nothing arrives. */
int recording_tick(struct recording_writer *writer, struct problem *why);

/* Bytes of the file that are known to be on the disk. */
uint64_t recording_synced_bytes(const struct recording_writer *writer);

/* Index, end mark, sync, close; the handle is gone whatever it returns. NULL is fine. */
int recording_finish(struct recording_writer *writer, struct problem *why);

/* Closes without index and end mark, as if the program had died here. */
void recording_abandon(struct recording_writer *writer);

struct recording;

/* Opens and checks the header record. A file that is empty, not ours, or of a newer major version
 * is PROBLEM_REFUSED; a torn tail or damage inside is not (see the summary). */
struct recording *recording_open(const char *path, struct problem *why);
void recording_close(struct recording *recording);

/* The header's JSON (NUL-terminated) and the calibration file's bytes (NULL when there is none);
 * both live as long as the handle.
 * NULL also when both copies are damaged: the summary tells. */
const char *recording_header(const struct recording *recording);
const void *recording_calibration(const struct recording *recording, size_t *n);

struct recording_item {
    struct wire_message message; /* payload valid until the next call */
    const uint8_t *bytes;        /* the whole message as stored */
    size_t size;
    uint64_t offset;              /* in the file */
    uint64_t host_time_us;        /* 0 when the file does not tell */
    enum sequence_verdict repeat; /* of a FRAME or FRAME_F32: new, late or a repeat */
};

/* The next message after header and calibration, damage skipped and counted: 1, or 0 at the end,
 * or -1 (read error). REC_ARRIVAL, REC_INDEX and REC_END are consumed inside. */
int recording_next(struct recording *recording, struct recording_item *item, struct problem *why);
void recording_rewind(struct recording *recording);

/* Goes to the last FRAME in the index at or before device time `time_us` (the first one when none
 * is), so that recording_next gives it next. Uses the index in the file when it is there and holds,
 * else reads the file once to rebuild it. The summary then no longer speaks of the whole file;
 * rewind begins anew. */
int recording_seek(struct recording *recording, uint64_t time_us, struct problem *why);

/* Whether the end mark stands at its end, by its last bytes alone: 1; 0 when whoever wrote it died
 * or writes still; -1 (read error). Then as after recording_rewind. */
int recording_is_closed(struct recording *recording, struct problem *why);

struct recording_summary {
    struct sequence_book frames;               /* delivered, lost, bad, repeats */
    uint64_t messages;                         /* given by recording_next */
    uint64_t bytes;                            /* read so far */
    uint64_t damaged_bytes, damaged_places;    /* in the file, the torn tail not among them */
    uint64_t torn_tail_bytes;                  /* at the end of a file that was not closed */
    uint64_t missing_messages, missing_frames; /* the end mark states them, the file lacks them */
    uint64_t wire_damaged_bytes; /* REC_DAMAGE: damaged before they reached the file */
    uint64_t wire_damaged_places;
    uint64_t first_time_us, last_time_us; /* device time of the first and last FRAME */
    int closed_cleanly;                   /* the last thing in the file is its end mark */
    int index_matches;                    /* 1, 0, or -1 when there is none */
    int calibration_damaged;              /* a copy was written and cannot be had whole */
};

/* What has been read so far; after recording_next gave 0, of the whole file. */
void recording_summary(const struct recording *recording, struct recording_summary *summary);

#endif
