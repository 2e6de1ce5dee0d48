/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A centre of pressure from a text table: a header line, then one sample a line.
 *
 * Columns are parted by semicolon, tab, comma or blanks, told by the header; cells may stand in
 * quotes; numbers have a point, or a comma where commas do not part columns; a byte order mark and
 * either line end are fine. Lines that are empty or begin with '#' are passed over, as are up to 64
 * lines about the trial above the header and a line of units under it. A sample with an empty cell,
 * NaN or NA is left out (and the times are then irregular). Units stand in the names ("copx_cm",
 * "COPx [cm]", "Mx (N.mm)", "Time (ms)"), in the line under them, or are mm, s, N and N m. */
#ifndef TENDERFOOT_DRIVER_IMPORT_COP_CSV_H
#define TENDERFOOT_DRIVER_IMPORT_COP_CSV_H

#include "analysis/sway/cop_series.h"

#include <stdio.h>

#define COP_CSV_NAME 64

/* What a column may hold: a centre of pressure, or the forces (N) and moments (N m) from which a
 * force platform's is reckoned. */
enum cop_csv_role {
    COP_CSV_TIME,
    COP_CSV_ML,
    COP_CSV_AP,
    COP_CSV_FX,
    COP_CSV_FY,
    COP_CSV_FZ,
    COP_CSV_MX,
    COP_CSV_MY,
    COP_CSV_ROLES
};
extern char *const cop_csv_roles[COP_CSV_ROLES + 1]; /* "time", "ml", ... and NULL */

/* Which columns: by the header's names (letter by letter, else in any case, else but for the unit),
 * or by number from 1. No name at all stands for time_s, ml_mm and ap_mm, or, where the header has
 * Fz and Mx instead, for a platform's usual names; fx and fy are taken where they are there. Either
 * ml and ap are named, or fz, mx and my (and fx, fy if origin_mm is not 0). From forces: x = -(My +
 * h Fx) / Fz, y = (Mx - h Fy) / Fz with h the depth of the moments' origin under the surface
 * (Winter 2009, Biomechanics and Motor Control, 5.2); the same whether the platform tells the
 * forces on it or the forces that it gives back. Samples with |Fz| below 20 N are left out.
 * Horizontal forces (with a path: fx along ML, unless ap_is_x) go into the series. */
struct cop_csv_layout {
    char names[COP_CSV_ROLES][COP_CSV_NAME];
    double mm_per_unit; /* of ml and ap; 0: told by the file */
    double origin_mm;   /* h */
    int ap_is_x;        /* of a platform: x is AP and y is ML, both as they grow */
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
