/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press part of the cohort: a person is led through a full test, a confirming second one on
 * another day, and a short one with a free foot; what is told of their places is held against the
 * truth. Plain data out; one thread a call. */
#ifndef TENDERFOOT_TESTS_COHORT_PRESS_H
#define TENDERFOOT_TESTS_COHORT_PRESS_H

#include "analysis/press/threshold.h"
#include "samples/cohort_people.h"
#include "tests/cohort/cohort_verdict.h"
#include "tests/cohort/zone_numbers.h"

#define COHORT_PLACES_MAX 64
#define COHORT_PLANTS_MAX 8
#define COHORT_ERRORS_MAX 100

/* One place of the route after one or two sessions. */
struct place_score {
    enum side side;
    enum region_class region;
    int is_planted, is_sore_both; /* its true place lies in a zone tender on this side, on both */
    int is_felt; /* half of its counted presses or more hurt in such a zone, wherever it was aimed
                  */
    int presses, answers;
    enum threshold_verdict verdict;
    float kpa, low_kpa, high_kpa, p_value, p_holm, expected_ratio, probability;
    float under_kpa; /* truth: geometric mean of the threshold under the stud, of its presses */
    float zone_kpa;  /* truth: threshold at the middle of the zone aimed at, on the true foot */
};

/* What became of the presses of a planted zone in one session, for why it was missed. */
struct plant_autopsy {
    int made[2], counted[2], answers[2]; /* of its places; of their mirrors */
    int inside;                          /* counted ones that hurt in the zone itself */
    /* Truth: geometric mean of what the counted presses could feel, here and there. */
    float felt_kpa[2];
    float expected_ratio, p_holm, probability; /* of its likeliest place, by threshold_fit */
    int unreliable;
};

struct plant_score {
    int plant; /* index among the planted of the person */
    enum region_class region;
    double factor;
    int has_place;         /* a place of the route stands for it */
    int was_hit;           /* at least one press of the first session lay in it */
    int mirror_is_bounded; /* the mirror's true threshold lies above its ceiling */
    int mirror_is_tender;  /* another planted zone covers the mirror's middle: no such ratio */
    int is_cut_off;        /* amputated: the foot ends behind its middle, where one would aim */
    int flagged[2];        /* for attention after the first, the second session */
    int named[2];          /* under its own name; else by a zone merged with it in one place */
    int watched[2];        /* at least on the watch list */
    int place_flagged[2];  /* its place by threshold_fit alone, before it is credited to zones */
    enum side side;
    char zone[16];
    float mirror_kpa, ceiling_kpa; /* truth at the mirror's middle, and the default there */
    struct plant_autopsy autopsy[2];
};

struct session_score {
    int presses, unreliable;
    /* Places on the watch list; and listed, for attention or watch. False: neither planted on this
     * side or both, nor felt. By aim: not planted, even where its presses fell into a tender zone
     * that they were not meant for. */
    int watch, false_watch, listed, false_listed, false_by_aim;
    /* Flags of zones as told (tenderness), and of places (threshold_fit) to compare with. */
    int attention, place_attention, false_attention;
    int flagged_place_zones; /* zones that the flagged places name, all places together */
    struct verdict_honesty honesty;
    int n_places;
    double minutes, repeatability_sd;
    struct place_score places[COHORT_PLACES_MAX];
    int n_numbers;
    struct zone_number numbers[ZONE_NUMBERS_MAX]; /* of the first session only */
};

struct press_score {
    int person, done, is_planted, is_unreliable, is_sensitised;
    double cell_mm;
    struct session_score session[2];
    int short_presses;
    int n_plants;
    struct plant_score plants[COHORT_PLANTS_MAX];
    int n_cup, n_free, free_unknown;
    float cup_error_mm[COHORT_ERRORS_MAX], free_error_mm[COHORT_ERRORS_MAX];
};

/* What would be reached if: for upper bounds, beside the cohort itself. All 1 and 0: the cohort. */
struct press_what_if {
    double aim_times;   /* of the errors with which a foot comes to lie in the cup; 0 = exactly */
    double noise_times; /* of the scatter of one person's answers from press to press */
    int presses_max;    /* of a full session; 0 = the protocol's own */
};

/* The drawn person as this would have it. */
void press_what_if_apply(const struct press_what_if *what_if, struct cohort_person *person);

/* `with_short`: the short test too. 0, or -1 with why. */
int cohort_press(const struct cohort_person *person, const struct atlas *atlas, uint64_t seed,
                 int with_short, const struct press_what_if *what_if, struct press_score *score,
                 struct problem *why);

#endif
