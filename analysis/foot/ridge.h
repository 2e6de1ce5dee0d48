/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the ball's ridge lies in a foot frame: what tells a whole foot's contact from one whose
 * toes, or more, are cut off.
 *
 * The ridge is the u ahead of the arch at which the middle heads carry most. On whole feet it lies
 * at 0.70 to 0.75 of the length, with and without toes (project choice, from drawn feet); in a
 * frame fitted to a contact that is cut short it lies further ahead. A print that the plate's rim
 * cuts is another thing and is not judged. Pure functions; any thread. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_RIDGE_H
#define TENDERFOOT_ANALYSIS_FOOT_RIDGE_H

#include "analysis/foot/landmarks.h"
#include "analysis/foot/sole_lattice.h"

/* Smoothing against noise, mm on a foot of 250 mm; `fine` below is smoothed so. */
#define RIDGE_FINE_MM 2.5

/* 1 when contact of this print lies on the plate's rim. */
int print_touches_rim(const struct foot_print *print);

/* u of the ridge; 0 without load ahead of the arch. */
double ridge_u(const struct sole_lattice *fine);

/* 1 when the ridge lies further ahead than any whole foot's. */
int ridge_is_cut_short(const struct foot_print *print, const struct sole_lattice *fine);

/* The same from the cells: *u gets the ridge's place. */
int print_is_cut_short(const struct foot_print *print, const struct foot_frame *frame, double *u);

/* Contact that the plate's edge cuts, as places along the foot: of what touches the edge and is as
 * strong there as further in. INFINITY and -INFINITY where nothing is cut. */
struct rim_cut {
    double from_u, to_u;
};
struct rim_cut print_rim_cut(const struct foot_print *print, const struct foot_frame *frame);

#endif
