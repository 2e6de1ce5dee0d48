/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the page; compose.c says how high each may be, the parts fill their box.
 *
 * Each part has a function that measures and one that draws, from the same texts. One thread. */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PARTS_H
#define TENDERFOOT_ANALYSIS_REPORT_PARTS_H

#include "analysis/report/facts.h"
#include "analysis/report/findings.h"
#include "analysis/report/page.h"

struct report {
    const struct result *result;
    const struct report_options *options;
    struct findings findings;
    struct page page;
    int rows_cut;
    int failed; /* memory for a text */
};

/* Draws a text built by a facts function and frees it; returns the height used. */
double part_text(struct report *report, enum page_style style, struct box box,
                 enum page_align align, struct text *text);

double part_header(struct report *report, struct box box); /* returns its height */

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

/* findings_part.c: the table of tender zones. */
double part_findings_height(struct report *report, double width); /* with every row in full */
void part_findings(struct report *report, struct box box);

/* notes_part.c: lists of zones at the left, recording quality at the right. */
double part_notes_height(struct report *report, double width);
void part_notes(struct report *report, struct box box);

double part_disclaimer_height(struct report *report, double width);
void part_disclaimer(struct report *report, struct box box);

/* A list cut after a whole item so that it fits: "P01, P02 and 7 more, see the text report". Items
 * end at one of `separators`. The caller's string (free); NULL when memory ran out. */
char *fit_list(struct page *page, enum page_style style, struct box box, const char *separators,
               const char *text);

/* compose.c: the whole page. */
int report_compose(struct report *report, cairo_surface_t *surface, struct report_check *check,
                   struct problem *why);

#endif
