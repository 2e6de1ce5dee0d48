/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences that the engines made in English (evidence, warnings, reasons), said in the thread's
 * language (words.h).
 *
 * The engines keep sentences, not formats: the same ones stand in JSON, whose words are a contract.
 * A made sentence is translated by the catalogue's formats turned round: the msgid whose literal
 * text fits the whole sentence, with the most of it, gives what stood at its conversions; names and
 * clauses found there are translated the same way, fractions get the language's sign, and the
 * msgstr
 * ("%2$s" may change the order) takes them up again. A sentence that no msgid fits is tried in its
 * parts, ended by ". ", "; ", ": " or ", "; what is left stays as it is. Any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WORDS_MADE_H
#define TENDERFOOT_ANALYSIS_REPORT_WORDS_MADE_H

#include "analysis/report/text.h"

/* Adds the sentence; control characters and bytes that are no UTF-8 as text_add_foreign has them.
 * NULL adds nothing. */
void text_add_made(struct text *text, const char *english);

#endif
