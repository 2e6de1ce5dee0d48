/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things that are no feet, on the plate: a hand, a bag, a box, a paw.
 *
 * Each has a shape of pressure about its middle, `size_mm` long along its own y, turned by its
 * angle as a foot is. Not modelled on any foot; lengths as shares of the size. Pure functions. */
#ifndef TENDERFOOT_SAMPLES_THINGS_H
#define TENDERFOOT_SAMPLES_THINGS_H

#include "samples/foot_picture.h"

/* 1 N of the thing on the cells. */
int thing_picture(struct foot_picture *picture, const struct thing *thing, const struct grid *grid,
                  struct problem *why);

/* Its force at a time (s since the visit began), N: there and gone within 0.2 s. */
double thing_newton(const struct thing *thing, double time_s);

const char *thing_name(enum thing_kind kind);

#endif
