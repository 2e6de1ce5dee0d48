/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result as JSON, schema "tenderfoot/analyze/1"; every key is in analysis/SCHEMA.md.
 *
 * A number that cannot be had is null and `<key>_reason` beside it says why. Keys keep their order;
 * the same result gives the same bytes. */
#ifndef TENDERFOOT_ANALYSIS_RESULT_JSON_H
#define TENDERFOOT_ANALYSIS_RESULT_JSON_H

#include "analysis/result.h"
#include "firmware/wire/problem.h"

#include <jansson.h>

/* A new object (caller: json_decref), or NULL and *why (out of memory). */
json_t *result_json(const struct result *result, int with_frames, struct problem *why);

/* The same as text with a newline at its end (caller: free), 12 digits a number. */
char *result_json_text(const struct result *result, int with_frames, struct problem *why);

#endif
