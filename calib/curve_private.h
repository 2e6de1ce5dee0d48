/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between curve.c (the table) and the curves with a file of their own. */
#ifndef TENDERFOOT_CALIB_CURVE_PRIVATE_H
#define TENDERFOOT_CALIB_CURVE_PRIVATE_H

#include "calib/curve.h"

extern const struct curve curve_power, curve_saturating, curve_spline;

/* What is wrong with a curve that reads this at the largest count, or NULL. */
const char *curve_fault_at_top(double kpa);

#endif
