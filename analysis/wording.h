/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that the station may print.
 *
 * The station measures pressure and records answers; it does not name diseases and promises
 * nothing. wording_check refuses the phrases that say so (reflexology 8.3) and the articles' claims
 * that may not be repeated as fact (8.2), whole words, any case, any run of white space between
 * words. The disclaimer's own sentences are the only places where some of them may stand. Read-only
 * data; any thread. */
#ifndef TENDERFOOT_ANALYSIS_WORDING_H
#define TENDERFOOT_ANALYSIS_WORDING_H

#include "firmware/wire/problem.h"

/* 0, or -1 with the phrase and its place in *why (PROBLEM_REFUSED). NULL and "" are fine. */
int wording_check(const char *text, struct problem *why);

/* For what is said about the articles, not about a person: the atlas's list of conflicts, rules on
 * whom not to press. Text between “ and ” that is followed at once by its source, like “…”
 * [003:271], is a quotation and not looked at, and names of conditions may stand. */
int wording_check_sourced(const char *text, struct problem *why);

/* The same for a sentence in German ("de") or Russian ("ru"), by word lists of their own; "en" is
 * wording_check. */
int wording_check_in(const char *code, const char *text, struct problem *why);

/* Printed on every report and screen (8.4). */
extern const char wording_disclaimer[];

/* The articles' own caveats, usable in reports with their source (8.5). */
struct wording_caveat {
    const char *quote, *cite; /* "000:358": article, line */
};
int wording_caveat_count(void);
const struct wording_caveat *wording_caveat(int index);

#endif
