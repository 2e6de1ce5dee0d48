/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a report says about zones, as numbered rows and short lists; page and text print the same.
 *
 * Rows come in the order of result->flags (attention, sensitive on both sides, watch) and are
 * numbered from 1; the two flags of a zone that is sensitive on both sides make one row. Zones that
 * overlap share the presses made where they do: the first row tells these, the next refer to it, so
 * that one tender place does not read as several. Strings
 * are owned by the findings; `zone` points into the result. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_FINDINGS_H
#define TENDERFOOT_ANALYSIS_REPORT_FINDINGS_H

#include "analysis/report/text.h"
#include "analysis/result.h"
#include "firmware/wire/problem.h"

struct finding {
    int number;
    enum flag_level level;
    enum side side;                       /* SIDE_UNKNOWN: both feet */
    const struct zone_result *zone[3];    /* by enum side; NULL where the row says nothing */
    const struct atlas_zone *as_one_with; /* read as one with it; NULL */
    char *place;     /* "P07: ball behind the big toe", "P07/P08: ..." of two read as one */
    char *foot;      /* "left", "both" */
    int same_as;     /* the first row with the very same answers; 0 = none
                      */
    char *threshold; /* "180 kPa (170 to 190 kPa), answered in 2 of 2 presses", or whose they are */
    char *compared;  /* what it was compared with, in numbers */
    char *tradition; /* "traditionally associated with liver (articles 001:403, 003:271)" */
    char *where;     /* "zone L1, ball": strip and region of its telling place; "" unknown */
    char *small;     /* where, tradition and conflicts on one line, for the page */
    char *conflicts; /* "articles differ: Liver (C1: 001:465, ...)"; "" = none noted */
};

/* One line under the table: zones that share a state. */
struct finding_list {
    const char *label; /* "Not tested"; constant */
    char *text;        /* "both feet: P01 to P09, P12" */
};

struct findings {
    struct finding *rows;
    int n_rows;
    struct finding_list *lists;
    int n_lists;
};

/* One line under the heading of the table. */
extern const char findings_note[];
/* What the levels mean, with the rates of error that their rules are made for. */
extern const char findings_attention[], findings_watch[];
/* One line under the lists: where the names behind the ids are. */
extern const char findings_names_note[];

int findings_make(const struct result *result, struct findings *findings, struct problem *why);
void findings_free(struct findings *findings);

/* The row that marks this zone on the picture, or NULL. */
const struct finding *findings_of(const struct findings *findings, const struct zone_result *zone);

/* "left" | "right" | "side not known" */
const char *side_words(enum side side);
const struct foot_result *foot_of_side(const struct result *result, enum side side);

/* The foot shown in the left or right place: of that side, or a foot of unknown side in the first
 * free one. NULL when the place is empty. */
const struct foot_result *foot_in_place(const struct result *result, enum side side);
/* The heading of a place: "left", "right", or "foot" where the side is not known. */
const char *place_words(const struct result *result, enum side side);

/* "articles differ: Liver (C1)", or with each article and line "Liver (C1: 001:465, 003:271)"; adds
 * nothing where no conflict is noted. */
void zone_conflicts(struct text *text, const struct atlas *atlas, const struct atlas_zone *zone,
                    int with_lines);

/* 1 when another's words keep to wording_check; without memory for the check the text fails. */
int words_are_allowed(struct text *text, const char *words);

/* "traditionally associated with liver (articles 001:403, 003:271)": article and line;
 * annotation, never a finding. */
void tradition_add(struct text *text, const struct atlas_zone *zone);

#endif
