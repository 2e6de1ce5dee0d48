/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that analyze, report and export share: RECORDING, --threshold, --calibration, --atlas,
 * --norms, --earlier; an argp child. The parent passes its `struct analysis_words` as the child's
 * input at ARGP_KEY_INIT. */
#ifndef TENDERFOOT_DRIVER_CLI_ANALYSIS_WORDS_H
#define TENDERFOOT_DRIVER_CLI_ANALYSIS_WORDS_H

#include "analysis/press/press_sessions.h"
#include "driver/analyze_recording.h"

#include <argp.h>

struct analysis_words {
    const char *recording, *calibration;     /* calibration NULL: the recording's own copy */
    struct analyzer_options options;         /* analyze_defaults() before parsing */
    const char *earlier[PRESS_SESSIONS_MAX]; /* --earlier, and further recordings after it */
    int n_earlier;
};

/* The child as the parent's only one, ended. */
extern const struct argp_child analysis_words_child[2];

/* A pressure in kPa from `least` to 10000, else a usage error that names the option. */
double parse_kpa(const char *option, const char *text, double least, struct argp_state *state);

/* Analyses what the words name; as analyze_recording. */
struct result *analyze_words(const struct analysis_words *words, struct problem *why);

#endif
