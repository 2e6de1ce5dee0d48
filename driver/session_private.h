/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a session: session.c talks with the plate, session_store.c keeps what it says. */
#ifndef TENDERFOOT_DRIVER_SESSION_PRIVATE_H
#define TENDERFOOT_DRIVER_SESSION_PRIVATE_H

#include "driver/clock.h"
#include "driver/host_link.h"
#include "driver/live_numbers.h"
#include "driver/recording_behind.h"
#include "driver/session.h"

enum { EARLY_MAX = 512 * 1024 }; /* a tare of 256 x 256 cells, and more */

struct session {
    const struct session_options *options;
    struct session_result *result;
    struct host_link *link;
    int stop_fd; /* the options', or -1 once it has done its work */

    struct wire_hello hello; /* the newest */
    uint8_t hello_bytes[WIRE_HEADER_SIZE + 1024];
    size_t n_hello;
    uint64_t hello_host_us;

    struct calibration *calibration; /* NULL = nominal */
    void *calibration_bytes;
    size_t n_calibration;
    struct live_numbers *live;

    struct recording_behind *writer; /* NULL until the plate has started */
    int is_full;                     /* the seconds are over: nothing more is kept */

    /* What came before there was a file and belongs in it: annotations, events, logs, what the tare
     * found. Each is its host time (8 bytes), its size (4 bytes), its bytes. */
    uint8_t *early;
    size_t n_early;

    struct device_clock clock;
    int has_frame, is_first_of_boot;
    int plate_annotates;     /* the plate itself plays the operator (virtual) */
    int has_met;             /* there is a leader, and he goes along with this plate */
    int visit_is_over;       /* an annotation said step "end" */
    uint64_t last_device_us; /* of the newest frame */
    uint64_t elapsed_us;     /* from the first frame to it, restarts left out */
    size_t next_note;

    uint64_t frame_host_us; /* arrival of the last frame, or when frames were asked for */
    uint64_t woken_us;      /* when the plate was last asked to go on */
    uint64_t nudged_us;     /* when its transport last tried what may help */
    int is_idle;            /* it says that it does not stream ... */
    int has_rebooted;       /* ... or that it has restarted: it is to be woken either way */
    uint64_t progress_us;   /* when progress is due next */

    /* A plate that has left: from then until its first frame after that. */
    int is_away;
    uint64_t away_us, back_by_us;   /* since when, and until when it is waited for */
    uint64_t last_frame_us;         /* arrival of the last frame, or the beginning of the file */
    struct problem left, hindrance; /* how it left; what stood in the way last */
};

/* Whether a header can be made of the plate and the options: better told before the tare. */
int session_check_header(const struct session *session, struct problem *why);

/* Opens the file with its header and puts into it what came early. `rate_hz` is what runs. */
int session_store_begin(struct session *session, unsigned rate_hz, struct problem *why);

/* One item from the link: kept, counted, and understood as far as the session needs it. -1: the
 * file cannot be written, or it is another plate. */
int session_take(struct session *session, const struct host_link_item *item, struct problem *why);

/* Nothing came for a while: syncs the file, shows progress. */
int session_idle(struct session *session, struct problem *why);

/* session_rejoin.c: the plate has left as `left` says. 1 = it is back and asked to go on; 0 = the
 * user has stopped; -1 = it is not back in time, or must not go on. */
int session_await_plate(struct session *session, const struct problem *left, struct problem *why);

/* Asks the plate to stream at the rate and with the flags of this recording. */
int session_start(struct session *session, struct problem *why);

/* Ends the file (if there is one) and fills in the result. */
int session_store_end(struct session *session, struct problem *why);

#endif
