/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of threshold.h share. ln kPa throughout, with session shift and half of the
 * person's side bias taken off ("even": as if both feet and all days were alike). */
#ifndef TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_PRIVATE_H
#define TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_PRIVATE_H

#include "analysis/press/threshold.h"
#include "analysis/press/threshold_grid.h"

#define THRESHOLD_CLASSES 4
#define THRESHOLD_SESSIONS 8 /* older ones share the last shift */

#define THRESHOLD_SPREADS 4 /* natural left/right spreads that a person may have */

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
    double spread_share[THRESHOLD_SPREADS];   /* how likely each natural left/right spread is */
    double region_mean[THRESHOLD_CLASSES];    /* of the base of a pair of places */
    double region_start[THRESHOLD_CLASSES];   /* the same, bounds taken as answers */
    double region_sd[THRESHOLD_CLASSES];      /* natural spread within the region */
    double region_mean_sd[THRESHOLD_CLASSES]; /* how well the mean is known */
    /* Base of a pair by its region alone: usual, and low on both feet. */
    threshold_density usual[THRESHOLD_CLASSES], low[THRESHOLD_CLASSES];
    threshold_density *like;    /* [place]: of its threshold, by its presses */
    threshold_density *natural; /* [place]: of the base, if it is not tender */
    threshold_density *lowered; /* [place]: of the base, if it is */
    double *border_sd;          /* [place]: what errors of place add there, ln */
};

/* +1/2 left, -1/2 right: times the side bias. */
double threshold_side_sign(const struct threshold_work *work, int place);
double threshold_even(const struct threshold_work *work, const struct threshold_press *press);
double threshold_press_sd(const struct threshold_work *work, const struct threshold_press *press);
/* Natural deviation of one foot's threshold from the base of the pair. */
double threshold_own_foot_sd(const struct threshold_work *work, int place);

/* threshold_person.c: fills person, shift, bias; then, with the densities made, the regions. */
void threshold_person(struct threshold_work *work);
void threshold_regions(struct threshold_work *work);
/* Logarithm of how likely all pairs' presses are, by the regions as they stand. */
double threshold_evidence(const struct threshold_work *work);
/* Share of the base's low part by both feet's presses. */
double threshold_low_share(const struct threshold_work *work, int place);

/* What each foot's presses say of the base, by the natural spread as it stands. */
void threshold_tell_bases(struct threshold_work *work);
/* Base of a place by everything but its own presses, and the threshold that it leads one to expect
 * if the place is not tender; both normalised. */
void threshold_expected(const struct threshold_work *work, int place, double *base,
                        double *expected);

/* threshold_spread.c: the person's natural left/right spread (person->side_sd, spread_share); and
 * p-values of all places that are compared, over all that it may be. The second leaves the bases as
 * told by person->side_sd. */
void threshold_spread_find(struct threshold_work *work);
void threshold_spread_p_values(struct threshold_work *work, struct place_threshold *verdicts);

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
