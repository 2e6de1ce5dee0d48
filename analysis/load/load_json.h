/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load numbers' members of the result's JSON (analysis/SCHEMA.md). */
#ifndef TENDERFOOT_ANALYSIS_LOAD_LOAD_JSON_H
#define TENDERFOOT_ANALYSIS_LOAD_LOAD_JSON_H

#include "analysis/json_writer.h"
#include "analysis/load/load.h"

/* Into the document: the whole plate, zero and drift, left against right. */
void load_json_plate(struct json_writer *w, json_t *root, const struct result *result);

/* Into the object of a foot, a region, a zone; over time only with_frames. A foot that never stood
 * gets null with the reason. */
void load_json_foot(struct json_writer *w, json_t *object, const struct result *result,
                    const struct foot_result *foot, int with_frames);
void load_json_region(struct json_writer *w, json_t *object, const struct foot_result *foot,
                      enum region_id region, int with_frames);
void load_json_zone(struct json_writer *w, json_t *object, const struct foot_result *foot, int zone,
                    int with_frames);

#endif
