/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The foot part of the cohort: a person stands, the station finds the feet, their frames, landmarks
 * and zones, and each is held against the truth. Plain data out; one thread a call. */
#ifndef TENDERFOOT_TESTS_COHORT_FEET_H
#define TENDERFOOT_TESTS_COHORT_FEET_H

#include "analysis/foot/foot_frame.h"
#include "analysis/press/route.h"
#include "samples/cohort_people.h"

#define COHORT_ZONES_MAX 72

struct foot_score {
    int present; /* the person stands on it */
    unsigned traits;
    enum cohort_pose pose;
    int whole;        /* on the plate with all its length: landmarks and zones are scored */
    int found, right; /* right: the side stated is the true one */
    int stated;       /* a side was stated */
    double side_confidence, axis_error_deg, length_error_mm;
    double mark_error_mm[LANDMARK_COUNT]; /* NAN = not measured */
    int mark_touches[LANDMARK_COUNT];     /* there is pressure about its true place */
    int n_large, n_small;
    double dice[COHORT_ZONES_MAX], centre_error_mm[COHORT_ZONES_MAX];
    double trouble; /* how bad, for the list of the worst */
};

struct feet_score {
    int n_found, n_true;
    double cell_mm;
    struct foot_score foot[2];
};

/* `atlas` is borrowed. 0, or -1 with why. */
int cohort_feet(const struct cohort_person *person, const struct atlas *atlas, uint64_t seed,
                struct feet_score *score, struct problem *why);

/* The mean picture that the station sees of the standing person: kpa[cells of the plate]. */
int cohort_stand(const struct cohort_person *person, uint64_t seed, float *kpa,
                 struct problem *why);

/* The feet as a press test takes them: measured from the stand, sides by the operator's word; a
 * foot that was not found is the template's with its entered length. By enum side. `kpa`: the mean
 * picture they were measured from, as cohort_stand gives it. */
int cohort_measure(const struct cohort_person *person, uint64_t seed, struct route_foot feet[3],
                   float *kpa, struct problem *why);

#endif
