/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings of a result: whole sentences for the person who reads it. */
#ifndef TENDERFOOT_ANALYSIS_WARNINGS_H
#define TENDERFOOT_ANALYSIS_WARNINGS_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Adds a sentence (printf style, at most 300 characters); the same sentence again is not added. 0,
 * or -1 with `why` when there is no memory. */
int result_warn(struct result *result, struct problem *why, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
