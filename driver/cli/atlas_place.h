/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `tenderfoot atlas --at`: all zones under a place, of one chart or of several beside each other.
 */
#ifndef TENDERFOOT_DRIVER_CLI_ATLAS_PLACE_H
#define TENDERFOOT_DRIVER_CLI_ATLAS_PLACE_H

#include "analysis/atlas/atlas.h"
#include "firmware/wire/problem.h"

struct place_question {
    const struct atlas *atlas, *beside; /* beside NULL = none */
    const char *recording;              /* NULL: the place is u, v of the template foot */
    double a, b;                        /* u and v; with a recording x and y, mm on its plate */
    enum side side; /* of u, v; with a recording the only foot that may be meant, or unknown */
    double error_mm;
    int json;
};

/* Prints the answer. Refused: a place on no foot of the recording. */
int atlas_place_answer(const struct place_question *question, struct problem *why);

#endif
