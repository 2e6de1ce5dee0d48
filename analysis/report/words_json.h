/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents (analysis/SCHEMA.md and its like) in the language of whoever reads them: the keys stay,
 * sentences are said by the report's catalogues (words_made.h). Any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WORDS_JSON_H
#define TENDERFOOT_ANALYSIS_REPORT_WORDS_JSON_H

#include "analysis/report/words.h"

#include <jansson.h>

/* 1: members of this name hold sentences ("why", "evidence", "..._reason"); all others hold names,
 * codes or somebody's own words. */
int words_json_is_sentence(const char *key);
/* The sentences of a document; what no catalogue has stays English. 0, or -1 without memory: it
 * may be half done then. */
int words_json_say(json_t *document, enum words_language language);

#endif
