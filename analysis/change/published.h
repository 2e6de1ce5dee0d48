/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measuring errors that others have published, as data (published.json beside this header; another
 * file can be given), laid beside a comparison's own.
 *
 * `within_person_95` of an entry is 1.96 x the SD of one person's measurements on several days, in
 * the number's own unit, so that MDC95 = sqrt(2) x it (measuring_error.h). It holds how differently
 * people stand from day to day, which no single recording can tell; it was measured on other people
 * with other devices, whom `people` and `note` name. Plain memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_PUBLISHED_H
#define TENDERFOOT_ANALYSIS_CHANGE_PUBLISHED_H

#include "firmware/wire/problem.h"

#include <jansson.h>

/* A file of published errors; NULL: the built-in one. Refused: unknown or missing members, numbers
 * out of bounds, an id twice. NULL and *why. */
json_t *published_errors_load(const char *path, struct problem *why);

/* The member `published` of a comparison (SCHEMA.md): an entry for each published error whose
 * number (`sway.ml.rms_distance_mm`, dots between members) has a change in `comparison`. NULL
 * without memory. */
json_t *published_errors_beside(const json_t *errors, const json_t *comparison);

#endif
