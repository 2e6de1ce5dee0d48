/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load part of the second reading (analysis/second_pass.h): frames in, load numbers out.
 *
 * Frames may come in any order within LOAD_PASS_LATE of each other; each index once. All memory is
 * taken at begin. One thread a handle. */
#ifndef TENDERFOOT_ANALYSIS_LOAD_LOAD_PASS_H
#define TENDERFOOT_ANALYSIS_LOAD_LOAD_PASS_H

#include "analysis/load/load.h"
#include "firmware/wire/problem.h"

struct load_pass;

/* `result` is borrowed: feet with zones, masks, frames, threshold. */
struct load_pass *load_pass_begin(struct result *result, struct problem *why);

/* Frame `index` of result->frames: rows * cols kPa, none negative or NaN. No allocation. */
void load_pass_frame(struct load_pass *pass, size_t index, const float *kpa);

/* Puts result->load and each loaded foot's ->load; frees the pass, whatever it returns. */
int load_pass_finish(struct load_pass *pass, struct problem *why);
void load_pass_free(struct load_pass *pass);

#endif
