/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One guided press test of a virtual person, closed in a loop without wire, screen or clock: the
 * protocol engine says what is next, an operator obeys it, the person does what is announced on a
 * plate with its errors, frames come in the press windows only, and the press finder reads what it
 * would read in a recording. The plate is as large as one foot needs; both feet are pressed in the
 * same cup, in turn. One thread a session. */
#ifndef TENDERFOOT_TESTS_COHORT_SESSION_H
#define TENDERFOOT_TESTS_COHORT_SESSION_H

#include "analysis/press/protocol.h"
#include "analysis/result.h"
#include "samples/cohort_people.h"
#include "samples/foot_picture.h"

#define SESSION_PRESSES_MAX 160
#define SESSION_SEATED_FORE 0.4 /* of a seated foot's load lies on its front half */

struct session_wishes {
    const struct cohort_person *person;
    const struct atlas *atlas;
    const struct route *route;
    const struct tool *tool;
    const struct route_foot *feet;   /* by enum side, as measured standing */
    const struct foot_gains *seated; /* by enum side: foot_picture_gains at SESSION_SEATED_FORE */
    int has_cup;
    uint64_t seed;
    int presses_max; /* 0 = the protocol's own */
    const struct threshold_press *earlier;
    int n_earlier;
};

/* What was pressed, beside what it truly was. */
struct session_press {
    int number, place; /* as announced; place of the route */
    int is_catch, is_tap;
    double truth_kpa;      /* of the person under the stud */
    struct uv truth_place; /* of the stud on the foot */
    struct uv hurts_at;    /* what of its tip hurts first */
};

struct session {
    struct result *result;                             /* presses as found; owned */
    struct session_press presses[SESSION_PRESSES_MAX]; /* as announced */
    int n_presses;                                     /* taps and catches among them */
    int n_real;                                        /* of the test itself */
    double minutes;
};

/* 0, or -1 with why; session_free whatever is returned. */
int session_run(const struct session_wishes *wishes, struct session *session, struct problem *why);
void session_free(struct session *session);

#endif
