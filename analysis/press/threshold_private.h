/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of threshold.h share. ln kPa throughout, with session shift and half of the
 * person's side bias taken off ("even": as if both feet and all days were alike). */
#ifndef TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_PRIVATE_H
#define TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_PRIVATE_H

#include "analysis/press/threshold.h"
#include "analysis/press/threshold_grid.h"

#define THRESHOLD_CLASSES 4
#define THRESHOLD_SESSIONS 8 /* older ones share the last shift */

typedef double threshold_density[GRID_N];

struct threshold_work {
    const struct threshold_place *places;
    int n_places;
    const struct threshold_press *presses;
    int n_presses;
    struct threshold_options options;
    struct person_threshold *person;
    double origin;                            /* of all grids */
    double shift[THRESHOLD_SESSIONS];         /* of a session against this one */
    double bias_sd;                           /* how well the side bias is known */
    double region_mean[THRESHOLD_CLASSES];    /* of the base of a pair of places */
    double region_start[THRESHOLD_CLASSES];   /* the same, bounds taken as answers */
    double region_sd[THRESHOLD_CLASSES];      /* natural spread within the region */
    double region_mean_sd[THRESHOLD_CLASSES]; /* how well the mean is known */
    /* Base of a pair by its region alone: usual, and low on both feet. */
    threshold_density usual[THRESHOLD_CLASSES], low[THRESHOLD_CLASSES];
    threshold_density *like;    /* [place]: of its threshold, by its presses */
    threshold_density *natural; /* [place]: of the base, if it is not tender */
    threshold_density *lowered; /* [place]: of the base, if it is */
};

/* +1/2 left, -1/2 right: times the side bias. */
double threshold_side_sign(const struct threshold_work *work, int place);
double threshold_even(const struct threshold_work *work, const struct threshold_press *press);
double threshold_press_sd(const struct threshold_work *work, const struct threshold_press *press);
/* Natural deviation of one foot's threshold from the base of the pair. */
double threshold_own_foot_sd(const struct threshold_work *work);

/* threshold_person.c: fills person, shift, bias; then, with the densities made, the regions. */
void threshold_person(struct threshold_work *work);
void threshold_regions(struct threshold_work *work);
/* Share of the base's low part by both feet's presses. */
double threshold_low_share(const struct threshold_work *work, int place);

/* threshold_levels.c: Holm, Benjamini-Hochberg, and the verdicts. */
void threshold_levels(const struct threshold_work *work, struct place_threshold *verdicts,
                      int *order);

/* Share of places that are tender, as the model has it before anything is pressed; how much lower
 * they are (ln); and the share of pairs that are low on both feet. */
#define THRESHOLD_TENDER_SHARE 0.10
#define THRESHOLD_LOWERED_LEAST 0.24
#define THRESHOLD_LOWERED_MOST 1.32
#define THRESHOLD_LOW_SHARE 0.05

#endif
