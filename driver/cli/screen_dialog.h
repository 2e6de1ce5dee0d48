/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screening as a conversation by lines: each question with its answers, then what an answer
 * needs further (which foot, where, which doctor). Reads `in`, writes questions to `out`; knows no
 * terminal. */
#ifndef TENDERFOOT_DRIVER_CLI_SCREEN_DIALOG_H
#define TENDERFOOT_DRIVER_CLI_SCREEN_DIALOG_H

#include "analysis/atlas/atlas.h"
#include "analysis/screen/screening.h"

#include <stdio.h>

/* The `answers` object of a screening file; a question passed over with an empty line is left out.
 * Answers that are none are asked again, days too that there were not or that lie ahead of
 * `today` ("2026-11-22"), and places whose zone the atlas has not. NULL: no memory, or `in` ended
 * before the last question (PROBLEM_REFUSED). */
json_t *screen_dialog(const struct screening_questions *questions, const struct atlas *atlas,
                      const char *today, FILE *in, FILE *out, struct problem *why);

/* What is asked besides (screening_heel_question), behind the questions: "no", "left", "right" or
 * "both", valid as long as the questions; NULL = not asked, or passed over. */
const char *screen_dialog_heel(const struct screening_questions *questions, FILE *in, FILE *out);

#endif
