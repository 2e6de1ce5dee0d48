/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long the blocks of a stationary bootstrap should be.
 * Source: Politis & White 2004, Econometric Rev 23:53, corrected by Patton, Politis & White 2009,
 * 28:372: b = (2 G^2 / D)^(1/3) n^(1/3), G = sum L(k/M) |k| R(k), D = 2 (sum L(k/M) R(k))^2 over
 * |k| <= M, R the autocovariance, L flat to 1/2 and falling to 0 at 1, M twice the first lag after
 * which the correlation stays within 2 sqrt(log10(n) / n). */
#ifndef TENDERFOOT_ANALYSIS_SWAY_BLOCK_LENGTH_H
#define TENDERFOOT_ANALYSIS_SWAY_BLOCK_LENGTH_H

#include <stddef.h>

/* In samples of x, at least 1, at most 3 sqrt(n) or a third of n; 1 where nothing moves. x is left
 * less its mean. */
double block_length(double *x, size_t n);

#endif
