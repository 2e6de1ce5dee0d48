/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard error of the mean of a number that remembers: frames of a stand are no independent
 * draws. se^2 = (R(0) + 2 sum over k < b of (1 - k/b) R(k)) / (n - b), R the autocovariance about
 * the mean of these values, b twice the block length of analysis/sway/block_length.h. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_MEAN_ERROR_H
#define TENDERFOOT_ANALYSIS_CHANGE_MEAN_ERROR_H

#include <stddef.h>

/* NAN with fewer than 16 values. x is left less its mean. */
double mean_error(double *x, size_t n);

#endif
