/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs of templates that match, counted by ranks: the inner part of sample_entropy for trials of
 * up to 65536 samples.
 *
 * Two samples are within r of one another exactly when the rank of one lies between two ranks that
 * belong to the other, so that 16 bits a sample are compared where the samples themselves take 64.
 * The count is that of the samples, to the last pair. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_RANK_MATCHES_H
#define TENDERFOOT_ANALYSIS_SWAY_RANK_MATCHES_H

#include <stddef.h>
#include <stdint.h>

#define RANK_MATCHES_MOST 65536

/* Unordered pairs of the n - 2 templates of x that are within r over two samples, and over three.
 */
struct rank_matches {
    uint64_t two, three;
};

/* 2 < n <= RANK_MATCHES_MOST, r > 0; scratch holds 4 n doubles. */
struct rank_matches rank_matches(const double *x, size_t n, double r, double *scratch);

#endif
