/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press finder: the presses of the press test, found in the frames.
 *
 * Tools (tool.h): single stud. While a press annotation holds, the force on the stud's cells is
 * followed (press_force.h). One press = the ramp around the first button-down edge, else the one
 * with the highest peak (press_ramp.h). The answer is the first button-down edge from the ramp's
 * start until 0.5 s after its end; the pressure at the answer is the ramp's at the edge's time less
 * the person's reaction time (reaction.h: from the taps, else the field's; kept in
 * result->reaction_s), between frames by a straight line, at most at the peak. Mat and bare plate:
 * no single place; what studs and zones got (press_spread.c) is in press->studs and
 * result->press_zones.
 *
 * Place in the foot frame: press_place.h, from heel cup, seated print (step `sit`), what touches
 * beside the stud, and the shape of the standing foot. Without stud or side the place is unknown;
 * without a cup it is where heel or seated print tell, else unknown.
 *
 * Scale (annotation `answer`, 0 to 4): an answer with 2 is ache, not pain: a lower bound. Ache and
 * pain are kept apart in press->ache_kpa and pain_kpa; not asked counts as pain.
 *
 * Catch trial: a press so annotated, in which no pressure rises; a button in it is a false answer.
 * One false answer makes the answers unreliable. If the pressure rises in it, it is not used.
 *
 * What a press cannot be relied on for is said in press->doubt: button held or pressed before the
 * rise, answer within the reaction time of the start or after the lift, frames lost at the answer,
 * cut off, stopped, no rise at all, more than a fifth of the stud's base (or half of its tip) on
 * masked or dead cells, a rate far from what is wanted, scale and button that contradict each
 * other, tip not stated. Outside of annotations stud-like blobs (press_blob.h) are looked for in a
 * press step and listed as doubtful, without pressures.
 *
 * press->own_sd (of ln kPa): reaction's SD x slope / pressure; the cells' error over the root of
 * their number; 1 % for the base's rim; 0.1 for each doubling of the rate outside of 30 to 50
 * kPa/s; 0.3 b / (1 - b) where a share b of the base lay on cells that see nothing and was filled
 * from the others; added in squares.
 *
 * One thread a handle. Memory grows with the frames that belong to presses, by two numbers each,
 * and by the touching cells of one picture a press. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_FINDER_H
#define TENDERFOOT_ANALYSIS_PRESS_FINDER_H

#include "analysis/grid.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

#include <jansson.h>
#include <stdint.h>

/* What a press may be used for: nothing (doubtful, catch trial, tap, a mat or a shift of weight,
 * which name no single place), a lower bound of the threshold of pain (no answer, or ache), or
 * pain. */
enum press_use { PRESS_NOTHING, PRESS_BOUND, PRESS_PAIN };
/* *kpa: at the answer, or what was borne; NAN for nothing. */
enum press_use press_use_of(const struct press *press, double *kpa);

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

/* Ends it, frees the finder in any case, and fills result->presses, press_zones,
 * reaction_s and what is known of it, answers_unreliable with unreliable_why, subject_sex, notes,
 * exclusions, left_out, stops, not_comparable, heel_pain_walking. Times of presses are seconds
 * since the first frame. Feet and facts (masked cells) must be in the result already. */
int press_finder_finish(struct press_finder *finder, struct result *result, struct problem *why);

/* For a caller that gives up; NULL is fine. */
void press_finder_free(struct press_finder *finder);

#endif
