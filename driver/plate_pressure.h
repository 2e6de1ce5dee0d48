/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tared counts of a plate's frames to kPa, as they come: calib/filter.h, told by the plate's own
 * messages how warm it is and when to begin anew (a restart, another tare). Recordings and live
 * numbers both go through this, so that they say the same. One thread a handle. */
#ifndef TENDERFOOT_DRIVER_PLATE_PRESSURE_H
#define TENDERFOOT_DRIVER_PLATE_PRESSURE_H

#include "calib/calibration.h"
#include "firmware/wire/problem.h"
#include "firmware/wire/wire.h"

#include <stdint.h>

struct plate_pressure;

/* The calibration is borrowed. NULL: no memory. */
struct plate_pressure *plate_pressure_create(const struct calibration *calibration,
                                             struct problem *why);
void plate_pressure_free(struct plate_pressure *pressure);

/* As if nothing had come yet: another reading of the recording. */
void plate_pressure_forget(struct plate_pressure *pressure);

/* To be shown each message of the plate but FRAMEs, in order: HELLO and STATUS for temperature and
 * restart, ZERO for a tare. */
void plate_pressure_watch(struct plate_pressure *pressure, const struct wire_message *message);

/* kPa of one frame's counts; time_us is the message's own device time. */
void plate_pressure_apply(struct plate_pressure *pressure, uint64_t time_us, const uint16_t *counts,
                          float *kpa);

#endif
