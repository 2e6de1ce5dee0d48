/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person's reaction time, from quick touches that are answered as soon as they are felt.
 *
 * Each tap gives down - felt, where felt is when the touch's pressure leaves zero. The middle is
 * the median of the taps, drawn to the field's 0.25 s as far as few taps leave it open: with n taps
 * of spread s its variance is pi/2 s^2/n, the field's is 0.08^2 s^2 between people (simple
 * reactions of adults to touch: median 0.2 to 0.35 s). The spread is the median absolute deviation
 * x 1.4826, drawn to the field's 0.06 s with the weight of four taps. Answers before 0.1 s were not
 * reactions, after 1.2 s the touch was missed: both are counted and left out. Pure functions; any
 * thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_REACTION_H
#define TENDERFOOT_ANALYSIS_PRESS_REACTION_H

#define REACTION_FIELD_S 0.25
#define REACTION_FIELD_PEOPLE_SD_S 0.08
#define REACTION_FIELD_SPREAD_S 0.06
#define REACTION_SHORTEST_S 0.1
#define REACTION_LONGEST_S 1.2
/* More taps than these are not looked at: the first ones tell all there is. */
#define REACTION_TAPS_MAX 64

struct reaction {
    double middle_s;    /* taken off each answer */
    double middle_sd_s; /* how well it is known */
    double spread_s;    /* SD of one reaction about it */
    int taps;           /* that were used */
    int too_early, too_late;
};

/* delays_s[n]: of the answered taps, in any order; values that are no number are left out. n = 0
 * gives the field's. */
struct reaction reaction_from_taps(const double *delays_s, int n);

/* SD of one answer's reaction: spread and what is not known of the middle. */
double reaction_sd_s(const struct reaction *reaction);

#endif
