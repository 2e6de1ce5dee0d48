/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feet over time as JSON: member `track` of the analysis (analysis/SCHEMA.md). */
#ifndef TENDERFOOT_ANALYSIS_TRACK_JSON_H
#define TENDERFOOT_ANALYSIS_TRACK_JSON_H

#include "analysis/json_writer.h"
#include "analysis/result.h"

/* Puts `track`, or null with `track_reason` where nobody stood long enough. */
void track_json(struct json_writer *w, json_t *root, const struct result *result);

#endif
