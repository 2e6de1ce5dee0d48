/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load patterns, named in the allowed words (reflexology.md 8.3), each with its evidence and norm.
 *
 * A pattern is an observation of a print and its load beside a norm (analysis/norms.h), never a
 * finding about a person. None is named from a print that the plate's rim cuts, from one whose toes
 * cannot be told from the ball, without heel or ball, of a foot whose side is not known where the
 * side matters, by a norm of standing for somebody who walked, or by a norm of other people (a
 * child by one of adults); left against right only beyond the plate's own
 * measuring error. What could not be told is listed with the reason. */
#ifndef TENDERFOOT_ANALYSIS_PATTERNS_H
#define TENDERFOOT_ANALYSIS_PATTERNS_H

#include "analysis/foot/foot_frame.h"
#include "analysis/norms.h"
#include "firmware/wire/problem.h"

struct result;

#define PATTERN_TEXT_MAX 1200 /* four conditions, each with a norm of the longest name */

struct pattern {
    enum pattern_id id;
    enum side side;                  /* of the foot; left_right: the side that carries more */
    const char *words;               /* "flat load pattern: ..."; constant */
    const struct norm *norm;         /* of its first condition */
    double value, error;             /* the number of the first condition; left_right: the symmetry
                                        index, %, and what the plate's error lets it be */
    int beyond_error;                /* 1: further inside its classes than the number's own error */
    char evidence[PATTERN_TEXT_MAX]; /* one sentence: numbers, errors, norm */
};

struct pattern_gap {
    enum pattern_id id;
    enum side side; /* SIDE_UNKNOWN: of a foot of unknown side, or of both */
    char why[200];
};

struct patterns {
    struct pattern *list;
    int n;
    struct pattern_gap *not_told;
    int n_not_told;
    char reason[200]; /* "" when there was a foot to look at */
};

/* Fills result->patterns by result->norms, from feet with their load and prints. 0, or -1 with
 * `why` (no memory). */
int patterns_find(struct result *result, struct problem *why);
void patterns_free(struct patterns *patterns);

const char *pattern_words(enum pattern_id id, enum side side);

#endif
