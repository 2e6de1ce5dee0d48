/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where on its foot a zone was pressed, and when: for words and tables, after the analysis.
 *
 * Pure functions on a finished result; any thread. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_ZONE_PLACE_H
#define TENDERFOOT_ANALYSIS_PRESS_ZONE_PLACE_H

#include "analysis/result.h"

#include <stddef.h>

/* A press of the test (no catch trial, no touch) whose place lies in the zone. */
int press_is_in_zone(const struct result *result, const struct press *press,
                     const struct zone_result *zone);

/* In how many sessions the zone was pressed; 0 = never. */
int zone_sessions(const struct result *result, const struct zone_result *zone);

/* Its telling place: the press with the lowest answer, else the zone's middle. 0, or -1: none (it
 * lies outside the plate, or is the union of its parts and was not answered). */
int zone_place(const struct result *result, const struct zone_result *zone, struct uv *place);

#define ZONE_WHERE_MAX 64
/* "zone L1, ball": strip and region of the telling place; "" without one. Returns text. */
const char *zone_where(const struct result *result, const struct zone_result *zone, char *text,
                       size_t cap);

#endif
