/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which zones to press with a single stud next, after a mat or weight shifts on the bare plate.
 *
 * An answer there names no place. Suspected is each zone that bore, at an answer of pain,
 *   - at least half as much of its region's usual ceiling (toe, arch 250 kPa; ball 350; heel 450)
 *     as the zone that bore most, and
 *   - not clearly less (under 0.67) than it bore in another press of the same tool without pain.
 * Those suspected at more of the answers come first, then those that bore more of their ceiling; at
 * most 6 a foot and tool. It is a hint where to look, never a state, threshold or flag. Zones that
 * are only the union of their parts are left out, and so is what a single stud has pressed. Pure
 * but for result->stud_next; one thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_TENDER_NEXT_H
#define TENDERFOOT_ANALYSIS_PRESS_TENDER_NEXT_H

#include "analysis/json_writer.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

#define STUD_NEXT_MOST 6 /* of one foot and tool */

/* Fills result->stud_next; after the states of zones are known. */
int tender_next_find(struct result *result, struct problem *why);

/* "P16, left foot: ..." as one sentence. */
void tender_next_words(const struct stud_next *next, char *text, size_t cap);

/* A sentence where somebody was tested standing, on a mat or the bare plate, and no place was
 * pressed with a single stud; else NULL. */
const char *tender_standing_only(const struct result *result);
/* What is said where no zone is flagged: nobody was asked, the test ended before, no press tells
 * anything (press_use_of: only quick touches, catch trials, doubtful ones), answers unreliable, or
 * nothing was found. */
const char *tender_nothing_flagged(const struct result *result);
/* 1: no press of the test can tell anything, or its answers are unreliable: that nothing is flagged
 * is then no result. */
int tender_tells_nothing(const struct result *result);
/* "16 weight shifts on the bare plate, 2 answers; 8 presses of a mat, 4 answers"; "" = none. */
void tender_standing_count(const struct result *result, char *text, size_t cap);

/* Member stud_next. */
void tender_next_json(struct json_writer *w, json_t *root, const struct result *result);

#endif
