/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording of the inbox that its station was making when it died, and how the next one goes on
 * with it. While a recording is wanted a mark lies beside it (".NAME.wanted"): it is taken away
 * when the recording is over, or commanded to be stopped or discarded. So a mark that a station
 * finds at its start is of a recording that was still wanted. A mark names nobody: whose the
 * recording is, its protocol and what was noted of it, its file tells. Any thread. */
#ifndef TENDERFOOT_DRIVER_DAEMON_BROKEN_OFF_H
#define TENDERFOOT_DRIVER_DAEMON_BROKEN_OFF_H

#include "driver/notes.h"
#include "driver/recording_header.h"

#include <stdint.h>

/* Whoever stood there has stepped off, or moved, after so long. */
#define BROKEN_OFF_FRESH_S 60.0

struct broken_off {
    char name[65];
    struct recording_header header;
    double seconds_left;         /* 0 = until stopped */
    int segment;                 /* its own number: 1, or that of what it went on with, and one */
    uint32_t boot_id, last_scan; /* of the plate, when it sent the last frame */
    uint64_t last_frame_us;      /* arrival, host_clock_us */
    struct notes notes;          /* what was found on the soles by hand */
};

/* seconds: as commanded, 0 = until stopped. A mark that cannot be written is none: the recording is
 * then not gone on with. */
void broken_off_mark(const char *folder, const char *name, double seconds);
void broken_off_unmark(const char *folder, const char *name);

/* Names that are marked, at most `max`; how many. */
int broken_off_names(const char *folder, char names[][65], int max);

/* Reads a marked recording through. 0, or -1 and *why: it is not to be gone on with (it is closed,
 * holds no frame, is nearly over, too old, or of before the computer's start). Freed either way. */
int broken_off_read(const char *folder, const char *name, struct broken_off *found,
                    struct problem *why);
void broken_off_free(struct broken_off *found);

/* Since its last frame. */
double broken_off_age_s(const struct broken_off *found);

#endif
