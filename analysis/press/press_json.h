/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The press test's part of an analysis as JSON: presses, reaction time, what zones got of a mat or
 * a weight shift, signs of behaviour. Keys: analysis/SCHEMA.md. */
#ifndef TENDERFOOT_ANALYSIS_PRESS_JSON_H
#define TENDERFOOT_ANALYSIS_PRESS_JSON_H

#include "analysis/json_writer.h"
#include "analysis/result.h"

void press_json(struct json_writer *w, json_t *root, const struct result *result);

#endif
