/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path of a centre of pressure: what all sway numbers are made of.
 *
 * ML grows to the person's right, AP to the front, both mm in any frame that does not turn. Times
 * are seconds from the first sample. Threads: no shared state. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_COP_SERIES_H
#define TENDERFOOT_ANALYSIS_SWAY_COP_SERIES_H

#include "firmware/wire/problem.h"

#include <stddef.h>

#define COP_SERIES_LEAST 32               /* fewer samples say nothing about sway */
#define COP_SERIES_MOST ((size_t)1 << 22) /* more than eleven hours at 100 Hz */

struct cop_series {
    size_t n;
    double rate_hz;                  /* 0: the times are irregular, the pipeline must resample */
    double *time_s, *ml_mm, *ap_mm;  /* n each, the series' own */
    double *force_ml_n, *force_ap_n; /* horizontal forces, n each; both NULL where not measured */
};

/* Room for n samples, all zero. 0 or -1. */
int cop_series_make(struct cop_series *series, size_t n, struct problem *why);
/* Room for the horizontal forces too. 0 or -1. */
int cop_series_make_forces(struct cop_series *series, struct problem *why);
void cop_series_free(struct cop_series *series);

/* Samples first ... first + n - 1 into `out` (made here; the caller frees it), times from 0, rate
 * as it was. 0 or -1. */
int cop_series_part(const struct cop_series *series, size_t first, size_t n, struct cop_series *out,
                    struct problem *why);

/* Counts time_s from the first sample and finds rate_hz: (n - 1) / duration when no time is further
 * than a tenth of a sample from where that rate puts it, else 0. `time_step_s` is the last digit to
 * which the times were written (0.01 for "12.34"): a whole number of Hz which explains every time
 * within half of it is taken instead, so that rounded times do not bend the rate. */
void cop_series_find_rate(struct cop_series *series, double time_step_s);

/* -1 when samples are too few or too many, a number is not finite, or time does not grow; the
 * sentence names the first bad sample. */
int cop_series_check(const struct cop_series *series, struct problem *why);

#endif
