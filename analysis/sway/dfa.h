/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detrended fluctuation analysis. Source: Peng et al. 1994, Phys Rev E 49:1685: running sum of the
 * position less its mean, a line taken off each window, windows of 8 to n / 4 samples in 18 steps
 * of equal ratio, side by side from the start; alpha is the slope of ln F on ln window. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_DFA_H
#define TENDERFOOT_ANALYSIS_SWAY_DFA_H

#include <stddef.h>

/* x less its mean; scratch holds n doubles. NaN when n < 36 or nothing moves. */
double dfa_alpha(const double *x, size_t n, double *scratch);

#endif
