/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds whose reference is wrong: a gauge misread, a tap not open. All cells then agree with each
 * other against it, so the plate's median cell tells: a hold is wrong when it departs from the
 * spline through the others by more than `limit`, five times the spread of all departures, and
 * three times its own tolerance. Sets is_wrong of the holds of the curve; returns how many, -1 when
 * memory is short. */
#ifndef TENDERFOOT_CALIB_FIT_WRONG_H
#define TENDERFOOT_CALIB_FIT_WRONG_H

#include "calib/fit_data.h"

int fit_wrong_find(struct fit_data *data, double limit, struct fit_work *work);

#endif
