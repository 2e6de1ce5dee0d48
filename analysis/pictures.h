/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of many frames: the mean, the maximum-pressure picture, the pressure-time integral.
 *
 * Over the frames given, with q = p where the cell is in contact (p >= threshold and p > 0), else
 * 0: mean    = sum(q) / frames                 kPa   (so mean picture x cell area sums to mean
 * force) maximum = max(q)                          kPa pti     = mean x loaded time kPa s (= sum of
 * q x dt at a steady rate; lost frames count with the mean of those that came) Sums run in double.
 * One allocation at begin, none per frame. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_PICTURES_H
#define TENDERFOOT_ANALYSIS_PICTURES_H

#include "analysis/grid.h"
#include "firmware/wire/problem.h"

struct pictures {
    struct grid grid;
    size_t frames;
    double *sum;    /* kPa */
    float *maximum; /* kPa */
};

/* 0, or -1 with `why`; pictures_free frees what is there, also after -1. */
int pictures_begin(struct pictures *pictures, const struct grid *grid, struct problem *why);
void pictures_free(struct pictures *pictures);

/* Adds one frame of rows * cols kPa; NaN cells are no contact. */
void pictures_add(struct pictures *pictures, const float *kpa, double threshold_kpa);

/* mean[rows * cols]; all 0 without frames. */
void pictures_mean(const struct pictures *pictures, float *mean);
void pictures_pti(const struct pictures *pictures, double loaded_s, float *pti);

#endif
