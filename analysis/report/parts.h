/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the pages; compose.c says where each stands, the parts fill their box.
 *
 * Each part has a function that measures and one that draws, from the same texts. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PARTS_H
#define TENDERFOOT_ANALYSIS_REPORT_PARTS_H

#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/page.h"
#include "analysis/report/report_plan.h"
#include "analysis/report/surfaces.h"

struct report {
    const struct result *result;
    const struct report_options *options;
    struct findings findings;
    const struct report_plan *plan;
    struct page page;
    int rows_cut;
    int brief;  /* 1: only changes beyond the error are told; 2: no list of articles either */
    int failed; /* memory for a text */
};

/* Draws a text built by a facts function and frees it; returns the height used. */
double part_text(struct report *report, enum page_style style, struct box box,
                 enum page_align align, struct text *text);

/* The same of parts that measure and draw by one function: drawn with `draw` only; the box has no
 * height of its own. Texts are small print. */
double part_heading(struct report *report, struct box box, const char *title, int draw);
double part_small(struct report *report, struct box box, struct text *text, int draw);

/* Returns its height. From the second page on a short one with name and date. */
double part_header(struct report *report, struct box box, int page, int n_pages);

/* soles_part.c: two panels and the scale; fills the box. */
void part_soles(struct report *report, struct box box);
/* 1 when part_soles shows steps of a walk, 0 when it shows the feet with their zones. */
int part_soles_show_steps(const struct report *report);

/* load_part.c: left and right, regions, key numbers, legend. */
void part_load(struct report *report, struct box box);

/* load_part.c: the regions' table, where any foot has numbers for it; returns its height. */
double part_load_regions(struct report *report, struct box box);
/* load_part.c: lines of the whole plate; those that need a foot only where one was found. */
double part_load_lines(struct report *report, struct box box);

/* walk_column.c: beside the steps: what was walked, and the legend of what their picture shows. */
void part_walk_column(struct report *report, struct box box);
/* walk_column.c: averages of whole steps by side, over the page's width; 0 without a walk. */
double part_walk_averages_height(struct report *report);
void part_walk_averages(struct report *report, struct box box);

/* findings_part.c: the table of tender zones: head, rows, and those that found no room. The head
 * carries the banner of unreliable answers, and says so where nothing is flagged. */
double part_findings_head_height(struct report *report, double width);
void part_findings_head(struct report *report, struct box box);
double part_findings_more_height(struct report *report, double width); /* on the next page */
void part_findings_more(struct report *report, struct box box);
double part_findings_row_height(struct report *report, double width, int row);
void part_findings_row(struct report *report, struct box box, int row);
double part_findings_rest_height(struct report *report, double width, int first);
void part_findings_rest(struct report *report, struct box box, int first);

/* summary_part.c: what a reader wants first, in plain sentences, and the grade of the recording. */
double part_summary_height(struct report *report, double width);
void part_summary(struct report *report, struct box box);

/* sway_part.c: sway of the stand with its intervals; no height where it was not looked for. */
double part_sway_height(struct report *report, double width);
void part_sway(struct report *report, struct box box);

/* change_part.c: the numbers beside those of an earlier recording; no height without one. */
double part_change_height(struct report *report, double width);
void part_change(struct report *report, struct box box);

/* plan_part.c: the massage plan that the articles suggest; no height without one. */
double part_plan_height(struct report *report, double width);
void part_plan(struct report *report, struct box box);

/* sources_part.c: what the ids and lines of the articles on the pages are. */
double part_sources_height(struct report *report, double width);
void part_sources(struct report *report, struct box box);

/* notes_part.c: lists of zones at the left, recording quality at the right. */
double part_notes_height(struct report *report, double width);
void part_notes(struct report *report, struct box box);

double part_disclaimer_height(struct report *report, double width);
void part_disclaimer(struct report *report, struct box box);

/* A list cut after a whole item so that it fits: "P01, P02 and 7 more, see the text report". Items
 * end at one of `separators`. The caller's string (free); NULL when memory ran out. */
char *fit_list(struct page *page, enum page_style style, struct box box, const char *separators,
               const char *text);

/* compose.c: all pages. */
int report_compose(struct report *report, struct surface_pages *surfaces,
                   struct report_check *check, struct problem *why);

#endif
