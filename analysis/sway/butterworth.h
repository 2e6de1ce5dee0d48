/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Butterworth low-pass by the bilinear transform with the cut prewarped, as transfer function.
 * Source: Oppenheim & Schafer, Discrete-Time Signal Processing, 7.1; agrees with scipy.signal
 * butter, lfilter_zi and filtfilt. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_BUTTERWORTH_H
#define TENDERFOOT_ANALYSIS_SWAY_BUTTERWORTH_H

#include <stddef.h>

#define BUTTERWORTH_MOST_ORDER 8

struct butterworth {
    int order;
    double b[BUTTERWORTH_MOST_ORDER + 1], a[BUTTERWORTH_MOST_ORDER + 1]; /* a[0] = 1 */
    double steady[BUTTERWORTH_MOST_ORDER]; /* the state in which a constant 1 passes unchanged */
};

/* order 1 to BUTTERWORTH_MOST_ORDER, 0 < cut_hz < rate_hz / 2 (the caller has checked). */
void butterworth_lowpass(struct butterworth *filter, int order, double cut_hz, double rate_hz);

/* Samples by which a signal is extended at each end: 3 (order + 1). */
size_t butterworth_padding(const struct butterworth *filter);

/* Forward and backward over x in place: no phase, the gain squared (-6 dB at the cut). Each end is
 * extended by the signal turned about its end point (odd), and each pass starts in the steady state
 * of its first sample. n > butterworth_padding; scratch holds n + 2 paddings. */
void butterworth_zero_phase(const struct butterworth *filter, double *x, size_t n, double *scratch);

#endif
