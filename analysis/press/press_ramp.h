/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One ramp of a press: its start, peak, end and rate, out of a series of tip pressures.
 *
 * Samples are in order of time (s); pressures are kPa. Between samples the pressure is a straight
 * line. No allocation beside the series' growth; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_RAMP_H
#define TENDERFOOT_ANALYSIS_PRESS_RAMP_H

#include <stddef.h>

/* A rise is a pressure of at least this; a foot that only lies on the stud stays well below. */
#define PRESS_RISE_KPA 20.0
/* A ramp begins where the pressure leaves this for good. */
#define PRESS_START_KPA 10.0

struct press_sample {
    double time_s, kpa;
};

struct press_series {
    struct press_sample *samples; /* owned */
    size_t n, cap;
};

/* 0, or -1 without memory. */
int press_series_add(struct press_series *series, double time_s, double kpa);
void press_series_free(struct press_series *series);

/* Pressure at a time; before the first and after the last sample theirs; NAN of an empty series.
 * *gap_s and *gap_kpa (may be NULL): distance and change between the samples on both sides. */
double press_series_at(const struct press_series *series, double time_s, double *gap_s,
                       double *gap_kpa);

/* Median time between samples, s; NAN below two. */
double press_series_period_s(const struct press_series *series);

struct press_ramp {
    int rises; /* the pressure reached PRESS_RISE_KPA; else only peak_kpa is set */
    double start_s, peak_s, end_s, peak_kpa;
    double lift_s;  /* after the peak, the last time at nine tenths of it: the lift begins */
    int is_cut_off; /* no end in the series: end_s is its last sample */
};

/* The ramp with the highest peak, or, when the pressure at `at_s` (NAN = none) belongs to a rise,
 * the ramp around that time. It ends where the pressure falls below a tenth of its peak. */
struct press_ramp press_ramp_find(const struct press_series *series, double at_s);

/* Slope of the least-squares line through the samples from the ramp's start to `until_s` whose
 * pressure lies between a tenth and nine tenths of the pressure there, kPa/s; NAN below three. */
double press_ramp_rate(const struct press_series *series, const struct press_ramp *ramp,
                       double until_s);

#endif
