/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts to kPa over time: the curve of each cell, and what the cell remembers taken off.
 *
 * A held load reads more and more (creep), a falling one more than a rising one (hysteresis), a
 * warm plate otherwise than a cold one. Where the calibration holds terms for these they are taken
 * off by the inverse of the model in calib/dynamics.h, cell by cell: a causal filter, what it says
 * of a frame depends on this and earlier frames only, so that it runs live and on recordings with
 * the same result. Without such terms it is calibration_apply. It begins as if no cell had been
 * loaded before. State: 48 bytes a cell and 16 for each block of 32, rounded up to whole blocks and
 * one more; none without terms but that one. What it gives is never below 0 and, at the reference
 * temperature, never above what the curve reads, whatever the counts and times are. One thread a
 * handle; the calibration is borrowed and outlives it. */
#ifndef TENDERFOOT_CALIB_FILTER_H
#define TENDERFOOT_CALIB_FILTER_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct calibration_filter;

struct calibration_filter *calibration_filter_make(const struct calibration *calibration,
                                                   struct problem *why);
void calibration_filter_free(struct calibration_filter *filter);

/* Forgets what was, the last temperature too: a tare, or another reading of the recording. */
void calibration_filter_reset(struct calibration_filter *filter);

/* kpa[i] of counts[i] for all cells at a device time (us; a gap is time too; a frame that comes
 * late, up to 10 s before the newest one, counts as of the same time as that; a time further back
 * is a new clock). temperature_c: NaN (or beyond -40 to 125) = not known, then the last one known,
 * else the calibration's own. No allocation; cells that are and were bare cost next to nothing. */
void calibration_filter_apply(struct calibration_filter *filter, uint64_t time_us,
                              double temperature_c, const uint16_t *counts, float *kpa);

#endif
