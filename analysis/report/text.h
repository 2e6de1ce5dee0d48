/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing text in memory: the sentences of a report, the lines of a table, the bytes of a file.
 *
 * Words and formats are looked up in the thread's language (words.h), English unless one is set.
 * Appending after memory ran out does nothing, so that a whole text is built first and asked once
 * at its end (text_failed). `bytes` always ends with a NUL that `n` does not count; NULL while
 * empty. Ownership: the caller's, text_free. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_TEXT_H
#define TENDERFOOT_ANALYSIS_REPORT_TEXT_H

#include <stddef.h>

struct text {
    char *bytes;
    size_t n, capacity;
    int failed;
};

void text_append(struct text *text, const void *bytes, size_t n);
void text_add(struct text *text, const char *string); /* NULL adds nothing */
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A foreign string (client label, serial number): control characters become spaces and bytes that
 * are no UTF-8 become '?', so that any surface can print it. NULL or "" adds `when_missing`. */
void text_add_foreign(struct text *text, const char *string, const char *when_missing);

/* The text, "" while empty; valid until the next change. */
const char *text_string(const struct text *text);
/* The text as the caller's own string (free), NULL when memory ran out; the struct is empty after.
 */
char *text_take(struct text *text);
void text_free(struct text *text);

#endif
