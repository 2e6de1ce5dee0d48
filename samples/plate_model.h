/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plate: what its cells and its converter make of the pressure that lies on them.
 *
 * In this order, each defect with the size that the subject file states:
 *   creep       the reading grows by a share per factor 10 of time (exponentials of 0.3, 3, 30 and
 *               300 s, one per decade, each with that share)
 *   hysteresis  on the way down from a peak m a reading p is higher by h 4 p (m - p) / m, so by
 *               h m at half of the peak; the peak is forgotten when the cell is bare
 *   crosstalk   each of the four neighbours in row and column gets a share
 *   curve       count = largest (p gain / full scale)^(1/exponent), the gain being the cell's own
 *   offset      of each cell, and white noise (normal) per scan
 *   converter   rounding, 0 and the largest count are the ends; a dead cell says 0
 * Gains, offsets and dead cells belong to the serial number; the noise to the run's seed. Time may
 * only grow. One thread a handle. */
#ifndef TENDERFOOT_SAMPLES_PLATE_MODEL_H
#define TENDERFOOT_SAMPLES_PLATE_MODEL_H

#include "samples/subject.h"

struct plate_model;

struct plate_model *plate_model_create(const struct plate_setting *plate, uint64_t seed,
                                       struct problem *why);
void plate_model_free(struct plate_model *model);

/* Counts of all cells at a time; `kpa` is the true mean pressure on each cell and is used up. */
void plate_model_scan(struct plate_model *model, uint64_t time_us, float *kpa, uint16_t *counts);

double plate_model_gain(const struct plate_model *model, size_t cell); /* 1 = as stated */
int plate_model_is_dead(const struct plate_model *model, size_t cell);

#endif
