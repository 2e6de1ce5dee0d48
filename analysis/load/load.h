/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load: what each foot, region and zone carried over time, and its summary.
 *
 * With p the pressure of a cell where it is in contact (at or above the threshold and above 0; else
 * 0), a the area of a cell, s the share of the cell that lies inside the part (0 to 1; regions of a
 * foot share each of its cells without rest, zones overlap), per frame:
 *   force = sum of s p a      N
 *   area  = sum of s a over contact cells      cm2
 *   peak  = largest p of the cells with s > 0      kPa
 * and over time the numbers of struct load_summary. Integrals run over the frames of the step that
 * the load is of (`stand`; `walk` where nobody stood), also those below the minimum force; the
 * whole plate's over all frames but those of press steps. dt is the time since the frame before
 * (of the first: one period); one that is within the clock's microsecond of the period is the
 * period; after a gap of more than 10 periods nothing is known of the time between: it is nobody's,
 * and dt is one period. Definitions: SCHEMA.md. Plain data; made by load_pass_finish (load_pass.h).
 */
#ifndef TENDERFOOT_ANALYSIS_LOAD_LOAD_H
#define TENDERFOOT_ANALYSIS_LOAD_LOAD_H

#include "analysis/load/drift.h"
#include "analysis/result.h"

/* Slope of force is taken over at least this time (and one frame). */
#define LOAD_RATE_WINDOW_S 0.05
#define LOAD_GRAVITY_M_S2 9.80665

struct load_summary {
    /* Over the loaded frames (those at or above the minimum force on the plate). */
    double force_mean_n, area_mean_cm2, mean_kpa; /* mean_kpa: sum of forces / sum of areas */
    double weight_percent; /* force_mean_n in % of the body weight (struct load_whole) */
    /* Over all frames of the step. Times in seconds since the recording's first frame; NAN
     * without contact. */
    double force_max_n, force_max_s, peak_kpa, peak_s, area_max_cm2;
    double area_ever_cm2;    /* of the cells that were ever in contact */
    double region_peak_kpa;  /* force_max / area_ever; NAN without contact */
    double fti_n_s;          /* force-time integral: trapezoid of force */
    double pti_peak_kpa_s;   /* sum over frames of the peak cell x dt (novel) */
    double pti_region_kpa_s; /* fti / area_ever (Melai 2011); NAN without contact */
    double contact_s;        /* frames with a cell of it in contact, each its dt */
    double loading_rate_n_s, loading_rate_at_s; /* largest slope of force over
                                                   LOAD_RATE_WINDOW_S, and its end; NAN when the
                                                   step is shorter */
};

/* One part over time, one entry a frame of result->frames; 0 in frames of other steps. */
struct part_series {
    float *force_n, *area_cm2, *peak_kpa;
};

/* A foot over time, index by index with result->frames. Frames of other steps: 0, COP NAN. */
struct foot_series {
    size_t n;
    double *force_n, *cop_x_mm, *cop_y_mm, *area_cm2, *peak_kpa; /* COP NAN below min_force_n */
};

/* At a contact threshold other than the result's, over every so many loaded frames. */
#define LOAD_THRESHOLDS 3
struct load_sensitivity {
    double threshold_kpa[LOAD_THRESHOLDS]; /* half of it, itself, twice it */
    double area_cm2[LOAD_THRESHOLDS];      /* mean contact area of the foot */
    double load_percent[LOAD_THRESHOLDS];  /* of the force of all feet over that threshold */
    double region_percent[LOAD_THRESHOLDS][REGION_COUNT]; /* of the foot's force */
    size_t frames;                                        /* that were looked at */
};

struct load_numbers {
    struct foot_series series;
    struct load_summary foot, regions[REGION_COUNT];
    int n_zones;
    struct load_summary *zones; /* foot->n_zones, in their order; NAN for those not plantar */
    double fore_percent;        /* of the foot's mean force on u >= 0.5; the rest is rear */
    double medial_percent;      /* on v < 0.5; NAN when the side is not known */
    struct load_sensitivity sensitivity;
    struct part_series *region_series; /* REGION_COUNT, or NULL: not asked for */
    struct part_series *zone_series;   /* n_zones, or NULL; members NULL where not plantar */
};

/* The recording as a whole. */
struct load_whole {
    struct load_summary plate; /* all frames but those of press steps; means as above */
    double body_weight_n;      /* the 100 % of weight_percent; NAN without load */
    int mass_is_stated;        /* 1: mass x 9.80665 m/s2; 0: the mean force of the loaded frames */
    double rate_window_s;      /* that loading rates were taken over */
    struct load_drift drift;
};

/* A part of which nothing is known. */
struct load_summary load_summary_unknown(void);

void load_numbers_free(struct load_numbers *load);
void load_whole_free(struct load_whole *whole);

#endif
