/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of a report: gettext catalogues (analysis/report/po, compiled by msgfmt) that are
 * built in, so that no locale of the machine is needed.
 *
 * Like uselocale(3), the language is the calling thread's, and set for the time of one report: text
 * built meanwhile (text.h) is looked up by its English words or format, and fractions get the
 * language's decimal sign. What a catalogue lacks stays English. The file's form: GNU gettext
 * manual, "The Format of GNU MO Files". Read-only data; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_WORDS_H
#define TENDERFOOT_ANALYSIS_REPORT_WORDS_H

#include "firmware/wire/problem.h"

#include <stddef.h>
#include <stdint.h>

enum words_language { WORDS_ENGLISH, WORDS_GERMAN, WORDS_RUSSIAN, WORDS_LANGUAGES };

/* "en", "de" or "ru"; -1 (usage) naming the possible. */
int words_language_of(const char *code, enum words_language *language, struct problem *why);
const char *words_code(enum words_language language);

/* Returns the one before, to be set again. */
enum words_language words_use(enum words_language language);
enum words_language words_used(void);
char words_decimal(void); /* '.' or ',' */

/* `english` in the thread's language. */
const char *words_tr(const char *english);
/* Marks words for xgettext that are looked up later. */
#define N_(english) english
/* By number: the language's own plural rule. */
const char *words_plural(const char *one, const char *many, unsigned long n);

/* Of another catalogue in the same form, compiled in on a boundary of 4 bytes: what it has for an
 * id
 * ("context\004english" where the entry has a context), or NULL. */
const char *words_find_in(const uint32_t *catalogue, const char *id);

/* The catalogue itself, for tests: entries of a language (English has none). Plural forms follow
 * each other, each ended by NUL, as in the file; *n is their length in bytes. */
int words_count(enum words_language language);
const char *words_entry(enum words_language language, int i, const char **translated, size_t *n);

#endif
