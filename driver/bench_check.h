/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Stand still, 80.0 kg": whether a calibration still holds, by one stand of a person whose mass a
 * scale has told.
 *
 * The stand is the longest stretch with more than half of that weight on the plate, less 3 s at its
 * beginning and 1 s at its end. Its mean force is held against mass x 9.80665 m/s2; its slope over
 * the logarithm of the time since it began is the creep per decade; what the bare plate reads
 * before and, from 5 s after stepping off on, afterwards is the drift of the zero. One thread. */
#ifndef TENDERFOOT_DRIVER_BENCH_CHECK_H
#define TENDERFOOT_DRIVER_BENCH_CHECK_H

#include "firmware/wire/problem.h"

/* Of the scale's weight; the zero's drift within a third of it. After stepping off the zero is not
 * looked at for a while, because creep goes back. A stand shorter than this, ends cut, is none. */
#define BENCH_CHECK_WITHIN_PERCENT 3.0
#define BENCH_CHECK_REST_S 5.0
#define BENCH_CHECK_LEAST_S 8.0

struct bench_check {
    double wanted_n, force_n, error_percent; /* error = force / wanted - 1 */
    double seconds;                          /* of the stand that counted */
    double sd_percent;                       /* of the force over the stand */
    double creep_percent_per_decade;
    double bare_before_n, bare_after_n, zero_drift_n; /* NAN where the plate was never bare */
    char calibration_id[64], calibration_date[32];
    int weight_holds, zero_holds, holds; /* holds = both */
};

/* `calibration` NULL = the recording's own copy. Refuses one without any, and a recording in which
 * nobody of about this weight stands long enough. */
int bench_check_file(const char *path, const char *calibration, double kg,
                     struct bench_check *check, struct problem *why);

#endif
