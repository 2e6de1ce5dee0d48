/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People who answer presses, without plates and feet: for proving the statistics of the press test
 * on thousands of them.
 *
 * Pairs of places in four regions; thresholds = person x region x place x foot x tenderness; an
 * answer comes at the threshold times test-retest noise, unless the ceiling is reached before, it
 * is missed, or it is given for nothing. Same seed, same person, same answers. */
#ifndef TENDERFOOT_SAMPLES_PRESS_PEOPLE_H
#define TENDERFOOT_SAMPLES_PRESS_PEOPLE_H

#include "analysis/press/threshold.h"
#include "samples/dice.h"

#define PRESS_PEOPLE_PLACES 40 /* 20 pairs: 6 toe, 5 ball, 6 arch, 3 heel */
#define PRESS_PEOPLE_PRESSES 400

struct press_people {
    double base_kpa[4], ceiling_kpa[4]; /* by region class */
    double person_sd;                   /* of ln, of all thresholds of a person */
    double region_sd, side_sd, retest_sd, side_bias_sd, session_sd;
    double miss_rate, false_rate, own_sd;
    int planted; /* places made tender ... */
    double planted_factor;
    int bilateral;     /* pairs that are low on both feet by 0.5 */
    int answers_blind; /* answers anywhere from 30 kPa to the ceiling */
};
struct press_people press_people_usual(void);

struct press_person {
    struct press_people people;
    struct threshold_place places[PRESS_PEOPLE_PLACES];
    double kpa[PRESS_PEOPLE_PLACES]; /* true thresholds */
    int is_planted[PRESS_PEOPLE_PLACES];
    double session_shift;
    struct threshold_press presses[PRESS_PEOPLE_PRESSES];
    int n_presses;
    struct place_threshold verdicts[PRESS_PEOPLE_PLACES];
    struct person_threshold all;
    struct dice dice;
};

/* The person is filled in place (dice must not be copied). */
void press_person_draw(struct press_person *person, const struct press_people *people,
                       uint64_t seed);
/* One press of this session. */
void press_person_press(struct press_person *person, int place);
/* What was pressed so far becomes one session earlier; the person's day changes. */
void press_person_next_session(struct press_person *person);

/* A full session as the protocol runs it: each place once, then by threshold_worth until nothing is
 * worth it or presses_most of this session are used; verdicts by threshold_fit. A second session
 * with first_round 0 confirms: only what is open. refit_every presses (1 = the true way). */
int press_person_session(struct press_person *person, const struct threshold_options *options,
                         int first_round, int presses_most, int refit_every, struct problem *why);

#endif
