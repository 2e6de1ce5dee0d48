/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flagged zones on the picture: outline, hatching, and a numbered badge beside the foot with a
 * leader line, so that no number covers another even where zones lie inside each other. */
#include "analysis/report/sole_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MARKS_MAX 128

struct mark {
    const struct finding *finding;
    const struct atlas_zone *zone;
    struct point centre, tip; /* of the outline; where the leader line ends */
    double badge_y;
    int on_left;
};

struct marks {
    struct mark of[MARKS_MAX];
    int n;
};

/* Dashes and hatching, so that the levels differ in a grey copy too. */
void sole_stroke_flag(struct page *page, enum flag_level level)
{
    static const double dashes[] = {4, 2}, dots[] = {1.2, 1.6};
    cairo_set_dash(page->cr, NULL, 0, 0);
    cairo_set_line_width(page->cr, level == FLAG_WATCH ? 2.2 : 2.8);
    page_ink(page, 1);
    cairo_stroke_preserve(page->cr);
    if (level == FLAG_BOTH_SIDES)
        cairo_set_dash(page->cr, dashes, 2, 0);
    if (level == FLAG_WATCH)
        cairo_set_dash(page->cr, dots, 2, 0);
    cairo_set_line_width(page->cr, level == FLAG_WATCH ? 1.0 : 1.4);
    page_ink(page, 0);
    cairo_stroke_preserve(page->cr);
    cairo_set_dash(page->cr, NULL, 0, 0);
}

static void hatch_lines(struct page *page, struct box box)
{
    const double step = 3.2;
    for (double c = floor((box.x + box.y) / step) * step; c < box.x + box.w + box.y + box.h;
         c += step) {
        cairo_move_to(page->cr, c - box.y, box.y);
        cairo_line_to(page->cr, c - box.y - box.h, box.y + box.h);
    }
}

/* Oblique lines inside the current path, which is kept. */
void sole_hatch(struct page *page)
{
    double x0, y0, x1, y1;
    cairo_path_t *outline = cairo_copy_path(page->cr);
    cairo_path_extents(page->cr, &x0, &y0, &x1, &y1);
    cairo_save(page->cr);
    cairo_clip(page->cr);
    hatch_lines(page, (struct box){x0, y0, x1 - x0, y1 - y0});
    page_stroke_rimmed(page, 0.45, 0.35);
    cairo_restore(page->cr);
    cairo_append_path(page->cr, outline);
    cairo_path_destroy(outline);
}

static struct point centre_of(const struct point *points, int n)
{
    struct point sum = {0, 0};
    for (int i = 0; i < n; i++) {
        sum.x_mm += points[i].x_mm / n;
        sum.y_mm += points[i].y_mm / n;
    }
    return sum;
}

static struct point outermost(const struct point *points, int n, int on_left)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (on_left ? points[i].x_mm < points[best].x_mm : points[i].x_mm > points[best].x_mm)
            best = i;
    return points[best];
}

static int by_x(const void *a, const void *b)
{
    const struct mark *m = a, *k = b;
    if (m->centre.x_mm != k->centre.x_mm)
        return m->centre.x_mm < k->centre.x_mm ? -1 : 1;
    return m->finding->number - k->finding->number;
}

static int by_side_and_y(const void *a, const void *b)
{
    const struct mark *m = a, *k = b;
    if (m->on_left != k->on_left)
        return k->on_left - m->on_left;
    if (m->tip.y_mm != k->tip.y_mm)
        return m->tip.y_mm < k->tip.y_mm ? -1 : 1;
    return m->finding->number - k->finding->number;
}

static void collect(struct page *page, const struct sole *sole, struct marks *marks)
{
    struct point points[SOLE_POINTS_MAX];
    for (int i = 0; i < sole->foot->n_zones && marks->n < MARKS_MAX; i++) {
        const struct zone_result *zone = &sole->foot->zones[i];
        const struct finding *finding = findings_of(sole->findings, zone);
        int n = finding ? sole_zone_path(page, sole, zone->zone, points, SOLE_POINTS_MAX) : 0;
        if (n)
            marks->of[marks->n++] = (struct mark){
                .finding = finding, .zone = zone->zone, .centre = centre_of(points, n)};
    }
}

/* Zones left of the middle get their badge on the left, as long as the columns are not too uneven.
 */
