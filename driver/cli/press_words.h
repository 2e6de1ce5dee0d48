/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `tenderfoot press` says when the test is over: in words, and as "tenderfoot/press/1". */
#ifndef TENDERFOOT_DRIVER_CLI_PRESS_WORDS_H
#define TENDERFOOT_DRIVER_CLI_PRESS_WORDS_H

#include "analysis/result.h"
#include "driver/press_run.h"

#include <jansson.h>

/* `found` NULL: the recording could not be analysed, `no_analysis` says why (may be NULL). */
struct press_words {
    const char *path, *uri;
    const struct press_run_result *run;
    const struct problem *why; /* how the recording ended: PROBLEM_NONE = well */
    const struct result *found;
    const char *no_analysis;
};

void press_words_print(FILE *out, const struct press_words *words);

/* NULL: no memory, or a text that is not UTF-8. */
json_t *press_words_json(const struct press_words *words);

#endif
