/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtual bench played into a bench session in memory: tare, gate and annotations as a plate and
 * its recording would give them. For tests and benchmarks. */
#ifndef TENDERFOOT_TESTS_BENCH_RUNNER_H
#define TENDERFOOT_TESTS_BENCH_RUNNER_H

#include "calib/bench.h"
#include "samples/bench.h"
#include "samples/bench_source.h"

/* Tare of a plate: means of the first scans, floors of 4 standard deviations. */
struct bench_tare {
    uint16_t *zeros, *floors;
    size_t cells;
};
int bench_tare_make(struct bench_tare *tare, size_t cells);
void bench_tare_free(struct bench_tare *tare);
/* From n scans, dt_us apart, of the bare plate; returns the time after them. */
uint64_t bench_tare_take(struct bench_tare *tare, struct scan_source *source, int n, uint64_t dt_us,
                         uint16_t *counts);
/* Zero off, below the floor 0, masked 0: in place. */
void bench_tare_apply(const struct bench_tare *tare, uint16_t *counts);

/* Plays one stage; the note before each hold may be changed by `change` (NULL = none): it gets the
 * JSON and returns what is said instead, malloc'ed. */
typedef char *bench_note_change(void *context, const char *json);
int bench_run_stage(struct bench_session *session, const struct bench_script *script, int stage,
                    uint64_t seed, bench_note_change *change, void *context, struct problem *why);

/* A session of all stages that the script has, the person apart. NULL and *why. */
struct bench_session *bench_run(const struct bench_script *script, uint64_t seed,
                                bench_note_change *change, void *context, struct problem *why);

#endif
