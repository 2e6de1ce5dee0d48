/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A centre of pressure from a text table: a header line, then one sample a line, columns parted by
 * comma, semicolon or tab. Lines that are empty or begin with '#' are passed over; a sample with an
 * empty cell, NaN or NA is left out (and the times are then irregular). */
#ifndef TENDERFOOT_DRIVER_IMPORT_COP_CSV_H
#define TENDERFOOT_DRIVER_IMPORT_COP_CSV_H

#include "analysis/sway/cop_series.h"

#include <stdio.h>

#define COP_CSV_NAME 64

/* Which columns: by the header's names, or by number from 1. Empty names stand for time_s, ml_mm
 * and ap_mm. */
struct cop_csv_layout {
    char time[COP_CSV_NAME], ml[COP_CSV_NAME], ap[COP_CSV_NAME];
    double mm_per_unit; /* 0: told by the names' ends _mm, _cm or _m; mm where they have none */
};

/* "mm", "cm" or "m" to mm per unit; 0 for another word. */
double cop_csv_unit(const char *name);
const char *cop_csv_unit_name(double mm_per_unit);

/* From `in`, called `name` in messages, into `out` (made here; the caller frees it): times from 0,
 * rate found, checked by cop_series_check. *mm_per_unit (if not NULL) tells what was taken. 0 or -1
 * with the line and what was expected there. */
int cop_csv_read(FILE *in, const char *name, const struct cop_csv_layout *layout,
                 struct cop_series *out, double *mm_per_unit, struct problem *why);

#endif
