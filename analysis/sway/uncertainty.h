/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far the headline numbers of one trial may lie from their mean over many such trials of the
 * same person: 95 % intervals by the stationary block bootstrap (Politis & Romano 1994, JASA
 * 89:1303).
 *
 * All headline numbers are functions of means over samples (of ML, AP, their squares and product,
 * RD, and the lengths of the steps), so that blocks of these are drawn, and no joint between two
 * blocks is ever taken for a movement. Block lengths are geometric; their mean is the automatic
 * choice of Politis & White 2004 (Econometric Rev 23:53, as corrected by Patton et al. 2009,
 * 28:372) for the slowest of those series, at most an eighth of the trial. The interval is exp(ln
 * value +- t s), with s the SD of the logarithm over replicates and t for as many degrees of
 * freedom as the trial has blocks, less one. It tells chance within a trial, not how differently a
 * person stands on another day: that takes repeats. Largest distances, hull and entropy have no
 * interval: an extreme of a resampled path is never beyond that of the path.
 *
 * Seeded (GSL, mt19937): the same trial and seed give the same digits. No global state; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_UNCERTAINTY_H
#define TENDERFOOT_ANALYSIS_SWAY_UNCERTAINTY_H

#include "analysis/sway/sway.h"

enum sway_headline {
    SWAY_RMS_ML,
    SWAY_RMS_AP,
    SWAY_RMS_RD,
    SWAY_MEAN_DISTANCE_RD,
    SWAY_VELOCITY_ML,
    SWAY_VELOCITY_AP,
    SWAY_VELOCITY_RD,
    SWAY_ELLIPSE,
    SWAY_HEADLINES
};

/* Where a headline number stands in the JSON: group "rd" and key "rms_distance_mm". */
struct sway_headline_name {
    const char *group, *key;
};
extern const struct sway_headline_name sway_headline_names[SWAY_HEADLINES];
double sway_headline(const struct sway_result *result, enum sway_headline which);

#define SWAY_REPLICATES 1000
#define SWAY_SEED 20260117ul

struct sway_interval {
    double low, high; /* NAN where nothing moves */
    double se;        /* standard error, in the number's own unit */
};

struct sway_uncertainty {
    double block_s; /* mean length of a block */
    double blocks;  /* how many of them the trial has */
    int replicates;
    unsigned long seed;
    struct sway_interval of[SWAY_HEADLINES];
};

/* `result` is what sway_measure made of `in`. 0 or -1. */
int sway_uncertainty(const struct cop_series *in, const struct sway_result *result,
                     unsigned long seed, struct sway_uncertainty *out, struct problem *why);

#endif
