/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenderness: from presses and answers to states, thresholds and flags of zones.
 *
 * Presses of one foot aimed at the same place of the route, as near as their places' errors allow,
 * are one place; without an aim, those within 7 mm. A place is credited to every zone that contains
 * it (parts, variants and their parents alike), and to the zone it was aimed at when it lies within
 * 7 mm of it (small zones are smaller than a place's error); catch trials, touches for the reaction
 * time, mats and presses of unknown place to none. Doubtful presses count as repeats and as nothing
 * else. Thresholds of all places, of all sessions together, come from threshold_fit (threshold.h);
 * a zone's is that of its telling place. Without any answer the censored bound: the lowest of the
 * repeats' highest pressures (all of them bore at least that much).
 *   tender (measured)  pain answered in two or more passes and more than half of the presses
 *   no_pain_to_ceiling no answer, presses in two or more passes
 *   uncertain          any other answer or single press; a union of parts that gave no pain while
 *                      one of its parts was not pressed or is uncertain itself; also zones of a
 *                      foot on which a press of unknown place was made, if not pressed otherwise
 *   attention          tender, below factor (0.7) x what the other foot and the region lead one to
 *                      expect, and beyond the person's own repeatability, all places taken into
 *                      account (VERDICT_ATTENTION)
 *   both sides         tender on both feet, neither flagged, both below factor x the region (or
 *                      there are not three other places of the region to compare with)
 *   watch              VERDICT_WATCH, or attention at a place of a zone that is uncertain
 * Compared is only what has the same tip area and ramp rate (within 35 %). Where the other foot
 * bore everything its bound is a lower one: it proves a difference and never disproves one. Answers
 * in catch trials, or repeats that follow no pressure (result->answers_unreliable): thresholds
 * stay, no flags. Callus notes, exclusions, wishes to stop and zones for women only are worked in.
 * A zone that is only the union of its parts takes the highest flag of them. Definitions:
 * reflexology.md 4.4.
 *
 * Never changes load numbers. One thread. */
#ifndef TENDERFOOT_ANALYSIS_TENDERNESS_H
#define TENDERFOOT_ANALYSIS_TENDERNESS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct tenderness_options {
    double factor;              /* 0.7: how much lower counts as lower */
    double same_ramp_tolerance; /* 0.35: ramps that differ by more are not compared */
};
struct tenderness_options tenderness_defaults(void);

/* Sets states, thresholds, flags and evidence of all zones of all feet, result->flags (attention,
 * both sides, watch; then by side and atlas order) and result->not_tested. */
int tenderness_apply(struct result *result, struct problem *why);
int tenderness_apply_with(struct result *result, const struct tenderness_options *options,
                          struct problem *why);

#endif
