/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error budget of a fitted plate: what is left after curves and compensation.
 *
 * A cell's pressure in a hold is what its curve reads over what the dynamics say that it felt more
 * than the truth. Per cent are of reading, RMS over the healthy cells and the holds of 20 kPa and
 * more; kPa are RMS over all holds.
 *   accuracy       read - true of rested cells (no larger pressure before in the recording), and
 * the reference's own accuracy (added in squares) repeatability  standard deviation over the cycles
 * at the same pressure in the same direction hysteresis     falling - rising at the same pressure
 * in the same cycle creep          standard deviation along a held load, from 1 s on crosstalk what
 * bare cells just beyond the known edge of a mass read, per cent of the mean pressure inside force
 * RMS of (read - true) / true over the masses; cop: RMS distance of the centre of pressure from the
 * mass's known middle NaN = not measured. */
#ifndef TENDERFOOT_CALIB_FIT_BUDGET_H
#define TENDERFOOT_CALIB_FIT_BUDGET_H

#include "calib/fit_plate.h"

#define FIT_GRAVITY 9.80665 /* m/s2, standard */

#define FIT_STUD_LEAST 0.1 /* factors that a calibration's file takes; others are left out */
#define FIT_STUD_MOST 10.0

struct fit_loads {
    struct calibration_budget budget;
    double cop_error_mm;
    int n_masses, n_masses_on_faulty, n_studs, n_studs_odd;
    struct calibration_stud studs[CALIBRATION_STUDS_MAX];
};

/* -1 when memory is short. */
int fit_budget(const struct fit_data *data, const struct fit_plate *plate,
               const struct calibration_dynamics *dynamics, struct fit_loads *loads,
               struct problem *why);

#endif
