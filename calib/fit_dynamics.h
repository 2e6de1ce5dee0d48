/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the plate's cells do besides their curve (calib/dynamics.h), found plate-wide on the median
 * cell, each term kept only where cross-validation shows a gain:
 *   creep        terms of 0.3, 3, 30 and 300 s (up to the length of the held load), shares by
 *                non-negative least squares of the held load's course; judged by the other half of
 *                its moments, and by the error of the curves (fit_cross.h) not getting worse
 *   hysteresis   the h of least error of the median cell; judged by the error of the curves
 *   temperature  gain per degree from the warm holds; judged by leaving each of them out */
#ifndef TENDERFOOT_CALIB_FIT_DYNAMICS_H
#define TENDERFOOT_CALIB_FIT_DYNAMICS_H

#include "calib/fit_data.h"

/* Betters *dynamics (n_creep 0, hysteresis 0 at first: the held load is read with the curve that
 * knows of what was found before, so a second call is worth while) and leaves data->felt by it.
 * *error and *plain_error: of the curves left out, with and without dynamics, per cent. -1 when
 * memory is short. */
int fit_dynamics_find(struct fit_data *data, const struct curve *curve, struct fit_work *work,
                      struct calibration_dynamics *dynamics, double *error, double *plain_error,
                      struct problem *why);

/* Per cent of its reading at 1 s by which the median cell's reading of the held loads grows per
 * factor 10 of time; NaN without a held load. -1 when memory is short. */
int fit_dynamics_creep_rate(const struct fit_data *data, const struct fit_model *model,
                            double *percent_per_decade, struct problem *why);

#endif
