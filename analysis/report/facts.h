/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences about a recording: who, when, how good, with what plate and calibration.
 *
 * Each call appends to a text; nothing is left out silently: a missing fact is told as "not
 * stated". Pure but for the text's memory; any thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_FACTS_H
#define TENDERFOOT_ANALYSIS_REPORT_FACTS_H

#include "analysis/report/report.h"

/* A quality line; the last has label NULL. */
struct fact_line {
    const char *label;
    void (*add)(struct text *, const struct result *, const struct report_options *);
    int of_feet; /* 1: says nothing of a walk in which no foot stands out; its steps do */
    int (*is_said)(const struct result *); /* NULL: always */
};
int fact_line_is_shown(const struct fact_line *line, const struct result *result);

extern const struct fact_line press_lines[]; /* how it was pressed, and how sure the answers are */
extern const struct fact_line fact_lines[];  /* of the recording */

/* Whom it is of: the name that whoever asks for the report knows, else the recording's label. */
void facts_add_client(struct text *text, const struct result *result,
                      const struct report_options *options);
/* ISO 8601 made readable: "2026-03-04T10:20:30Z" -> "2026-03-04 10:20 UTC", or "04.03.2026 ..."
 * where the language has days first; a day alone likewise; any other form as it is. */
void facts_add_utc(struct text *text, const char *utc, const char *when_missing);
void facts_add_date(struct text *text, const struct result *result); /* "2026-03-04 10:20 UTC" */
void facts_add_protocol(struct text *text, const struct result *result);

/* Which picture is shown: "mean pressure of 3000 loaded frames" or "maximum pressure ...". */
void facts_add_picture(struct text *text, const struct result *result);
/* The picture itself: rows * cols kPa, NULL when the recording has no load. */
const float *facts_picture(const struct result *result);
int facts_is_walk(const struct result *result);

/* Force, area and peak of the whole plate, each with unit and definition; NULL-terminated. */
extern const struct fact_line load_lines[];

/* "Left foot: 52.1 % of the load, 371 N ..." under a picture. */
void facts_add_foot(struct text *text, const struct foot_result *foot);

/* What is said where no zone is flagged (tender_nothing_flagged). */
const char *facts_nothing_flagged(const struct result *result);

#endif
