/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tenderness: from presses and answers to states, thresholds and flags of zones.
 *
 * A press is credited to every zone that contains its place (part or variant and its parent alike).
 * Threshold of a zone = median of the corrected pressures at the answers; without any answer, the
 * censored bound: the highest tip pressure that was borne without an answer, lowest over the
 * repeats (all of them bore at least that much).
 *   tender            pain answered in two or more passes, and in every press of the zone
 *   uncertain         a single press, answers in one pass only, or a place that is not known
 *   no_pain_to_ceiling no answer in two or more passes
 *   attention         tender, and threshold below factor (0.7) x the same zone of the other foot,
 *                     or below factor x the median of its region class on both feet; same tip
 *                     area and ramp rate (within 35 %) only. A censored partner is a lower bound:
 *                     it proves a difference, it never disproves one.
 *   both sides        tender on both feet and neither below factor x the other, and not below the
 *                     class median
 *   watch             an uncertain zone whose answers lie below factor x mirror or class median
 * Answers in catch trials (see result->answers_unreliable): thresholds stay, no attention flags.
 * Callus notes, exclusions and a wish to stop are worked in. Definitions: reflexology.md 4.4 is the
 * source of the rules, the project's SCHEMA.md documents the numbers.
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
