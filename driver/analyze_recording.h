/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording in, a result out: reads, calibrates and analyses a `.tfr` file. One thread a call. */
#ifndef TENDERFOOT_DRIVER_ANALYZE_RECORDING_H
#define TENDERFOOT_DRIVER_ANALYZE_RECORDING_H

#include "analysis/analyzer.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Contact threshold 5 kPa, minimum force 20 N, the built-in atlas, the recording's own protocol. */
struct analyzer_options analyze_defaults(void);

/* NULL and *why when the file is refused or cannot be read. result_free frees the result. */
struct result *analyze_recording(const char *path, const struct analyzer_options *options,
                                 struct problem *why);

/* The same with another calibration than the recording's copy; NULL = the recording's. */
struct result *analyze_recording_with(const char *path, const char *calibration_path,
                                      const struct analyzer_options *options, struct problem *why);

/* The same with earlier recordings of the person, whose presses count too; each is analysed with
 * its own calibration and the same options. What cannot be compared is refused with a reason. */
struct result *analyze_recording_after(const char *path, const char *calibration_path,
                                       const struct analyzer_options *options,
                                       const char *const *earlier, int n_earlier,
                                       struct problem *why);

#endif
