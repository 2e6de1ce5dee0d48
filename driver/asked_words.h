/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the screening asks, in the thread's language (analysis/report/words.h), in the same words
 * on the station's page and in the terminal: both take them from the page's catalogues
 * (driver/web/po), by the contexts "q.Q05", "a.Q06.slight" and "a.yes". What these lack stays as
 * the questions' file has it. Read-only data; any thread. */
#ifndef TENDERFOOT_DRIVER_ASKED_WORDS_H
#define TENDERFOOT_DRIVER_ASKED_WORDS_H

#include "analysis/screen/screening.h"

const char *asked_question(const struct screening_question *question);
const char *asked_option(const struct screening_question *question,
                         const struct screening_option *option);

#endif
