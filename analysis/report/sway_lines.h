/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report says about sway and about an earlier recording: rows that page and text share.
 * Texts are the caller's; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_SWAY_LINES_H
#define TENDERFOOT_ANALYSIS_REPORT_SWAY_LINES_H

#include "analysis/report/report.h"

extern const char sway_title[];

/* A row: a number to the sides, to front and back, and in the plane; SWAY_HEADLINES = it has none
 * there. */
struct sway_row {
    const char *words, *unit;
    int decimals;
    enum sway_headline of[3];
};
enum { SWAY_ROWS = 4 };
extern const struct sway_row sway_rows[SWAY_ROWS];
extern const char *const sway_columns[3];

/* "4.12 (3.50 to 4.85) mm"; "" where the row has none. */
void sway_add_cell(struct text *text, const struct visit_sway *sway, const struct sway_row *row,
                   int column);
/* From when to when, with which pipeline, and what the intervals hold; or why there is no sway. */
void sway_add_note(struct text *text, const struct visit_sway *sway);

/* " Romberg quotient ...", where the stand with the other eyes is told too; else nothing. */
void sway_add_romberg(struct text *text, const struct result *result,
                      const struct report_options *options);

extern const char change_title[];

/* Rows of the feet, then of sway. */
enum { CHANGE_SWAY_ROWS = 4, CHANGE_ROWS = CHANGE_KEYS + CHANGE_SWAY_ROWS };
/* One number of both recordings; NULL when `foot` (0 left, 1 right; sway: 0) is not in both. */
const struct change *change_of_row(const struct load_change *load, int row, int foot);
void change_add_name(struct text *text, int row);
/* "104.1 → 110.3 cm²" */
void change_add_values(struct text *text, const struct change *change, int row);
/* "+6.2"; "–" where it is not known */
void change_add_change(struct text *text, const struct change *change, int row);
/* Larger than the measuring error: "yes", "no" or "not known". */
const char *change_verdict_words(const struct change *change);
/* When and who before, where the error is from, and what is to be kept in mind. */
void change_add_note(struct text *text, const struct comparison *earlier);
/* Sentences about tender zones gained, lost or unchanged: how many, and each. */
int change_zone_count(const struct comparison *earlier);
void change_add_zone(struct text *text, const struct comparison *earlier, int i);

#endif
