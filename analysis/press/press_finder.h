/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press finder: single presses of the press test, found in the frames.
 *
 * While a press annotation holds, the force on the stud's footprint (square of footprint_cm2 about
 * the stud's centre, widened by one cell on each side) is followed: F = sum of kPa x cell area (N),
 * pressure at the tip = F / tip_cm2 x 10 x footprint_factor (kPa). One press = the ramp around the
 * first button-down edge, else the one with the highest peak (press_ramp.h). The answer is the
 * first button-down edge from the ramp's start until 0.5 s after its end; the pressure at the
 * answer is the ramp's at the edge's time less the reaction time (PRESS_REACTION_S, kept in
 * result->reaction_s), between frames by a straight line, at most at the peak.
 *
 * Place in the foot frame: from stud and heel cup, with the length and width of the standing foot
 * of that side if it was measured, else the annotation's foot length on the template, else a
 * template foot of 250 mm. Without stud, heel cup or side the place is unknown.
 *
 * Catch trial: a press so annotated, in which no pressure rises; a button in it is a false answer.
 * One false answer makes the answers unreliable. If the pressure rises in it, it is not used.
 *
 * What a press cannot be relied on for is said in press->doubt: button held or pressed before the
 * rise, answer within the reaction time of the start, frames lost at the answer, cut off, stopped,
 * no rise at all, tip not stated. Outside of annotations stud-like blobs (press_blob.h) are looked
 * for in a press step and listed as doubtful, without pressures.
 *
 * One thread a handle. Memory grows with the frames that belong to presses, by two numbers each. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_FINDER_H
#define TENDERFOOT_ANALYSIS_PRESS_FINDER_H

#include "analysis/grid.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stdint.h>

/* Taken off each answer: the median of simple reactions to a felt change (project choice). */
#define PRESS_REACTION_S 0.25

struct press_finder;

/* threshold_kpa: contact threshold of a cell, for blobs without annotation. */
struct press_finder *press_finder_begin(const struct grid *grid, double threshold_kpa,
                                        struct problem *why);

/* The step that holds until an annotation names one: the recording's protocol; NULL = none. */
void press_finder_protocol(struct press_finder *finder, const char *protocol);

/* One frame (rows * cols kPa) at device time; times that go back are ignored. Cheap outside of
 * press steps. */
int press_finder_frame(struct press_finder *finder, uint64_t time_us, const float *kpa,
                       struct problem *why);
/* A button edge, or the plate's word that the ceiling was reached, at its own time. May come
 * before or after the frame that covers it. */
int press_finder_button(struct press_finder *finder, uint64_t time_us, int down,
                        struct problem *why);
int press_finder_limit(struct press_finder *finder, uint64_t time_us, struct problem *why);

/* One parsed annotation (borrowed). Members of a wrong type count as missing; not an error. */
int press_finder_annotation(struct press_finder *finder, uint64_t time_us, const json_t *object,
                            struct problem *why);

/* Ends it, frees the finder in any case, and fills result->presses, reaction_s,
 * answers_unreliable with unreliable_why, subject_sex, notes, exclusions and stops. Times of
 * presses are seconds since the first frame. Feet must be in the result already. */
int press_finder_finish(struct press_finder *finder, struct result *result, struct problem *why);

/* For a caller that gives up; NULL is fine. */
void press_finder_free(struct press_finder *finder);

#endif