static void choose_sides(struct page *page, const struct sole *sole, struct marks *marks, int room)
{
    struct point points[SOLE_POINTS_MAX];
    double middle = sole->box.x + sole->box.w / 2;
    int left = 0;
    qsort(marks->of, (size_t)marks->n, sizeof marks->of[0], by_x);
    while (left < marks->n && marks->of[left].centre.x_mm < middle)
        left++;
    if (left > room)
        left = room;
    if (marks->n - left > room)
        left = marks->n - room;
    for (int i = 0; i < marks->n; i++) {
        struct mark *mark = &marks->of[i];
        mark->on_left = i < left;
        int n = sole_zone_path(page, sole, mark->zone, points, SOLE_POINTS_MAX);
        mark->tip = outermost(points, n, mark->on_left);
    }
    qsort(marks->of, (size_t)marks->n, sizeof marks->of[0], by_side_and_y);
}

/* Pushes the badges of one column apart: down where they are too near, then back up from the foot
 * of the box. */
static void spread(struct mark *mark, int n, double top, double bottom, double step)
{
    for (int i = 0; i < n; i++) {
        double least = i ? mark[i - 1].badge_y + step : top;
        mark[i].badge_y = fmax(mark[i].tip.y_mm, least);
    }
    for (int i = n - 1; i >= 0; i--) {
        double most = i < n - 1 ? mark[i + 1].badge_y - step : bottom;
        mark[i].badge_y = fmin(mark[i].badge_y, most);
    }
}

static void draw_outlines(struct page *page, const struct sole *sole, const struct marks *marks)
{
    struct point points[SOLE_POINTS_MAX];
    for (int i = 0; i < marks->n; i++) {
        const struct mark *mark = &marks->of[i];
        sole_zone_path(page, sole, mark->zone, points, SOLE_POINTS_MAX);
        if (mark->finding->level == FLAG_ATTENTION)
            sole_hatch(page);
        sole_stroke_flag(page, mark->finding->level);
        cairo_new_path(page->cr);
    }
}

static void draw_leader(struct page *page, const struct mark *mark, double badge_x)
{
    cairo_new_path(page->cr);
    cairo_move_to(page->cr, badge_x, mark->badge_y);
    cairo_line_to(page->cr, mark->tip.x_mm, mark->tip.y_mm);
    page_stroke_rimmed(page, 0.5, 0.5);
    cairo_arc(page->cr, mark->tip.x_mm, mark->tip.y_mm, 1, 0, 2 * M_PI);
    page_ink(page, 0);
    cairo_fill(page->cr);
}

void sole_draw_badge(struct page *page, enum flag_level level, double x, double y, int number)
{
    const double radius = 5.2;
    char text[16];
    cairo_new_path(page->cr);
    if (level == FLAG_WATCH)
        cairo_rectangle(page->cr, x - radius, y - radius + 0.5, 2 * radius, 2 * radius - 1);
    else
        cairo_arc(page->cr, x, y, radius, 0, 2 * M_PI);
    page_ink(page, level == FLAG_ATTENTION ? 0 : 1);
    cairo_fill_preserve(page->cr);
    cairo_set_line_width(page->cr, 0.8);
    page_ink(page, 0);
    cairo_stroke(page->cr);
    page_ink(page, level == FLAG_ATTENTION ? 1 : 0);
    snprintf(text, sizeof text, "%d", number);
    page_text_at(page, STYLE_BADGE, x, y, text);
    page_ink(page, 0);
}

void sole_draw_marks(struct page *page, const struct sole *sole)
{
    const double step = 11;
    struct marks marks = {.n = 0};
    collect(page, sole, &marks);
    if (!marks.n)
        return;
    double top = sole->box.y + step / 2, bottom = sole->box.y + sole->box.h - step / 2;
    choose_sides(page, sole, &marks, (int)((bottom - top) / step) + 1);
    int left = 0;
    while (left < marks.n && marks.of[left].on_left)
        left++;
    spread(marks.of, left, top, bottom, step);
    spread(marks.of + left, marks.n - left, top, bottom, step);
    draw_outlines(page, sole, &marks);
    double x[2] = {sole->box.x + sole->box.w - 6, sole->box.x + 6};
    for (int i = 0; i < marks.n; i++)
        draw_leader(page, &marks.of[i], x[marks.of[i].on_left]);
    for (int i = 0; i < marks.n; i++)
        sole_draw_badge(page, marks.of[i].finding->level, x[marks.of[i].on_left],
                        marks.of[i].badge_y, marks.of[i].finding->number);
}
