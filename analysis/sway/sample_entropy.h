/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample entropy. Source: Richman & Moorman 2000, Am J Physiol 278:H2039: m = 2, r = 0.2 SD (1/n),
 * n - m templates of both lengths, Chebyshev distance <= r, no match with itself. It depends on the
 * sampling rate: never without it. Costs grow with n squared: 6000 samples take 2 ms, 100000 some 3
 * s. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SAMPLE_ENTROPY_H
#define TENDERFOOT_ANALYSIS_SWAY_SAMPLE_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

struct sample_entropy {
    double entropy; /* ln(b / a); NaN when either is 0 */
    uint64_t a, b;  /* ordered pairs that match over 3 and over 2 samples */
    double r_mm;
};

/* x less its mean; scratch holds 6 n doubles. Nothing is counted when nothing moves. */
void sample_entropy(const double *x, size_t n, double *scratch, struct sample_entropy *out);

#endif
