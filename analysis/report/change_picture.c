/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/change_picture.h"

#include "analysis/change/load_change_json.h"
#include "analysis/report/page.h"
#include "analysis/report/surfaces.h"
#include "analysis/report/svg_finish.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SOLE_TOP_PT 72.0
#define SOLE_HEIGHT_PT 350.0
#define BAR_HEIGHT_PT 10.0
#define BAR_STEPS 60

struct drawing {
    struct page page;
    const struct comparison *c;
    double scale_kpa, pt_per_mm;
    struct box words; /* what is left of the page for sentences */
    int left_out;     /* sentences that did not fit */
};

/* --- Palette ---------------------------------------------------------------------------------- */

/* Steps of equal lightness to both sides (L* 97, 82, 66, 50, 36), from CIE L*a*b* of hues 65 and
 * 265 degrees: orange to brown, blue to dark blue. */
static const unsigned char more_steps[][3] = {
    {247, 247, 247}, {254, 189, 134}, {224, 140, 66}, {179, 97, 12}, {127, 66, 0}};
static const unsigned char less_steps[][3] = {
    {247, 247, 247}, {172, 208, 240}, {112, 164, 216}, {60, 122, 178}, {22, 85, 138}};
enum { LAST = sizeof more_steps / sizeof more_steps[0] - 1 };

struct rgb palette_change_colour(double share)
{
    const unsigned char(*steps)[3] = share < 0 ? less_steps : more_steps;
    double at = isnan(share) ? 0 : fmin(fabs(share), 1) * LAST;
    int i = at < LAST ? (int)at : LAST - 1;
    double rest = at - i, of[3];
    for (int k = 0; k < 3; k++)
        of[k] = (steps[i][k] + (steps[i + 1][k] - steps[i][k]) * rest) / 255;
    return (struct rgb){of[0], of[1], of[2]};
}

double change_scale_kpa(const struct comparison *c)
{
    static const double steps[] = {1, 2, 5};
    double largest = fmax(c->maps[0].largest_kpa, c->maps[1].largest_kpa), scale = 10;
    for (int i = 0; scale < largest && i < 12; i++)
        scale = steps[(i + 1) % 3] * pow(10, 1 + (i + 1) / 3);
    return scale;
}

/* --- Soles -------------------------------------------------------------------------------------
 */

static void paint(struct drawing *d, double share)
{
    struct rgb colour = palette_change_colour(share);
    cairo_set_source_rgb(d->page.cr, colour.r, colour.g, colour.b);
}

/* + or - in the middle of a point of this size. */
static void draw_sign(struct drawing *d, double x, double y, double size, int is_more)
{
    double arm = 0.28 * size;
    page_ink(&d->page, 0);
    cairo_set_line_width(d->page.cr, 0.1 * size);
    cairo_move_to(d->page.cr, x - arm, y);
    cairo_line_to(d->page.cr, x + arm, y);
    if (is_more) {
        cairo_move_to(d->page.cr, x, y - arm);
        cairo_line_to(d->page.cr, x, y + arm);
    }
    cairo_stroke(d->page.cr);
}

static void draw_point(struct drawing *d, const struct pressure_change *map, size_t i, double x,
                       double y)
{
    double size = map->pitch_mm * d->pt_per_mm;
    if (isnan(map->change_kpa[i]))
        return;
    paint(d, map->change_kpa[i] / d->scale_kpa);
    cairo_rectangle(d->page.cr, x - size / 2, y - size / 2, size + 0.1, size + 0.1);
    cairo_fill(d->page.cr);
    if (map->verdict[i] == CHANGE_BEYOND)
        draw_sign(d, x, y, size, map->change_kpa[i] > 0);
}

static void draw_outline(struct drawing *d, const struct pressure_change *map, double x, double y)
{
    int n;
    const struct uv *outline = foot_outline_template(&n);
    for (int i = 0; i < n; i++) {
        struct point p = foot_frame_to_plate(&map->frame, outline[i]);
        cairo_line_to(d->page.cr, x + p.x_mm * d->pt_per_mm, y - p.y_mm * d->pt_per_mm);
    }
    cairo_close_path(d->page.cr);
    page_ink(&d->page, 0.55);
    cairo_set_line_width(d->page.cr, 0.6);
    cairo_stroke(d->page.cr);
}

