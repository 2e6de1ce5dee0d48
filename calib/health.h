/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cells of a plate are to be believed.
 *
 * A cell's answer is the median over the holds of ln(its count / that of the plate's median cell),
 * its departure that answer less the median answer around it (9 x 9 cells); the spread of the
 * departures over the plate is 1.4826 x their median absolute value, at least 2 %.
 *   dead     answers with less than 5 % of what it should
 *   stuck    the same, and its zero lies far from the others', or the tare masked it
 *   shorted  over 85 % of the range at the least pressure; or more than 1.25 times and 1.5 spreads
 *            over what it should, with the same counts in every hold as a neighbour (both answer
 *            to the sum); or more than 1.5 times and 8 spreads over it
 *   weak     less than 0.45 times and 5 spreads under what it should; or its level changes by more
 *            than 3 % and 4 times the plate's usual from loading to loading; or no curve fits it;
 *            or its residual is over 10 % and ten times the usual
 * The limits are wide on purpose: a healthy cell that is condemned is lost for good, and a cell
 * that only reads with another gain is what a calibration is for. */
#ifndef TENDERFOOT_CALIB_HEALTH_H
#define TENDERFOOT_CALIB_HEALTH_H

#include "calib/fit_data.h"

/* By the answers alone, before any curve: sets data->health. */
int health_by_answer(struct fit_data *data, struct problem *why);

/* By the fitted curves: coefficients[k][cell]; residual_percent[cell] NaN where no curve fits. Adds
 * to data->health. */
int health_by_curve(struct fit_data *data, const struct fit_model *model,
                    const double *const coefficients[], const float *residual_percent,
                    struct problem *why);

#endif
