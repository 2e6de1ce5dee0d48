/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same recording with another calibration: every message byte for byte and in its order, only
 * the calibration's copy and the header's `calibration_id` are others. The original is only read.
 */
#ifndef TENDERFOOT_DRIVER_RECALIBRATE_RECORDING_H
#define TENDERFOOT_DRIVER_RECALIBRATE_RECORDING_H

#include "calib/calibration.h"
#include "driver/recording.h"

struct recalibration {
    char before_id[64], id[64], date[16];
    double pressure_error_percent, force_error_percent; /* as in calibration_facts */
    struct recording_summary original; /* of the whole file: damage in it is left out of the copy */
};

/* Reads `from`, takes the calibration file `calibration`, writes `to`, which must not exist and
 * appears only when it is whole. Refused: a recording in kPa, a calibration of another plate,
 * geometry or width of count. *facts are set when it returns 0. */
int recalibrate_recording(const char *from, const char *calibration, const char *to,
                          struct recalibration *facts, struct problem *why);

#endif
