/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same curve fitted to each healthy cell of a plate, on several threads. */
#ifndef TENDERFOOT_CALIB_FIT_PLATE_H
#define TENDERFOOT_CALIB_FIT_PLATE_H

#include "calib/fit_data.h"

struct fit_plate {
    struct fit_model model;
    double *coefficients[CURVE_COEFFICIENTS_MAX]; /* cells each; the rest NULL; 0 = not fitted */
    float *residual_percent; /* cells: RMS over the holds, weighed by (3 % / tolerance)^2; NaN = not
                                fitted */
};

/* Fits data->felt of the holds of the curve. -1 (refused) when the plate's median cell has too few
 * holds, or memory is short. */
int fit_plate_make(struct fit_plate *plate, const struct fit_data *data, const struct curve *curve,
                   int threads, struct problem *why);
void fit_plate_free(struct fit_plate *plate);

/* One cell's coefficients. */
void fit_plate_cell(const struct fit_plate *plate, size_t cell, double coefficients[]);

/* What a cell reads, kPa, before what it remembers is taken off; never below 0. */
double fit_plate_read(const struct fit_plate *plate, size_t cell, double count);

#endif
