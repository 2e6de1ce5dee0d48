/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings of a bench (one per stage) into a session of calib/bench.h: annotations, tared counts,
 * temperatures and the tare's zeros, as they are stored; and what can be said against a recording
 * before anything is fitted to it. One thread a feed. */
#ifndef TENDERFOOT_DRIVER_BENCH_FEED_H
#define TENDERFOOT_DRIVER_BENCH_FEED_H

#include "calib/bench.h"
#include "driver/recording_header.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

/* Zero-initialise before the first file. */
struct bench_feed {
    struct bench_session *session;  /* made by the first file; the feed's own */
    struct recording_header header; /* of that file */
    char newest_utc[32];            /* of the files' own dates */
    uint16_t *zeros, *floors;       /* of the newest tare; NULL = none was told */
    uint16_t *first_zeros;          /* of the first tare of the first file, NULL = none */
};

/* What one file is like. */
struct bench_feed_facts {
    int is_closed;   /* it has its end mark: nobody was killed over it */
    int is_complete; /* and it says itself that its stage was done */
    uint64_t frames, lost;
    uint64_t damaged_places;    /* in the file; what is whole is in the session */
    int restarts;               /* of the plate, inside it */
    size_t first_hold, n_holds; /* in the session */
    double bare_percent; /* largest share of the cells that read anything in a frame of the first
                            half second; NAN = a hold begins at once */
    double zero_shift_counts; /* median change of the zeros since the first file's; NAN = unknown */
};

/* Reads one recording into the session. Refuses what is no recording of counts, or of another plate
 * than the files before. *facts is filled as far as it went. */
int bench_feed_file(struct bench_feed *feed, const char *path, struct bench_feed_facts *facts,
                    struct problem *why);
void bench_feed_free(struct bench_feed *feed);

/* Refuses what no calibration should be made of: holds that did not settle, a plate that was not
 * empty before the first hold, a bladder whose readings do not follow what was said of its
 * pressure. `path` is for the message, which says what to do. */
int bench_feed_check(const struct bench_feed *feed, const char *path,
                     const struct bench_feed_facts *facts, struct problem *why);

#endif
