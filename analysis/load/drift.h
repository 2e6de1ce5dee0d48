/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zero and drift: what the plate reads while nobody is on it, before and after the load, and how
 * the force of a steady stand creeps.
 *
 * Before: the unloaded frames (below min_force_n) that end where the load of the first loaded stand
 * or walk frame begins; after: those that begin where its load ends; of both the 0.2 s beside the
 * load are left out. Zero is the mean over these frames of the plain sum of all cells, whatever the
 * contact threshold, and of the cells under the feet; 0 is the lowest a calibrated cell can read,
 * so that noise counts as a little more than nothing. Creep: straight line of force over
 * log10(time since the load began), from 1 s on, fitted to means of half seconds; its slope in % of
 * the line at 10 s is the creep per decade of time. Plain data. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_DRIFT_H
#define TENDERFOOT_ANALYSIS_LOAD_DRIFT_H

#include <stddef.h>

struct result;

#define DRIFT_MARGIN_S 0.2
#define CREEP_FROM_S 1.0
#define CREEP_LEAST_S 10.0 /* one decade from CREEP_FROM_S */

struct load_zero {
    size_t frames;  /* 0: none, and the numbers are NAN */
    double force_n; /* sum over all cells */
    double kpa;     /* mean over the cells under the feet; over all cells without feet */
};

struct load_drift {
    struct load_zero before, after;
    double force_n, kpa;             /* after - before; NAN without one of them */
    double creep_percent_per_decade; /* NAN without a stand of CREEP_LEAST_S */
    double creep_error_percent;      /* standard error of it, by the scatter about the line */
    double creep_from_s, creep_to_s; /* time since the load began */
};

/* Frames [from, to) of the unloaded time before and after; from == to: none. */
struct drift_spans {
    size_t before_from, before_to, after_from, after_to;
    size_t load_from, load_to; /* the load between them; equal when there is none */
};
struct drift_spans drift_spans(const struct result *result);

/* Creep of result->frames over the load of `spans`. */
void drift_creep(const struct result *result, const struct drift_spans *spans,
                 struct load_drift *drift);

#endif
