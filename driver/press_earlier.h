/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What earlier recordings of a press test tell a new one: presses of places of its route, and
 * whether a test was broken off and is now taken up.
 *
 * A press counts for the nearest place of its foot within PRESS_EARLIER_MM, when its place is
 * known, nothing is doubtful and the tip had the same area (within 10 %). Catch trials and taps do
 * not. Pure but for the files; one thread a call. */
#ifndef TENDERFOOT_DRIVER_PRESS_EARLIER_H
#define TENDERFOOT_DRIVER_PRESS_EARLIER_H

#include "analysis/press/route.h"
#include "analysis/press/threshold.h"
#include "firmware/wire/problem.h"

#define PRESS_EARLIER_MM 7.0

struct press_earlier_press {
    enum side side;
    struct uv place;
    double tip_cm2;
    struct threshold_press press; /* place: not yet known */
};

struct press_earlier {
    struct press_earlier_press *all; /* owned; session 1 = the newest file */
    int n_all;
    struct threshold_press *presses; /* owned; of places of the route */
    int n;
    int unfinished;    /* the newest was broken off: its round is taken up */
    char warning[400]; /* to be told before the test; "" = nothing */
};

/* Reads the files, `paths` in any order. `client` (NULL or "" = not said) is whom the new test is
 * of. Refused: a file that is no recording, one of another person, one with thresholds that are not
 * compared with other days (a painkiller). Freed by press_earlier_free whatever is returned. */
int press_earlier_read(struct press_earlier *earlier, const char *const *paths, int n_paths,
                       const char *client, struct problem *why);
/* Which of them are of places of this route, on these feet, with such a tip. */
int press_earlier_place(struct press_earlier *earlier, const struct route *route,
                        const struct route_foot feet[3], double tip_cm2, struct problem *why);
void press_earlier_free(struct press_earlier *earlier);

#endif
