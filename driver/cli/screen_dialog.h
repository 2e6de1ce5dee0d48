/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screening as a conversation by lines: each question with its answers, then what an answer
 * needs further (which foot, where, which doctor). Reads `in`, writes questions to `out`; knows no
 * terminal. */
#ifndef TENDERFOOT_DRIVER_CLI_SCREEN_DIALOG_H
#define TENDERFOOT_DRIVER_CLI_SCREEN_DIALOG_H

#include "analysis/screen/screening.h"

#include <stdio.h>

/* The `answers` object of a screening file; a question passed over with an empty line is left out,
 * and so is everything behind the end of `in`. Answers that are none are asked again. NULL: no
 * memory. */
json_t *screen_dialog(const struct screening_questions *questions, FILE *in, FILE *out);

#endif
