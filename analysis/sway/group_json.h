/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several trials of one person: what repeats tell of each number, and Romberg quotients of trials
 * with closed and with open eyes. Input and output are documents of tenderfoot/sway/1 (SCHEMA.md).
 * No state; any thread. NULL without memory. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_GROUP_JSON_H
#define TENDERFOOT_ANALYSIS_SWAY_GROUP_JSON_H

#include "analysis/sway/uncertainty.h"

#include <jansson.h>

/* Each number of ml, ap, rd, area and fractal over the trials: mean, sd, low, high, sem, mdc95. */
json_t *sway_repeats_json(json_t *const *trials, size_t n);

/* Closed / open of distances, path, velocity and each area; of means where there are several. With
 * one trial on each side and their uncertainties (else NULL) headline numbers have an interval. */
json_t *sway_romberg_json(json_t *const *open, size_t n_open, json_t *const *closed,
                          size_t n_closed, const struct sway_uncertainty *open_error,
                          const struct sway_uncertainty *closed_error);

json_t *sway_uncertainty_json(const struct sway_uncertainty *u);

#endif
