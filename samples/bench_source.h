/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stage of a virtual bench as a scan source, that is its own operator: it says by annotations
 * what it lays on the plate, as calib/bench.h reads them.
 *
 * The same file, stage and seed give the same counts at the same times. The plate's cells and
 * faults belong to its serial number, noise and the contacts' little differences to the seed. */
#ifndef TENDERFOOT_SAMPLES_BENCH_SOURCE_H
#define TENDERFOOT_SAMPLES_BENCH_SOURCE_H

#include "samples/bench.h"
#include "samples/scan_source.h"

/* `stage`: an enum bench_stage or BENCH_STAND. The script is copied. Refuses a stage that the file
 * does not have. NULL and *why; else close it by its own close. */
struct scan_source *bench_source_create(const struct bench_script *script, int stage, uint64_t seed,
                                        struct problem *why);

/* FILE#STAGE. */
struct scan_source *bench_source_open(const char *address, uint64_t seed, struct problem *why);

/* Whether an address names a stage of a bench: "#" and a stage's name at its end. */
int bench_source_is_named(const char *address);

/* The truth, only for a source made here: the mean pressure on each cell at a time
 * (kpa[rows * cols] is overwritten). */
void bench_source_pressure(const struct scan_source *source, uint64_t time_us, float *kpa);

#endif
