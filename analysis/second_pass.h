/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second reading: once the feet are known, all frames are read again, and what needs both (a
 * foot's own force over time, a zone's, the steps of a walk) is made.
 *
 * The result is that of analyzer_finish, with its feet, masks, frames and zones; the frames are the
 * same in the same order (device time in us, usable or not: cells that are no pressure count as 0,
 * repeated and too late frames are left out, as the analyzer did). Knows no file. Allocates at
 * begin and finish, none per frame. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_SECOND_PASS_H
#define TENDERFOOT_ANALYSIS_SECOND_PASS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

#include <stdint.h>

struct second_pass;

/* `result` is borrowed until finish, and written to. */
struct second_pass *second_pass_begin(struct result *result, struct problem *why);
int second_pass_frame(struct second_pass *pass, uint64_t time_us, const float *kpa,
                      struct problem *why);
/* Puts what was made into the result and frees the pass, whatever it returns. */
int second_pass_finish(struct second_pass *pass, struct problem *why);
void second_pass_free(struct second_pass *pass);

#endif
