/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results made by hand: template feet painted onto a plate, with presses, states and flags, for
 * tests of what comes after the analysis (report, export). Deterministic; freed by result_free. */
#ifndef TENDERFOOT_TESTS_SUPPORT_EXAMPLE_RESULT_H
#define TENDERFOOT_TESTS_SUPPORT_EXAMPLE_RESULT_H

#include "analysis/result.h"

enum example {
    EXAMPLE_TENDER,         /* two feet, all levels of flags, every state somewhere */
    EXAMPLE_NOTHING_TENDER, /* pressed everywhere, no pain reported */
    EXAMPLE_NO_PRESS,       /* standing only */
    EXAMPLE_ONE_FOOT,       /* the right foot, turned 25 degrees */
    EXAMPLE_NO_FOOT,        /* something with four paws */
    EXAMPLE_PRESS_ONLY,     /* template feet, no load */
    EXAMPLE_UNRELIABLE,     /* pain reported in catch trials */
    EXAMPLE_CROWDED,        /* 25 flagged zones on each foot, long names, many warnings */
    EXAMPLE_UNKNOWN_SIDE,   /* one foot, left or right undecided */
    EXAMPLE_BARE,           /* no fact known, a client label that is no UTF-8 */
    EXAMPLE_WALK,           /* maximum picture, nominal calibration, cells above the scale */
    EXAMPLE_COUNT
};

/* NULL when memory ran out or the atlas cannot be loaded. */
struct result *example_result(enum example which);
const char *example_name(enum example which);

#endif
