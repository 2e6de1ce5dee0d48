/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the soles a press test tested: the one count that every verb, report and page tells.
 *
 * Counted are whole zones of the sole on both feet, those for women only where the sex is recorded
 * so; parts and variants belong to their whole. Tested is a zone that a single stud pressed
 * soundly: pressure by a mat or a shift of weight, a press of unknown place and a doubtful one test
 * nothing, and what the screening excludes, or lies on a foot that is not in the recording, is not
 * tested. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_TESTED_H
#define TENDERFOOT_ANALYSIS_PRESS_TESTED_H

#include "analysis/result.h"

struct tested_count {
    int presses; /* by single studs; catch trials and quick touches are none */
    int zones, not_tested;
    int parts; /* not tested, of zones that were */
};

struct tested_count tested_count_of(const struct result *result);
int zone_is_tested(const struct zone_result *zone);
/* 1: the chart shows it to this person. */
int zone_is_shown(const struct result *result, const struct atlas_zone *zone);

/* The screening's line that takes the whole foot out of the press test; NULL = none. */
const struct screening_line *foot_left_out_by(const struct result *result, enum side side);

/* "40 presses, 20 of 48 zones of the soles tested, 28 not tested", or that none was. */
const char *tested_words(const struct result *result, char *text, size_t cap);

#endif
