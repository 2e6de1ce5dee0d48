/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well a print looks like a left or a right foot lying this way or that: a fit of a print
 * model.
 *
 * The model gives each place (u, v) of the foot frame the probability that a standing or walking
 * foot touches the plate there (heel and ball nearly always, toes often, the medial hollow
 * seldom). A pose's score is the log likelihood of contact and no contact over the cells in and
 * around the print; cells off the plate and cells of other prints say nothing. Pose: heel point,
 * angle, length, width; a pattern search from the print's second moments finds the best. Print
 * models of the field mask by thirds of length only; this one asks for side and toe end at once.
 * Deterministic; no allocation in the search. */
#ifndef TENDERFOOT_ANALYSIS_FOOT_FIT_H
#define TENDERFOOT_ANALYSIS_FOOT_FIT_H

#include "analysis/foot/foot_frame.h"
#include "analysis/foot/foot_split.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

/* The model as log probabilities on a raster of u and v; 44 KB; made once, read-only after. */
struct foot_model;
struct foot_model *foot_model_new(struct problem *why);
void foot_model_free(struct foot_model *model);

struct fit_cell {
    float x_mm, y_mm;
    int8_t contact;
};

struct foot_fit {
    struct foot_frame frame; /* as the model lies; its side is the one asked for */
    double score;            /* log likelihood, in units of one independent cm2 */
    double inside;           /* share of the print's contact inside the outline */
    double covered;          /* share of heel and ball area (on the plate) that is in contact */
};

/* Fits one side; `toes_deg` tells which end of the print's axis is tried as toes. cells[n] are
 * those in and around the print, all others are unknown; plate = its size. */
struct foot_fit foot_fit(const struct foot_model *model, const struct grid *grid,
                         const struct fit_cell *cells, size_t n, const struct print *print,
                         enum side side, double toes_deg);

#endif
