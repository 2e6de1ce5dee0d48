/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load patterns as JSON: `patterns`, `patterns_not_told`, `norms`, `norms_version` (SCHEMA.md). */
#ifndef TENDERFOOT_ANALYSIS_PATTERNS_JSON_H
#define TENDERFOOT_ANALYSIS_PATTERNS_JSON_H

#include "analysis/json_writer.h"
#include "analysis/result.h"

/* Adds the members to `root`. */
void patterns_json(struct json_writer *w, json_t *root, const struct result *result);

#endif
