/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `tenderfoot calibrate` prints as JSON: "tenderfoot/calibrate/1" (calib/README.md). */
#ifndef TENDERFOOT_DRIVER_CLI_CALIBRATE_WORDS_H
#define TENDERFOOT_DRIVER_CLI_CALIBRATE_WORDS_H

#include "calib/bench.h"

#include <jansson.h>

/* NULL: no memory, or a name that is not UTF-8. `path` is the calibration file's. */
json_t *calibrate_json(const struct bench_fit *fit, const char *path);

/* KEY: value, or null with KEY_reason where the number is NaN. */
void calibrate_put(json_t *object, const char *key, double value, const char *reason);

#endif
