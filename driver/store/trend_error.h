/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error bars of a trend. A session's own interval says what chance did within it; how
 * differently a person stands each time only repeats tell: sessions of one protocol and condition,
 * on one plate with one calibration, on one day of the place. Their SD, pooled over the days, is in
 * analysis/change/measuring_error.h. The wider of the two is the bar. A recording does not say what
 * was on the feet: who repeats with and without shoes on one day gets a wider bar. */
#ifndef TENDERFOOT_DRIVER_STORE_TREND_ERROR_H
#define TENDERFOOT_DRIVER_STORE_TREND_ERROR_H

#include "firmware/wire/problem.h"

#include <jansson.h>

/* Of points in their order of time (`started_utc`, `protocol`, `condition`, `side`, `value`, `low`,
 * `high`, `plate_serial`, `calibration_id`): widens `low` and `high`, and sets `error_from`:
 * "repeats", "session" or null. Gives what repeats tell (`protocol`, `condition`, `side`,
 * `sd_within`, `mdc95`, `degrees_of_freedom`, `days`), [] where there are none; NULL without
 * memory. */
json_t *trend_errors(json_t *points, struct problem *why);

/* Of points that have no repeats: only `error_from`. 0 or -1. */
int trend_errors_own(json_t *points);

#endif
