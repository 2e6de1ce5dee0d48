/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The receiver operating characteristic as a picture, by cairo. */
#include "tests/cohort/heap.h"
#include "tests/cohort/press_rows.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 420.0
#define MARGIN 60.0

static const double colours[SPREADS][3] = {{0.0, 0.35, 0.7}, {0.85, 0.45, 0.0}, {0.4, 0.1, 0.45}};

static int falling(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x < *y) - (*x > *y);
}

static void gather(const struct press_score *people, int n, int is_planted, struct heap *heap)
{
    for (int i = 0; i < n; i++) {
        const struct session_score *s = &people[i].session[0];
        for (int k = 0; k < s->n_places && !people[i].is_unreliable; k++)
            if (!isnan(s->places[k].p_value) && s->places[k].presses > 0 &&
                s->places[k].is_planted == is_planted)
                heap_add(heap, 1 - (double)s->places[k].p_value, i);
    }
    if (heap->n)
        qsort(heap->value, heap->n, sizeof *heap->value, falling);
}

static void to(cairo_t *cr, double false_share, double hit_share)
{
    cairo_line_to(cr, MARGIN + SIDE * false_share, MARGIN + SIDE * (1 - hit_share));
}

static void draw_curve(cairo_t *cr, const struct heap *tender, const struct heap *other)
{
    size_t t = 0, o = 0;
    cairo_move_to(cr, MARGIN, MARGIN + SIDE);
    while (t < tender->n || o < other->n) {
        double level =
            fmax(t < tender->n ? tender->value[t] : -1, o < other->n ? other->value[o] : -1);
        while (t < tender->n && tender->value[t] >= level)
            t++;
        while (o < other->n && other->value[o] >= level)
            o++;
        to(cr, (double)o / (double)other->n, (double)t / (double)tender->n);
    }
    cairo_stroke(cr);
}

static void text(cairo_t *cr, double x, double y, const char *words)
{
    cairo_move_to(cr, x, y);
    cairo_show_text(cr, words);
}

static void draw_axes(cairo_t *cr)
{
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, 12);
    cairo_set_source_rgb(cr, 0.85, 0.85, 0.85);
    for (int i = 0; i <= 10; i++) {
        double at = SIDE * i / 10;
        cairo_move_to(cr, MARGIN + at, MARGIN);
        cairo_rel_line_to(cr, 0, SIDE);
        cairo_move_to(cr, MARGIN, MARGIN + at);
        cairo_rel_line_to(cr, SIDE, 0);
        cairo_stroke(cr);
    }
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_rectangle(cr, MARGIN, MARGIN, SIDE, SIDE);
    cairo_stroke(cr);
    for (int i = 0; i <= 10; i += 2) {
        char share[8];
        snprintf(share, sizeof share, "%d %%", 10 * i);
        text(cr, MARGIN + SIDE * i / 10 - 10, MARGIN + SIDE + 18, share);
        text(cr, MARGIN - 44, MARGIN + SIDE * (10 - i) / 10 + 4, share);
    }
    text(cr, MARGIN, MARGIN - 30,
         "Tender places found over places without a planted zone that are");
    text(cr, MARGIN, MARGIN - 14, "taken for tender, by p-value (one full session)");
}

static void draw_all(cairo_t *cr, const struct press_score *const people[SPREADS],
                     const int n[SPREADS], const double side_sd[SPREADS])
{
    draw_axes(cr);
    for (int k = 0; k < SPREADS; k++) {
        struct heap tender = {0}, other = {0};
        char words[100];
        gather(people[k], n[k], 1, &tender);
        gather(people[k], n[k], 0, &other);
        cairo_set_source_rgb(cr, colours[k][0], colours[k][1], colours[k][2]);
        cairo_set_line_width(cr, 1.8);
        if (tender.n && other.n) {
            struct score area = score_roc_area(tender.value, tender.n, other.value, other.n);
            draw_curve(cr, &tender, &other);
            snprintf(words, sizeof words, "left/right SD %.2f: area %.3f (%.3f to %.3f)",
                     side_sd[k], area.value, area.low, area.high);
            text(cr, MARGIN + 110, MARGIN + SIDE - 60 + 18 * k, words);
        }
        heap_free(&tender);
        heap_free(&other);
    }
}

int press_roc_draw(const struct press_score *const people[SPREADS], const int n[SPREADS],
                   const double side_sd[SPREADS], const char *path)
{
    size_t length = strlen(path);
    int is_svg = length > 4 && !strcmp(path + length - 4, ".svg");
    double side = SIDE + 2 * MARGIN;
    cairo_surface_t *surface =
        is_svg ? cairo_svg_surface_create(path, side, side)
               : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)side, (int)side);
    cairo_t *cr = cairo_create(surface);
    draw_all(cr, people, n, side_sd);
    cairo_destroy(cr);
    if (!is_svg)
        cairo_surface_write_to_png(surface, path);
    cairo_surface_finish(surface);
    int failed = cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS;
    cairo_surface_destroy(surface);
    return failed ? -1 : 0;
}
