/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sway_many.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MOST_THREADS 256

/* What the threads share: each takes the next trial until there is none. */
struct crowd {
    const struct cop_series *trials;
    const struct sway_options *options;
    struct sway_result *out;
    struct problem *why;
    size_t n;
    atomic_size_t next, failed;
    pthread_mutex_t planner;
};

static void *work_off(void *shared)
{
    struct crowd *crowd = shared;
    struct problem no_work = {0};
    struct sway_work *work = sway_work_make(&no_work);
    sway_work_share(work, &crowd->planner);
    for (size_t i; (i = atomic_fetch_add(&crowd->next, 1)) < crowd->n;) {
        struct problem *why = &crowd->why[i];
        *why = (struct problem){0};
        if (!work)
            *why = no_work;
        if (!work || sway_measure(work, &crowd->trials[i], crowd->options, &crowd->out[i], why))
            atomic_fetch_add(&crowd->failed, 1);
    }
    sway_work_free(work);
    return NULL;
}

size_t sway_measure_many(const struct cop_series *trials, size_t n,
                         const struct sway_options *options, int threads, struct sway_result *out,
                         struct problem *why)
{
    struct crowd crowd = {.trials = trials, .options = options, .out = out, .why = why, .n = n};
    pthread_t helpers[MOST_THREADS];
    long many = threads > 0 ? threads : sysconf(_SC_NPROCESSORS_ONLN), started = 0;
    pthread_mutex_init(&crowd.planner, NULL);
    many = many > MOST_THREADS ? MOST_THREADS : many;
    /* This thread works too; helpers that cannot be had are done without. */
    while (started + 1 < many && (size_t)started + 1 < n &&
           !pthread_create(&helpers[started], NULL, work_off, &crowd))
        started++;
    work_off(&crowd);
    while (started > 0)
        pthread_join(helpers[--started], NULL);
    pthread_mutex_destroy(&crowd.planner);
    return crowd.failed;
}
