/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts to kPa over time: the curve of each cell, and what the cell remembers taken off.
 *
 * A held load reads more and more (creep), a falling one more than a rising one (hysteresis), a
 * warm plate otherwise than a cold one. Where the calibration holds terms for these they are taken
 * off by a causal filter: what it says of a frame depends on this and earlier frames only, so that
 * it runs live and on recordings with the same result. Without such terms it is calibration_apply.
 * State: a few floats a cell. One thread a handle; the calibration is borrowed and outlives it. */
#ifndef TENDERFOOT_CALIB_FILTER_H
#define TENDERFOOT_CALIB_FILTER_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct calibration_filter;

struct calibration_filter *calibration_filter_make(const struct calibration *calibration,
                                                   struct problem *why);
void calibration_filter_free(struct calibration_filter *filter);

/* Forgets what was: a tare, or another recording. */
void calibration_filter_reset(struct calibration_filter *filter);

/* kpa[i] of counts[i] for all cells at a device time (us; it may only grow, a gap is time too).
 * temperature_c: NaN = not known, then the last one known, else the calibration's own. No
 * allocation; bare cells cost next to nothing. */
void calibration_filter_apply(struct calibration_filter *filter, uint64_t time_us,
                              double temperature_c, const uint16_t *counts, float *kpa);

#endif
