/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press part of the cohort: a person is led through a full test, a confirming second one on
 * another day, and a short one with a free foot; what is told of their places is held against the
 * truth. Plain data out; one thread a call. */
#ifndef TENDERFOOT_TESTS_COHORT_PRESS_H
#define TENDERFOOT_TESTS_COHORT_PRESS_H

#include "analysis/press/threshold.h"
#include "samples/cohort_people.h"

#define COHORT_PLACES_MAX 64
#define COHORT_PLANTS_MAX 8
#define COHORT_ERRORS_MAX 100

/* One place of the route after one or two sessions. */
struct place_score {
    enum side side;
    enum region_class region;
    int is_planted, is_sore_both; /* its true place lies in a zone tender on this side, on both */
    int presses, answers;
    enum threshold_verdict verdict;
    float kpa, low_kpa, high_kpa, p_value;
    float under_kpa; /* truth: geometric mean of the threshold under the stud, of its presses */
    float zone_kpa;  /* truth: threshold at the middle of the zone aimed at, on the true foot */
};

struct plant_score {
    int plant; /* index among the planted of the person */
    enum region_class region;
    double factor;
    int has_place;         /* a place of the route stands for it */
    int was_hit;           /* at least one press of the first session lay in it */
    int mirror_is_bounded; /* the mirror's true threshold lies above its ceiling */
    int flagged[2];        /* for attention after the first, the second session */
    int watched[2];        /* at least on the watch list */
    int place_flagged[2];  /* its place by threshold_fit alone, before it is credited to zones */
};

struct session_score {
    int presses, unreliable, watch, false_watch;
    /* Flags of zones as told (tenderness), and of places (threshold_fit) to compare with. */
    int attention, place_attention, false_attention;
    /* Zones of both feet without a press: so many, and told something all the same. */
    int not_tested_zones, not_tested_but_told;
    int n_places;
    double minutes, repeatability_sd;
    struct place_score places[COHORT_PLACES_MAX];
};

struct press_score {
    int done, is_planted, is_unreliable, is_sensitised;
    double cell_mm;
    struct session_score session[2];
    int short_presses;
    int n_plants;
    struct plant_score plants[COHORT_PLANTS_MAX];
    int n_cup, n_free, free_unknown;
    float cup_error_mm[COHORT_ERRORS_MAX], free_error_mm[COHORT_ERRORS_MAX];
};

/* `with_short`: the short test too. 0, or -1 with why. */
int cohort_press(const struct cohort_person *person, const struct atlas *atlas, uint64_t seed,
                 int with_short, struct press_score *score, struct problem *why);

#endif
