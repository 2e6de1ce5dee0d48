/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of paper: text fitted into boxes, lines, and the book-keeping that proves nothing
 * overlaps.
 *
 * Units are points (1/72 inch), origin at the top left of an A4 page. Text is laid out by Pango in
 * one typeface, DejaVu Sans, unhinted, so that every surface breaks its lines alike. Each piece of
 * text is kept with its box; page_check counts what leaves its box or covers another. One thread.
 */
#ifndef TENDERFOOT_ANALYSIS_REPORT_PAGE_H
#define TENDERFOOT_ANALYSIS_REPORT_PAGE_H

#include "analysis/report/palette.h"
#include "analysis/report/report.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#define PAGE_WIDTH_PT 595.276
#define PAGE_HEIGHT_PT 841.890
#define PAGE_MARGIN_PT 34.0

struct box {
    double x, y, w, h;
};

enum page_style {
    STYLE_TITLE,
    STYLE_HEADING,
    STYLE_BODY,
    STYLE_BOLD,
    STYLE_SMALL,
    STYLE_SMALL_BOLD,
    STYLE_TINY,
    STYLE_BADGE,
    STYLE_COUNT
};
enum page_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

struct page {
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoLayout *layout; /* one, used again for each piece of text */
    struct box *texts;   /* ink of each piece so far */
    int n_texts, cap_texts, outside, cut, failed;
    struct report_check done; /* of the pages before this one */
};

int page_begin(struct page *page, cairo_surface_t *surface, struct problem *why);
/* Goes on with an empty page on `surface`, which may be the same one. */
void page_next(struct page *page, cairo_surface_t *surface);
/* Frees the page; 0, or -1 when cairo or memory failed on the way. */
int page_end(struct page *page, struct problem *why);

/* Height that the text needs when broken at `width`. */
double page_text_height(struct page *page, enum page_style style, double width, const char *text);
double page_text_width(struct page *page, enum page_style style, const char *text);
double page_line_height(struct page *page, enum page_style style);

/* Draws text from the top left of the box, broken at its width and cut with an ellipsis at its
 * height (a box of height 0 is one line). Returns the height used. */
double page_text(struct page *page, enum page_style style, struct box box, enum page_align align,
                 const char *text);

/* Text on one line, centred on a point: badges, tick labels. */
void page_text_at(struct page *page, enum page_style style, double x, double y, const char *text);

void page_ink(struct page *page, double grey); /* 0 black .. 1 white, for what follows */
void page_rule(struct page *page, double x0, double x1, double y, double width, double grey);
/* A pen stroke of the current path, dark with a light rim so that it shows on any colour. */
void page_stroke_rimmed(struct page *page, double width, double rim);

/* Of all pages so far; texts of different pages do not cover each other. */
void page_check(const struct page *page, struct report_check *check);

#endif
