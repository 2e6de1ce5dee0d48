/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities of a logarithm of pressure on a fixed grid: what the press statistics count with.
 *
 * A density is GRID_N values GRID_STEP apart; index i stands for ln kPa = origin + i x GRID_STEP.
 * The grid spans a factor of 120. Plain functions on borrowed memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_GRID_H
#define TENDERFOOT_ANALYSIS_PRESS_THRESHOLD_GRID_H

#define GRID_N 160
#define GRID_STEP 0.03

/* ln kPa of a whole or broken index. */
double grid_at(double origin, double index);

/* Multiplies by the likelihood of one press: an answer at `at` of deviation sd, or none up to it;
 * the share `lapse` of presses says nothing (no answer though it hurt, an answer for nothing). */
void grid_times_answer(double *density, double origin, double at, double sd, double lapse);
void grid_times_silence(double *density, double origin, double at, double sd, double lapse);

/* Normal density about a mean (not normalised on a grid that it leaves). */
void grid_normal(double *density, double origin, double mean, double sd);

/* to[i] = sum of from[i + k] x weight[k], k = -reach..reach with weights of a normal of this sd. */
void grid_blur(const double *from, double *to, double sd);

/* to[i] = mean of from[i - k] over lowerings of low..high (ln, both > 0): the message of a place
 * that lies lower than its base by an unknown amount. */
void grid_lowered(const double *from, double *to, double low, double high);

/* Sum x step; scales to 1 and returns what it was. */
double grid_sum(const double *density);
double grid_normalise(double *density);
/* Of a normalised density. */
double grid_mean(const double *density, double origin);
double grid_variance(const double *density, double origin);
double grid_quantile(const double *density, double origin, double share);
/* Highest point by a parabola through the three about it. */
double grid_peak(const double *density, double origin);

#endif
