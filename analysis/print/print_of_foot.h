/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The footprint's numbers of a foot of a result. */
#ifndef TENDERFOOT_ANALYSIS_PRINT_PRINT_OF_FOOT_H
#define TENDERFOOT_ANALYSIS_PRINT_PRINT_OF_FOOT_H

#include "analysis/json_writer.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

/* Measures the foot's print in the result's contact picture, by its mask, frame and lines, and puts
 * it into foot->print. 0, or -1 with `why` (no memory). */
int print_of_foot(const struct result *result, struct foot_result *foot, struct problem *why);

/* `feet[].print` of the JSON document (analysis/SCHEMA.md): each number, or null and a reason, and
 * `sensitivity`. */
json_t *print_json(struct json_writer *w, const struct print_numbers *numbers);

#endif
