/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Earlier sessions: presses of earlier recordings of the same person beside those of this one.
 *
 * Each keeps its place on the foot of its own recording; session counts the earlier recordings,
 * newest first. Compared is only what can be (reflexology.md 4.4, R30): refused with a reason are a
 * recording of another person, or one of which either side does not say who it is, another tip, a
 * wanted rate that differs by more than 35 %, and the same recording twice. A session with a
 * painkiller, on either side, or with unreliable answers is left out with a warning, and so is each
 * where this recording is of a mat or of weight shifts. One thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_SESSIONS_H
#define TENDERFOOT_ANALYSIS_PRESS_SESSIONS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

#define PRESS_SESSIONS_MAX 32

/* `earlier` are borrowed, in any order. Appends to result->presses and press_zones. */
int press_sessions_add(struct result *result, const struct result *const *earlier, int n,
                       struct problem *why);

#endif
