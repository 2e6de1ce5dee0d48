/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's plate from pressure to kPa: the plate's errors (samples/plate_model.h), tare and noise
 * gate as the firmware does them, and the calibration of that plate with its residual.
 *
 * Not the wire: frames in, frames out, as fast as it goes. One thread a handle. */
#ifndef TENDERFOOT_TESTS_COHORT_PLATE_H
#define TENDERFOOT_TESTS_COHORT_PLATE_H

#include "analysis/grid.h"
#include "firmware/wire/problem.h"
#include "samples/subject.h"

struct cohort_plate;

/* Tared empty at time 0 .. 0.5 s. */
struct cohort_plate *cohort_plate_begin(const struct plate_setting *setting, uint64_t seed,
                                        struct problem *why);
void cohort_plate_free(struct cohort_plate *plate);

struct grid cohort_plate_grid(const struct plate_setting *setting);

/* True mean pressure on each cell in, what the station is told out; time only grows. */
void cohort_plate_read(struct cohort_plate *plate, uint64_t time_us, float *kpa);

/* 1 for each cell that the calibration leaves out (malloc'ed), or NULL without memory. */
uint8_t *cohort_plate_masked(const struct cohort_plate *plate);

#endif