/* The long axis at x, the heel's back edge at the bottom. */
static void draw_sole(struct drawing *d, int k, double x)
{
    const struct pressure_change *map = &d->c->maps[k];
    double bottom = SOLE_TOP_PT + SOLE_HEIGHT_PT - 10;
    for (int row = 0; row < map->rows; row++)
        for (int col = 0; col < map->cols; col++)
            draw_point(d, map, (size_t)row * (size_t)map->cols + (size_t)col,
                       x + (map->first_x_mm + col * map->pitch_mm) * d->pt_per_mm,
                       bottom - (map->first_y_mm + row * map->pitch_mm) * d->pt_per_mm);
    if (map->rows)
        draw_outline(d, map, x, bottom);
}

static void name_sole(struct drawing *d, int k, double x, double w)
{
    const struct pressure_change *map = &d->c->maps[k];
    const char *side = k ? "Right foot" : "Left foot";
    char text[300];
    if (!map->rows)
        snprintf(text, sizeof text, "%s: no map, as %s.", side, map->reason);
    else if (map->reason[0])
        snprintf(text, sizeof text,
                 "%s: whether a change is beyond the measuring error is unknown: "
                 "%s.",
                 side, map->reason);
    else
        snprintf(text, sizeof text,
                 "%s: more on %.0f cm2, less on %.0f cm2, beyond what the plate errs "
                 "(by chance alone: %.0f cm2).",
                 side, map->more_cm2, map->less_cm2, pressure_change_chance_cm2(map));
    page_ink(&d->page, 0);
    page_text(&d->page, STYLE_SMALL,
              (struct box){x - w / 2, SOLE_TOP_PT + SOLE_HEIGHT_PT + 4, w, 26}, ALIGN_CENTRE, text);
}

static void draw_soles(struct drawing *d)
{
    double half = (PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT) / 2, longest = 100;
    for (int k = 0; k < 2; k++)
        longest = fmax(longest, d->c->maps[k].rows * d->c->maps[k].pitch_mm);
    d->pt_per_mm = fmin(1.2, (SOLE_HEIGHT_PT - 20) / longest);
    for (int k = 0; k < 2; k++) {
        double x = PAGE_MARGIN_PT + half * (0.5 + k);
        draw_sole(d, k, x);
        name_sole(d, k, x, half - 12);
    }
}

static void draw_bar(struct drawing *d, double y)
{
    double w = 260, x = (PAGE_WIDTH_PT - w) / 2, step = w / BAR_STEPS;
    char text[60];
    for (int i = 0; i < BAR_STEPS; i++) {
        paint(d, 2 * (i + 0.5) / BAR_STEPS - 1);
        cairo_rectangle(d->page.cr, x + i * step, y, step + 0.1, BAR_HEIGHT_PT);
        cairo_fill(d->page.cr);
    }
    page_ink(&d->page, 0);
    for (int i = -1; i <= 1; i++) {
        snprintf(text, sizeof text, "%+.0f%s", i * d->scale_kpa, i == 1 ? " kPa" : "");
        page_text_at(&d->page, STYLE_TINY, x + w * (i + 1) / 2, y + BAR_HEIGHT_PT + 7,
                     i ? text : "0");
    }
    page_text_at(&d->page, STYLE_TINY, x - 28, y + BAR_HEIGHT_PT / 2, "less");
    page_text_at(&d->page, STYLE_TINY, x + w + 28, y + BAR_HEIGHT_PT / 2, "more");
}

/* --- Words -------------------------------------------------------------------------------------
 */

static void write_head(struct drawing *d)
{
    const struct recording_facts *a = &d->c->before->facts, *b = &d->c->after->facts;
    struct text text = {0};
    struct box box = {PAGE_MARGIN_PT, PAGE_MARGIN_PT - 8, PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT, 0};
    page_ink(&d->page, 0);
    box.y += page_text(&d->page, STYLE_HEADING, box, ALIGN_LEFT, "What changed") + 2;
    text_add_foreign(&text, b->client, "nobody named");
    text_addf(&text, ": ");
    text_add_foreign(&text, a->started_utc, "time not stated");
    text_addf(&text, " and ");
    text_add_foreign(&text, b->started_utc, "time not stated");
    text_addf(&text,
              ". Seen from above, the person's left foot on the left. + and -: more and less "
              "pressure than before, beyond what the plate errs; how differently a person "
              "stands each time is not held by that.");
    d->page.failed |= text.failed;
    box.h = 40;
    page_text(&d->page, STYLE_SMALL, box, ALIGN_LEFT, text_string(&text));
    text_free(&text);
}

