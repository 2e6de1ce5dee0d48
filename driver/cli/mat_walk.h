/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A walk on a mat, with a stand recorded before and after it, and both compared. */
#ifndef TENDERFOOT_DRIVER_CLI_MAT_WALK_H
#define TENDERFOOT_DRIVER_CLI_MAT_WALK_H

#include "analysis/plan/plan_rules.h"
#include "driver/plan_timer.h"
#include "firmware/wire/problem.h"

struct mat_walk {
    const char *device, *folder, *calibration, *client;
    double seconds; /* of the walk; NAN = the most that the rule gives a first one */
    double stand_s;
    const struct plan_line *rule;
    const struct plan_timer *timer;
};

/* Records FOLDER/before.tfr, counts the walk down, records FOLDER/after.tfr. 0, or -1: nothing or
 * only the first was recorded. An ended walk is told and the second stand recorded all the same. */
int mat_walk_run(const struct mat_walk *walk, char *before, char *after, size_t cap,
                 struct problem *why);

#endif
