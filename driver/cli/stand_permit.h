/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Today's screening (--screening FILE), for the verbs that ask a person to stand or to walk. */
#ifndef TENDERFOOT_DRIVER_CLI_STAND_PERMIT_H
#define TENDERFOOT_DRIVER_CLI_STAND_PERMIT_H

#include "analysis/screen/screening.h"

#include <stdio.h>

struct stand_permit {
    struct screening_questions *questions; /* owned */
    struct screening screening;
};

/* Reads and judges the file; 0, or -1 and *why. End it whatever comes. */
int stand_permit_begin(struct stand_permit *permit, const char *path, struct problem *why);
void stand_permit_end(struct stand_permit *permit);

/* Whether `person` (NULL = whoever was asked) may do what `protocol` (stand, walk, press) asks for
 * today: 0, or -1 and *why (refused). Standing and pressing can be done with one foot, walking with
 * both only (reflexology.md Q15, Q20, Q34): what the one foot may not, and whether it needs a hold,
 * is told on `out`. */
int stand_permit_check(const struct stand_permit *permit, const char *protocol, const char *person,
                       FILE *out, struct problem *why);

/* And a walk on a mat, which is massage: both feet may have it. */
int stand_permit_mat(const struct stand_permit *permit, FILE *out, struct problem *why);

#endif
