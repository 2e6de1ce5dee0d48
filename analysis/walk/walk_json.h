/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The walk as a member of the result's JSON (analysis/SCHEMA.md, `walk`). */
#ifndef TENDERFOOT_ANALYSIS_WALK_WALK_JSON_H
#define TENDERFOOT_ANALYSIS_WALK_WALK_JSON_H

#include "analysis/json_writer.h"
#include "analysis/result.h"

/* `walk` into the document, null with the reason when nobody walked; each step over time only
 * with_frames. */
void walk_json(struct json_writer *w, json_t *root, const struct result *result, int with_frames);

#endif
