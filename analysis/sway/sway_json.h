/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sway result as JSON, schema tenderfoot/sway/1. Lengths in mm, times in s, rates in Hz. */
#ifndef TENDERFOOT_ANALYSIS_SWAY_SWAY_JSON_H
#define TENDERFOOT_ANALYSIS_SWAY_SWAY_JSON_H

#include "analysis/sway/sway.h"

#include <jansson.h>

/* `units`: those of the input file. NULL without memory. */
json_t *sway_json(const struct sway_result *result, const char *units);

/* "butter:4:10", or "none". */
void sway_filter_name(const struct sway_pipeline *pipeline, char name[40]);

#endif
