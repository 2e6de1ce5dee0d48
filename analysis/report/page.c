/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/page.h"

#include "analysis/report/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fonts[STYLE_COUNT] = {
    [STYLE_TITLE] = "DejaVu Sans Bold 15", [STYLE_HEADING] = "DejaVu Sans Bold 9",
    [STYLE_BODY] = "DejaVu Sans 7.5",      [STYLE_BOLD] = "DejaVu Sans Bold 7.5",
    [STYLE_SMALL] = "DejaVu Sans 6.8",     [STYLE_SMALL_BOLD] = "DejaVu Sans Bold 6.8",
    [STYLE_TINY] = "DejaVu Sans 6.2",      [STYLE_BADGE] = "DejaVu Sans Bold 6.4",
};

/* Hinting would make widths depend on the surface; without it PDF, SVG and PNG agree. */
static void set_font_options(PangoLayout *layout)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(pango_layout_get_context(layout), options);
    cairo_font_options_destroy(options);
}

int page_begin(struct page *page, cairo_surface_t *surface, struct problem *why)
{
    *page = (struct page){.cr = cairo_create(surface)};
    page->fonts = pango_cairo_font_map_new();
    if (!page->fonts || cairo_status(page->cr)) {
        page_end(page, NULL);
        return problem_no_memory(why, "the page");
    }
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(page->fonts), 72);
    PangoContext *context = pango_font_map_create_context(page->fonts);
    pango_context_set_language(context, pango_language_from_string(words_code(words_used())));
    /* Whole-point advances would space the letters of small print unevenly. */
    pango_context_set_round_glyph_positions(context, FALSE);
    page->layout = pango_layout_new(context);
    g_object_unref(context);
    set_font_options(page->layout);
    return 0;
}

void page_next(struct page *page, cairo_surface_t *surface)
{
    page_check(page, &page->done);
    cairo_show_page(page->cr);
    page->failed |= cairo_status(page->cr) != CAIRO_STATUS_SUCCESS;
    cairo_destroy(page->cr);
    page->cr = cairo_create(surface);
    page->n_texts = page->outside = page->cut = 0;
}

int page_end(struct page *page, struct problem *why)
{
    cairo_status_t status = cairo_status(page->cr);
    int failed = page->failed;
    if (page->layout)
        g_object_unref(page->layout);
    if (page->fonts)
        g_object_unref(page->fonts);
    cairo_destroy(page->cr);
    free(page->texts);
    *page = (struct page){0};
    if (failed)
        return problem_no_memory(why, "the page");
    if (status)
        return problem(why, PROBLEM_FAILED, "the page cannot be drawn: %s",
                       cairo_status_to_string(status));
    return 0;
}

/* 1 when the space at `s`, after a digit, stands before a unit. */
static int is_before_unit(const char *s)
{
    static const char *const units[] = {"kPa", "mm", "cm", "N", "%", "s", "ms"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = strlen(units[i]);
        if (!strncmp(s + 1, units[i], n) && !isalpha((unsigned char)s[1 + n]))
            return 1;
    }
    return 0;
}

/* 1 between the numbers of "001, 003". */
static int is_in_list(const char *text, const char *s)
{
    return s - text >= 2 && s[-1] == ',' && isdigit((unsigned char)s[-2]) &&
           isdigit((unsigned char)s[1]);
}

/* 1 beside the sign of "0.24 ± 0.01". */
static int is_about(const char *text, const char *s)
{
    return !strncmp(s + 1, "±", 2) || (s - text >= 2 && !strncmp(s - 2, "±", 2));
}

/* A number stays on one line with its unit and its error, a list of articles too: no-break spaces.
 */
static void set_text(struct page *page, const char *text)
{
    struct text bound = {0};
    text = words_tr(text);
    for (const char *s = text; *s; s++) {
        int is_bound = *s == ' ' && s > text &&
                       ((isdigit((unsigned char)s[-1]) && is_before_unit(s)) ||
                        is_in_list(text, s) || is_about(text, s));
        if (is_bound)
            text_append(&bound, "\u00a0", 2);
        else
            text_append(&bound, s, 1);
    }
    page->failed |= bound.failed;
    pango_layout_set_text(page->layout, text_string(&bound), -1);
    text_free(&bound);
}

