/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signs of behaviour: guarding, withdrawal, reduced heel loading. They support an answer and raise
 * no flag.
 *
 * The second reading feeds the frames of standing; zones of both feet are followed in blocks of
 * 0.1 s. With F a zone's force, T its foot's, ' the same zone of the other foot:
 *
 * Guarding: F < F' (less than its mirror) and d = ln(F/T) - ln(F'/T') < 0 (less than its foot's
 * share expects) with z = -d / sd >= 3, where sd^2 = natural spread^2 + plate (cell's error^2
 * (1/cells + 1/cells')) + sway (variance of d's means over 2 s / their number). A cell counts by
 * its share in the zone.
 * Natural spread: feet differ though nobody spares anything. Of virtual people the middle half of d
 * spreads like 0.14 to 0.24 (toes), 0.06 (ball), 0.03 to 0.09 (arch) and 0.03 (heel), with long
 * tails: toes in the air, stumps, and above all zones in which one foot's contact ends. So it is
 * taken as 0.30, 0.15, 0.15 and 0.12 by region, and 1 - c is added in squares, c being the share of
 * the zone that is in contact on the foot where it is less: of the people of whom nothing is
 * tender, with all kinds of feet, 0 of 73 by whom this was chosen and 2 of 60 others then show a
 * sign (by 0.20 for all: 21 of 70). It takes a third less load at ball, arch or heel to be one,
 * three fifths at the toes. A foot at the plate's edge, or a zone of less than two cells, is not
 * judged. How much real people's feet differ standing is not agreed on in what is published (Wafai
 * et al. 2015, doi:10.3390/s150820392): no more is meant than that something differs.
 *
 * Withdrawal, standing: after a rise of a fifth of its mean within 1 s a zone loses half of its
 * mean within 0.3 s, more than 6 times its usual change (1.4826 MAD), while the foot's COP moves
 * 3 mm or more away from it and the foot stays loaded.
 * Withdrawal, pressed: lifted within 0.35 s (nine tenths of the peak to a tenth) below nine tenths
 * of a known ceiling, without an answer, of a single stud in this recording.
 *
 * Reduced heel loading: only where pain in the heel when walking was stated (of that side): d of
 * the heel's region (standing, or walking where nobody stood), z >= 2 with a spread of 0.10.
 *
 * Bounds are project choices. A zone that carries nearly nothing on either foot is not looked at.
 * One thread a handle. Memory: one number a zone and block, 10 minutes at most. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SIGNS_H
#define TENDERFOOT_ANALYSIS_PRESS_SIGNS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct sign_watch;

/* `result` is borrowed: feet with zones, presses, notes. */
struct sign_watch *sign_watch_begin(struct result *result, struct problem *why);
void sign_watch_free(struct sign_watch *watch);

/* A frame of a standing step, in the order of time; no allocation. */
void sign_watch_frame(struct sign_watch *watch, double time_s, const float *kpa);

/* Puts result->signs and a line of evidence at their zones; frees the watch in any case. */
int sign_watch_finish(struct sign_watch *watch, struct problem *why);

#endif