/* A sentence where there is room for it; else it is left out, and the last line says so. */
static void write_sentence(void *to, const char *sentence)
{
    struct drawing *d = to;
    double h = page_text_height(&d->page, STYLE_TINY, d->words.w, sentence);
    if (d->words.h < h + 1.5) {
        d->left_out++;
        return;
    }
    page_text(&d->page, STYLE_TINY, (struct box){d->words.x, d->words.y, d->words.w, h}, ALIGN_LEFT,
              sentence);
    d->words.y += h + 1.5;
    d->words.h -= h + 1.5;
}

/* Before any number: the two may not be of one person. */
static void warn_of_people(const struct comparison *c, void (*write)(void *to, const char *),
                           void *to)
{
    char text[400];
    for (int i = 0; i < c->load.n_warnings; i++)
        if (strstr(c->load.warnings[i], "people") || strstr(c->load.warnings[i], "person")) {
            snprintf(text, sizeof text, "Warning: %s", c->load.warnings[i]);
            write(to, text);
        }
}

static void write_words(struct drawing *d, double y)
{
    char text[400];
    double w = PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT;
    double h = page_text_height(&d->page, STYLE_TINY, w, wording_disclaimer);
    double bottom = PAGE_HEIGHT_PT - PAGE_MARGIN_PT + 12 - h;
    page_ink(&d->page, 0);
    page_text(&d->page, STYLE_TINY, (struct box){PAGE_MARGIN_PT, bottom, w, h}, ALIGN_LEFT,
              wording_disclaimer);
    d->words = (struct box){PAGE_MARGIN_PT, y, w, bottom - 16 - y};
    warn_of_people(d->c, write_sentence, d);
    if (d->c->tender.reason[0] && (d->c->tender.was_pressed[0] || d->c->tender.was_pressed[1])) {
        snprintf(text, sizeof text, "Tender zones are not comparable: %s.", d->c->tender.reason);
        write_sentence(d, text);
    }
    for (int i = 0; i < d->c->tender.n; i++) {
        tender_sentence(&d->c->tender.of[i], text);
        write_sentence(d, text);
    }
    load_change_sentences(&d->c->load, write_sentence, d);
    snprintf(text, sizeof text, "%d more: in the comparison as text or JSON.", d->left_out);
    if (d->left_out)
        page_text(&d->page, STYLE_TINY, (struct box){PAGE_MARGIN_PT, bottom - 14, w, 10},
                  ALIGN_LEFT, text);
}

static int compose(void *context, cairo_surface_t *surface, struct report_check *check,
                   struct problem *why)
{
    struct drawing d = {.c = context};
    double below = SOLE_TOP_PT + SOLE_HEIGHT_PT + 36;
    if (page_begin(&d.page, surface, why))
        return -1;
    d.scale_kpa = change_scale_kpa(d.c);
    page_ink(&d.page, 1);
    cairo_paint(d.page.cr);
    write_head(&d);
    draw_soles(&d);
    draw_bar(&d, below);
    write_words(&d, below + 34);
    if (check)
        page_check(&d.page, check);
    return page_end(&d.page, why);
}

static void add_line(void *to, const char *sentence)
{
    text_add(to, sentence);
    text_add(to, "\n");
}

/* The page in words, for those who do not see pictures. */
static int describe(const struct comparison *c, struct text *svg, struct problem *why)
{
    struct text words = {0};
    char text[400];
    warn_of_people(c, add_line, &words);
    for (int i = 0; i < c->tender.n; i++) {
        tender_sentence(&c->tender.of[i], text);
        add_line(&words, text);
    }
    load_change_sentences(&c->load, add_line, &words);
    int bad = words.failed ? problem_no_memory(why, "the SVG")
                           : svg_describe(svg, "What changed", text_string(&words), why);
    text_free(&words);
    if (bad)
        text_free(svg);
    return bad;
}

int change_picture_render(const struct comparison *comparison, enum report_format format,
                          struct text *out, struct report_check *check, struct problem *why)
{
    if (check)
        *check = (struct report_check){0};
    if (format == REPORT_HTML)
        return problem(why, PROBLEM_USAGE, "a comparison is drawn as .pdf, .png or .svg");
    if (surface_render(compose, (void *)(uintptr_t)comparison, format, "What changed",
                       comparison->after->facts.started_utc, out, check, why))
        return -1;
    return format == REPORT_SVG ? describe(comparison, out, why) : 0;
}
