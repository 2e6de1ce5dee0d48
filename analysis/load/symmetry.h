/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Left against right: the modified symmetry index, (L - R) / (L + R) x 100 %, signed: more than 0
 * means that the left is larger.
 *
 * What the plate's own error lets it be when both sides are alike: each of L and R is taken to be
 * off by its error (RMS, % of reading) on its own, so that with 95 % certainty the index of two
 * equal feet stays within
 *   1.96 x error x 2 L R sqrt(2) / (L + R)^2.
 * Beyond it the sides differ by more than the plate's measuring error; whether by more than people
 * do is another question. Pure function; any thread. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_SYMMETRY_H
#define TENDERFOOT_ANALYSIS_LOAD_SYMMETRY_H

struct symmetry {
    double index_percent; /* NAN when both are 0 or one is not known */
    double error_percent; /* as above; NAN when the plate's error is not known */
    int is_beyond_error;  /* meaningful when both are numbers */
};

/* left, right >= 0; plate_error_percent: of reading, 0 = not known. */
struct symmetry symmetry_index(double left, double right, double plate_error_percent);

#endif
