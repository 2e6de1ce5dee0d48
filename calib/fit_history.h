/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cell with given dynamics (calib/dynamics.h) feels through a bench session: the true
 * pressure is known from the holds, so the forward model is run along them. Between holds of one
 * loading the pressure goes straight from one to the next; else the plate is bare in between. A
 * recording begins with a cell that remembers nothing. What lies on the plate without a known
 * pressure (masses, studs) counts as 100 kPa: only ratios are used. */
#ifndef TENDERFOOT_CALIB_FIT_HISTORY_H
#define TENDERFOOT_CALIB_FIT_HISTORY_H

#include "calib/fit_session.h"

/* ratio[h] = felt / true in the middle of hold h's tail; 1 without dynamics (NULL) and on an empty
 * plate. */
void fit_history(const struct bench_session *session, const struct calibration_dynamics *dynamics,
                 double *ratio);

/* The same at the moments of a creep hold's course (n_course). */
void fit_history_course(const struct bench_session *session,
                        const struct calibration_dynamics *dynamics, size_t hold, double *ratio);

#endif
