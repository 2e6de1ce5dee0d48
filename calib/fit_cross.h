/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error that a curve makes at holds which its fit has not seen.
 *
 * Left out in turn: each pressure but the lowest and the highest (in up to five groups), and each
 * cycle but the first (the only one of rested cells). For each, the plate's shared shape and the
 * cells' curves are fitted to the rest. The error is the RMS over the left-out holds of (read -
 * felt) / max(felt, 20 kPa), in per cent, median over up to 32 healthy cells spread over the
 * plate. */
#ifndef TENDERFOOT_CALIB_FIT_CROSS_H
#define TENDERFOOT_CALIB_FIT_CROSS_H

#include "calib/fit_data.h"

/* NaN when no cell could be judged (too few holds for this curve). */
double fit_cross_error(const struct fit_data *data, const struct curve *curve,
                       struct fit_work *work);

#endif
