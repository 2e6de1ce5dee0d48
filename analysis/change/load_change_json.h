/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as JSON (analysis/change/SCHEMA.md). */
#ifndef TENDERFOOT_ANALYSIS_CHANGE_LOAD_CHANGE_JSON_H
#define TENDERFOOT_ANALYSIS_CHANGE_LOAD_CHANGE_JSON_H

#include "analysis/change/load_change.h"

#include <jansson.h>

/* Calls `say` with each sentence: feet first, then sway; changes larger than the error come first.
 */
void load_change_sentences(const struct load_change *change,
                           void (*say)(void *to, const char *text), void *to);

/* NULL without memory. */
json_t *load_change_json(const struct load_change *change, const struct result *before,
                         const struct result *after);

#endif
