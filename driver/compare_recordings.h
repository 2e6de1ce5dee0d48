/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two recordings read, analysed and compared (analysis/change/comparison.h): what the verb and the
 * station's API share. A recording in which nobody stood still has its other numbers all the same.
 * One thread a call; one handle, one thread. */
#ifndef TENDERFOOT_DRIVER_COMPARE_RECORDINGS_H
#define TENDERFOOT_DRIVER_COMPARE_RECORDINGS_H

#include "analysis/change/comparison.h"
#include "analysis/sway/sway.h"

#include <pthread.h>

#define COMPARE_REPEATS_MOST 64

/* The numbers of one analysed recording, each with its standard error. 0, or -1 and *why. */
int visit_of_result(const struct result *result, const struct sway_options *how,
                    struct visit *visit, struct problem *why);

struct compare_options {
    const char *before, *after; /* files */
    const char *const *repeats; /* further recordings in the state before */
    size_t n_repeats;           /* at most COMPARE_REPEATS_MOST */
    double threshold_kpa;       /* contact, of all; NAN = as analyze has it */
    struct sway_options sway;
    /* Held while one recording is analysed and let go between two of them; NULL = none. */
    pthread_mutex_t *turn;
};

struct compared {
    struct result *before, *after; /* owned */
    struct comparison comparison;
};

/* NULL and *why; the caller's (compared_free). */
struct compared *compare_recordings(const struct compare_options *options, struct problem *why);
void compared_free(struct compared *compared); /* NULL is fine */

#endif
