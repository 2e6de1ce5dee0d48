/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking contacts: the steps of a recording and their numbers.
 *
 * Steps are found in the frames themselves, not in the feet of the result (a treadmill's picture of
 * all frames shows no foot): contacts are followed over frames (contact_track.h), joined to feet
 * (contact_join.h), and each foot on the ground is a step. A belt_watch (belt.h) sees
 * the frames of walk steps in the first reading, to know whether a belt runs; a walker sees them in
 * the second. Definitions of every number: SCHEMA.md, `walk`.
 *
 * Ground frame: plate mm as in grid.h while nothing moves; on a belt, plate mm less the belt's way
 * since the first frame, so that a foot that stands on the belt stands still. Forces and pressures
 * are over contact cells. Times are seconds since the recording's first frame. NAN = cannot be had;
 * the reason stands beside it. Memory grows by a few numbers per frame and a small picture per
 * step, never by whole frames; at most STEPS_MAX steps are measured. The same input gives the same
 * result. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_WALK_WALK_H
#define TENDERFOOT_ANALYSIS_WALK_WALK_H

#include "analysis/foot/foot_frame.h"
#include "analysis/grid.h"
#include "analysis/print/print_numbers.h"
#include "analysis/walk/belt.h"
#include "analysis/walk/contact_track.h"
#include "analysis/walk/cpei.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

#define STEPS_MAX 2000

/* Why a step is not whole; several may hold. Only whole steps enter averages. */
enum step_cut {
    STEP_CUT_RIM = 1,   /* part of the foot came down beside the plate */
    STEP_CUT_START = 2, /* the foot was loaded when the recording began ... */
    STEP_CUT_END = 4,   /* ... or when it ended */
    STEP_NOT_PARTED = 8 /* larger than a foot: two feet that touched, or no foot */
};

/* Phases of stance (De Cock et al. 2005, J Orthop Res 23: by what touches the ground), each from
 * its instant to the next one's. */
enum stance_instant {
    AT_FIRST_CONTACT,    /* initial contact phase begins */
    AT_FOREFOOT_CONTACT, /* first metatarsal head: forefoot contact phase begins */
    AT_FOREFOOT_FLAT,    /* the last metatarsal head: foot flat phase begins */
    AT_HEEL_OFF,         /* propulsion (forefoot push off) begins */
    AT_LAST_CONTACT,
    INSTANTS
};
#define PHASES (INSTANTS - 1)
const char *stance_phase_key(int phase); /* "initial_contact", ... "propulsion" */

struct step_velocity {
    double ml_mm_s, ap_mm_s, resultant_mm_s; /* way of the COP / time; NAN */
};

struct walk_step {
    enum side side;
    double side_confidence; /* 0.5 undecided .. 1; below 0.85 the side is not stated */
    char side_reason[100];
    unsigned cut;
    char cut_reason[120]; /* "" for a whole step */
    double start_s, end_s, stance_s;

    double max_force_n, mean_force_n, impulse_n_s, loading_rate_n_s;
    double first_peak_n, first_peak_s, valley_n, valley_s, second_peak_n, second_peak_s;
    char peaks_reason[100]; /* when there is no first or second peak */
    double peak_kpa, pti_peak_kpa_s, max_area_cm2, print_area_cm2;

    double at_s[INSTANTS]; /* since the recording's first frame */
    char phases_reason[100];
    struct step_velocity velocity, phase_velocity[PHASES];
    double cop_path_mm;
    struct cpei cpei; /* ground frame */

    struct point centre; /* of the print, ground frame */
    double toes_deg;     /* where heel to toes points, roughly, from the plate's y axis */
    int toes_by_cop;     /* 1: the COP's way tells; 0: the print's shape does */

    struct foot_frame frame; /* ground frame */
    int has_frame, toes_touch;
    char frame_reason[120];
    double progression_deg; /* long axis from the direction of walking, toes outward positive */
    char progression_reason[100];
    struct print_numbers print;

    /* From the step before of the other foot, and from the one before of the same foot. */
    double step_time_s, step_length_mm, step_width_mm, double_support_s;
    double stride_time_s, stride_length_mm;

    struct contact_window picture; /* ground cells */
    struct contact_sample *samples;
    size_t n_samples;
};

/* Quantities of a step that are averaged by side; a table in walk_averages.c. */
#define WALK_QUANTITIES 24
struct walk_quantity {
    const char *key, *words, *unit;
    size_t offset; /* of a double in struct walk_step */
    int decimals;
};
const struct walk_quantity *walk_quantities(int *n);

struct walk_average {
    int n;           /* whole steps that have the quantity */
    double mean, sd; /* NAN without; sd with 1/(n-1) from two steps on */
};

struct walk_result {
    struct belt belt;
    int one_foot; /* the grid is no larger than a foot: steps are phases of load in time */
    struct walk_step *steps; /* by their start */
    size_t n_steps, n_whole;
    size_t other_contacts;  /* too small or too short for a foot */
    double outside_percent; /* load of no step, % of the load in walk steps; NAN without load */
    int left_out;           /* 1: more contacts than are followed or measured */
    double heading_deg;     /* direction of walking from the plate's y axis, clockwise; NAN */
    double cadence_per_min, speed_m_s, stride_time_s, stride_length_mm; /* NAN */
    char gait_reason[120];                           /* why cadence and speed are not stated */
    struct walk_average average[3][WALK_QUANTITIES]; /* by enum side; SIDE_UNKNOWN: all steps */
    char reason[120];                                /* "" when there are steps */
};

void walk_result_free(struct walk_result *walk);

/* A result with nothing in it but the belt, which the first reading saw: walk and second reading
 * are still to come. walk_result_free frees it. NULL: no memory. */
struct walk_result *walk_result_new(const struct belt *belt, struct problem *why);

struct walk_input {
    struct grid grid;
    double rate_hz, threshold_kpa, min_force_n;
    const double *force_n; /* of each frame of the recording; used by begin only */
    size_t n_frames;
    enum side said; /* the operator's word where only one foot can be meant; SIDE_UNKNOWN */
};
struct walker;

/* `walk` is borrowed until finish and then filled. */
struct walker *walker_begin(const struct walk_input *input, struct walk_result *walk,
                            struct problem *why);
/* A frame of a walk step; one that is not later than the last is left out. */
int walker_frame(struct walker *walker, double time_s, const float *kpa, struct problem *why);
/* Frees the walker, whatever it returns. */
int walker_finish(struct walker *walker, struct problem *why);
void walker_free(struct walker *walker);

#endif
