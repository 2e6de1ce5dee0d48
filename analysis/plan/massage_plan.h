/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The massage plan that the articles suggest for the zones that a press test flagged.
 *
 * Rules are data (analysis/plan/plan.json), each with the articles' lines: direction, finger,
 * duration, order, preparation, limits (at most 6 points and 10 minutes a foot, P14 pressed 8 to
 * 10 s), the rest queued for next time; flat-foot sequence; mat walk. Excluded zones are never in
 * it, and without a valid screening there is none. Plain data; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H
#define TENDERFOOT_ANALYSIS_PLAN_MASSAGE_PLAN_H

#include "analysis/result.h"
#include "analysis/screen/screening.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

enum plan_direction {
    DIRECTION_NONE,
    DIRECTION_CLOCKWISE,
    DIRECTION_COUNTER_CLOCKWISE,
    DIRECTION_ALONG
};

struct plan_step {
    const char *zone_id; /* NULL: preparation, warm-up, toes, rest */
    enum side side;
    enum plan_direction direction;
    char words[200]; /* what to do, in words that may be printed */
    char finger[64];
    double seconds_min, seconds_max;
    const char *cites[6];
    int n_cites;
    int is_flagged;
};

struct massage_plan {
    int allowed;
    char why_not[160];
    struct plan_step *steps; /* owned, in order */
    int n_steps;
    struct plan_step *queued; /* for the next session */
    int n_queued;
    double minutes[3]; /* by enum side; [SIDE_UNKNOWN] = both feet and the rest */
    void *own;         /* texts that the steps borrow */
};

struct plan_options {
    const char *rules_path;        /* NULL = built in */
    int short_form;                /* 3 zones, 4.5 min a foot */
    const char *const *complaints; /* organs or zones */
    int n_complaints;
    const char *const *queued; /* zone ids left over from last time, "P07:left" */
    int n_queued;
};

int massage_plan_make(struct massage_plan *plan, const struct result *result,
                      const struct screening *screening, const struct plan_options *options,
                      struct problem *why);
void massage_plan_free(struct massage_plan *plan);
json_t *massage_plan_json(const struct massage_plan *plan);

#endif