static void lay_out(struct page *page, enum page_style style, double width, const char *text)
{
    PangoFontDescription *font = pango_font_description_from_string(fonts[style]);
    pango_layout_set_font_description(page->layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(page->layout, width > 0 ? (int)(width * PANGO_SCALE) : -1);
    pango_layout_set_height(page->layout, -1);
    pango_layout_set_ellipsize(page->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_wrap(page->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(page->layout, PANGO_ALIGN_LEFT);
    set_text(page, text);
}

static void laid_out_size(struct page *page, double *w, double *h)
{
    int width, height;
    pango_layout_get_size(page->layout, &width, &height);
    *w = (double)width / PANGO_SCALE;
    *h = (double)height / PANGO_SCALE;
}

double page_text_height(struct page *page, enum page_style style, double width, const char *text)
{
    double w, h;
    lay_out(page, style, width, text);
    laid_out_size(page, &w, &h);
    return h;
}

double page_text_width(struct page *page, enum page_style style, const char *text)
{
    double w, h;
    lay_out(page, style, 0, text);
    laid_out_size(page, &w, &h);
    return w;
}

double page_line_height(struct page *page, enum page_style style)
{
    return page_text_height(page, style, 0, "Ag");
}

/* Where the letters themselves lie, for the checks; blank text leaves no trace. */
static void remember_ink(struct page *page, double x, double y, struct box allowed)
{
    PangoRectangle ink;
    pango_layout_get_extents(page->layout, &ink, NULL);
    if (!ink.width || !ink.height)
        return;
    struct box box = {x + (double)ink.x / PANGO_SCALE, y + (double)ink.y / PANGO_SCALE,
                      (double)ink.width / PANGO_SCALE, (double)ink.height / PANGO_SCALE};
    const double slack = 0.8; /* a glyph may lean out of its advance by this much */
    if (box.x < allowed.x - slack || box.y < allowed.y - slack ||
        box.x + box.w > allowed.x + allowed.w + slack ||
        box.y + box.h > allowed.y + allowed.h + slack)
        page->outside++;
    if (page->n_texts == page->cap_texts) {
        int cap = page->cap_texts ? 2 * page->cap_texts : 128;
        struct box *texts = realloc(page->texts, (size_t)cap * sizeof *texts);
        if (!texts) {
            page->failed = 1;
            return;
        }
        page->texts = texts;
        page->cap_texts = cap;
    }
    page->texts[page->n_texts++] = box;
}

double page_text(struct page *page, enum page_style style, struct box box, enum page_align align,
                 const char *text)
{
    lay_out(page, style, box.w, text);
    pango_layout_set_ellipsize(page->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_height(page->layout, box.h > 0 ? (int)(box.h * PANGO_SCALE) : -1);
    pango_layout_set_alignment(page->layout, align == ALIGN_LEFT     ? PANGO_ALIGN_LEFT
                                             : align == ALIGN_CENTRE ? PANGO_ALIGN_CENTER
                                                                     : PANGO_ALIGN_RIGHT);
    double w, h;
    laid_out_size(page, &w, &h);
    int is_cut = pango_layout_is_ellipsized(page->layout) != 0;
    page->cut += is_cut;
    if (is_cut && !*page->done.first_cut)
        snprintf(page->done.first_cut, sizeof page->done.first_cut, "%s", text);
    cairo_move_to(page->cr, box.x, box.y);
    pango_cairo_show_layout(page->cr, page->layout);
    remember_ink(page, box.x, box.y, (struct box){box.x, box.y, box.w, box.h > 0 ? box.h : h});
    return h;
}

void page_text_at(struct page *page, enum page_style style, double x, double y, const char *text)
{
    double w, h;
    lay_out(page, style, 0, text);
    laid_out_size(page, &w, &h);
    cairo_move_to(page->cr, x - w / 2, y - h / 2);
    pango_cairo_show_layout(page->cr, page->layout);
    remember_ink(page, x - w / 2, y - h / 2, (struct box){x - w / 2, y - h / 2, w, h});
}

void page_ink(struct page *page, double grey)
{
    cairo_set_source_rgb(page->cr, grey, grey, grey);
}

void page_rule(struct page *page, double x0, double x1, double y, double width, double grey)
{
    page_ink(page, grey);
    cairo_set_line_width(page->cr, width);
    cairo_move_to(page->cr, x0, y);
    cairo_line_to(page->cr, x1, y);
    cairo_stroke(page->cr);
    page_ink(page, 0);
}

void page_stroke_rimmed(struct page *page, double width, double rim)
{
    cairo_set_line_width(page->cr, width + 2 * rim);
    page_ink(page, 1);
    cairo_stroke_preserve(page->cr);
    cairo_set_line_width(page->cr, width);
    page_ink(page, 0);
    cairo_stroke(page->cr);
}

static int covers(struct box a, struct box b)
{
    const double touch = 0.3; /* letters may come this near */
    return a.x + a.w > b.x + touch && b.x + b.w > a.x + touch && a.y + a.h > b.y + touch &&
           b.y + b.h > a.y + touch;
}

static int off_page(struct box box)
{
    const double least = 12; /* what printers cannot reach */
    return box.x < least || box.y < least || box.x + box.w > PAGE_WIDTH_PT - least ||
           box.y + box.h > PAGE_HEIGHT_PT - least;
}

void page_check(const struct page *page, struct report_check *check)
{
    struct report_check all = page->done;

    all.texts += page->n_texts;
    all.outside += page->outside;
    all.cut += page->cut;
    for (int i = 0; i < page->n_texts; i++) {
        all.outside += off_page(page->texts[i]);
        for (int k = 0; k < i; k++)
            all.overlapping += covers(page->texts[i], page->texts[k]);
    }
    all.pages++;
    *check = all;
}
