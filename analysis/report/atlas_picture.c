/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/atlas_picture.h"
#include "analysis/atlas/atlas_query.h"
#include "analysis/foot/guide_lines.h"
#include "analysis/foot/strips.h"
#include "analysis/report/page.h"
#include "analysis/report/surfaces.h"
#include "analysis/wording.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOLE_HEIGHT_PT 385.0
#define SOLES_TOP_PT 78.0
#define LIST_COLUMNS 3

#define LABELS_MAX 160
#define LABEL_COLUMN_PT 92.0 /* from the sole's axis to the ids beside it */
#define LABEL_WIDTH_PT 34.0
#define LABEL_STEP_PT 9.0

/* An id beside the sole, with a line to its zone. */
struct label {
    double x, y; /* of the zone, on the page */
    int is_right;
    double grey;
    char text[24];
};

struct drawing {
    struct page page;
    const struct atlas_picture *picture;
    struct foot_frame frame; /* of the sole being drawn */
    struct landmarks landmarks;
    double middle_mm; /* of the sole, across the plate */
    struct label labels[LABELS_MAX];
    int n_labels;
    double x_pt, y_pt, pt_per_mm; /* where the plate's origin comes to lie; y grows upward there */
};

static int is_wanted(const struct drawing *d, const struct atlas_zone *zone)
{
    return !d->picture->wanted || atlas_zone_matches(zone, d->picture->wanted);
}

static void to_page(const struct drawing *d, struct point at, double *x, double *y)
{
    *x = d->x_pt + at.x_mm * d->pt_per_mm;
    *y = d->y_pt - at.y_mm * d->pt_per_mm;
}

/* --- Lines ----------------------------------------------------------------------------------- */

static void path_of(struct drawing *d, const struct point *points, int n, int closed)
{
    double x, y;

    for (int i = 0; i < n; i++) {
        to_page(d, points[i], &x, &y);
        (i ? cairo_line_to : cairo_move_to)(d->page.cr, x, y);
    }
    if (closed)
        cairo_close_path(d->page.cr);
}

static void stroke(struct drawing *d, double width, double grey, int dashed)
{
    static const double dashes[] = {3, 2};

    cairo_set_dash(d->page.cr, dashes, dashed ? 2 : 0, 0);
    cairo_set_line_width(d->page.cr, width);
    page_ink(&d->page, grey);
    cairo_stroke(d->page.cr);
    cairo_set_dash(d->page.cr, NULL, 0, 0);
}

static void draw_sole(struct drawing *d)
{
    struct point points[96];
    int n;
    const struct uv *outline = foot_outline_template(&n);

    for (int i = 0; i < n && i < 96; i++)
        points[i] = foot_frame_to_plate(&d->frame, outline[i]);
    path_of(d, points, n < 96 ? n : 96, 1);
    page_ink(&d->page, 0.95);
    cairo_fill_preserve(d->page.cr);
    stroke(d, 0.8, 0.45, 0);
}

/* A line across the foot: u of v. */
static void draw_across(struct drawing *d, const struct guide_lines *lines,
                        double (*u_at)(const struct guide_lines *, double))
{
    struct point points[21];

    for (int i = 0; i <= 20; i++)
        points[i] = foot_frame_to_plate(&d->frame, (struct uv){u_at(lines, i / 20.0), i / 20.0});
    path_of(d, points, 21, 0);
    stroke(d, 1.1, 0.15, 0);
}

static double waist_u(const struct guide_lines *lines, double v)
{
    (void)v;
    return lines->waist_u;
}

static double heel_u(const struct guide_lines *lines, double v)
{
    (void)v;
    return lines->heel_front_u;
}

static void draw_strips(struct drawing *d)
{
    struct strips strips = strips_from(&d->landmarks);
    struct point points[STRIP_OUTLINE_MAX];

    for (int k = 1; k <= STRIP_COUNT; k++) {
        int n = strip_outline(&strips, &d->frame, k, points);
        path_of(d, points, n, 1);
        stroke(d, 0.4, 0.65, 1);
    }
}

/* --- Zones ----------------------------------------------------------------------------------- */

static struct point middle_of(const struct point *points, int n)
{
    struct point sum = {0, 0};

    for (int i = 0; i < n; i++) {
        sum.x_mm += points[i].x_mm / n;
        sum.y_mm += points[i].y_mm / n;
    }
    return sum;
}

/* Where the line from the id ends: a path's far end (its parts share the near one), else its
 * middle. */
static struct point label_place(const struct drawing *d, const struct atlas_zone *zone,
                                const struct point *points, int n)
{
    if (zone->shape.kind == ZONE_STRIP && zone->parent)
        return foot_frame_to_plate(&d->frame, zone->shape.path[zone->shape.n_path - 1]);
    return middle_of(points, n);
}

static void to_rim(const struct drawing *d, const struct point *points, int n, struct label *label)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (label->is_right ? points[i].x_mm > points[best].x_mm
                            : points[i].x_mm < points[best].x_mm)
            best = i;
    to_page(d, points[best], &label->x, &label->y);
}

static void note_label(struct drawing *d, const struct atlas_zone *zone, const struct point *points,
                       int n, int is_beside)
{
    struct label *label = &d->labels[d->n_labels];

    if (d->n_labels == LABELS_MAX)
        return;
    to_page(d, label_place(d, zone, points, n), &label->x, &label->y);
    snprintf(label->text, sizeof label->text, is_beside ? "(%.14s)" : "%.14s", zone->id);
    label->is_right = label->x > d->x_pt + d->middle_mm * d->pt_per_mm;
    if (zone->shape.kind == ZONE_ELLIPSE) /* rings about one place: the line ends at its own ring */
        to_rim(d, points, n, label);
    label->grey = is_beside ? 0.4 : 0;
    d->n_labels++;
}

static int by_column(const void *a, const void *b)
{
    const struct label *m = a, *k = b;

    if (m->is_right != k->is_right)
        return m->is_right - k->is_right;
    if (m->y < k->y || m->y > k->y)
        return m->y < k->y ? -1 : 1;
    return strcmp(m->text, k->text);
}

/* Ids of one column from the top, none nearer to the one above than a line. */
static void draw_labels(struct drawing *d)
{
    double y[2] = {0, 0};

    qsort(d->labels, (size_t)d->n_labels, sizeof d->labels[0], by_column);
    for (int i = 0; i < d->n_labels; i++) {
        struct label *label = &d->labels[i];
        double x = d->x_pt + (label->is_right ? LABEL_COLUMN_PT : -LABEL_COLUMN_PT);
        double at = fmax(label->y, y[label->is_right]);

        y[label->is_right] = at + LABEL_STEP_PT;
        cairo_move_to(d->page.cr, x + (label->is_right ? -2 : 2), at);
        cairo_line_to(d->page.cr, label->x, label->y);
        stroke(d, 0.35, 0.45, 0);
        cairo_arc(d->page.cr, label->x, label->y, 1, 0, 2 * M_PI);
        cairo_fill(d->page.cr);
        page_ink(&d->page, label->grey);
        page_text(&d->page, STYLE_TINY,
                  (struct box){label->is_right ? x : x - LABEL_WIDTH_PT, at - 4, LABEL_WIDTH_PT, 0},
                  label->is_right ? ALIGN_LEFT : ALIGN_RIGHT, label->text);
    }
    d->n_labels = 0;
}

static void draw_zone(struct drawing *d, const struct atlas_zone *zone, int is_beside)
{
    struct point points[ATLAS_OUTLINE_MAX];
    int n = atlas_outline(zone, &d->frame, &d->landmarks, points, ATLAS_OUTLINE_MAX);
    if (!n)
        return;
    path_of(d, points, n, 1);
    stroke(d, is_beside ? 0.7 : 0.8, is_beside ? 0.4 : 0, is_beside);
    note_label(d, zone, points, n, is_beside);
}

static void draw_zones(struct drawing *d, const struct atlas *atlas, enum zone_kind kind,
                       int is_beside)
{
    for (int z = 0; atlas && z < atlas_count(atlas); z++) {
        const struct atlas_zone *zone = atlas_zone(atlas, z);
        int is_variant = zone->parent && atlas_find(atlas, zone->parent)->shape.kind != ZONE_PARTS;
        if (zone->is_plantar && zone->shape.kind == kind && !is_variant && is_wanted(d, zone))
            draw_zone(d, zone, is_beside);
    }
}

static void draw_foot(struct drawing *d, enum side side, double left_pt)
{
    struct guide_lines lines;
    double length = d->picture->length_mm;

    d->pt_per_mm = SOLE_HEIGHT_PT / length;
    d->frame = foot_frame_template(side, (struct point){0, 0}, 0, length);
    d->landmarks = landmarks_template();
    d->x_pt = left_pt;
    d->y_pt = SOLES_TOP_PT + SOLE_HEIGHT_PT;
    d->middle_mm = foot_frame_to_plate(&d->frame, (struct uv){0.5, 0.5}).x_mm;
    lines = guide_lines_from(&d->landmarks);
    draw_sole(d);
    if (side == SIDE_RIGHT) {
        draw_strips(d);
        draw_across(d, &lines, guide_toe_u);
        draw_across(d, &lines, guide_diaphragm_u);
        draw_across(d, &lines, waist_u);
        draw_across(d, &lines, heel_u);
    }
    enum zone_kind kind = side == SIDE_LEFT ? ZONE_ELLIPSE : ZONE_STRIP;
    draw_zones(d, d->picture->atlas, kind, 0);
    draw_zones(d, d->picture->beside, kind, 1);
    draw_labels(d);
}

/* --- Words ----------------------------------------------------------------------------------- */

static void write_head(struct drawing *d)
{
    const struct atlas_picture *picture = d->picture;
    char text[240];
    double w = PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT;
    struct box box = {PAGE_MARGIN_PT, PAGE_MARGIN_PT - 8, w, 0};

    page_ink(&d->page, 0);
    snprintf(text, sizeof text, "Zones of the sole: %.60s %.20s%s%.60s", atlas_name(picture->atlas),
             atlas_version(picture->atlas), picture->beside ? "; in brackets, dashed: " : "",
             picture->beside ? atlas_name(picture->beside) : "");
    box.y += page_text(&d->page, STYLE_HEADING, box, ALIGN_LEFT, text) + 2;
    page_text(&d->page, STYLE_SMALL, (struct box){box.x, box.y, w / 2 - 6, 24}, ALIGN_LEFT,
              "Left sole, seen from above: points and areas, named beside it.");
    page_text(&d->page, STYLE_SMALL, (struct box){box.x + w / 2, box.y, w / 2, 24}, ALIGN_LEFT,
              "Right sole: lines, strips 1 to 5 from the big toe, and (across, from the toes) toe, "
              "diaphragm, waist and heel line.");
}

static void write_zone(struct drawing *d, const struct atlas_zone *zone, struct box *box)
{
    char tradition[300], text[400];

    atlas_tradition(zone, tradition, sizeof tradition);
    snprintf(text, sizeof text, "%s %s%s: %s", zone->id, zone->name,
             zone->is_plantar ? "" : " (outside the plate)", tradition);
    double h = page_text_height(&d->page, STYLE_TINY, box->w, text);
    double bottom = PAGE_HEIGHT_PT - PAGE_MARGIN_PT - 40;
    if (box->y + h > bottom) {
        box->y = SOLES_TOP_PT + SOLE_HEIGHT_PT + 14;
        box->x += box->w + 10;
    }
    page_text(&d->page, STYLE_TINY, (struct box){box->x, box->y, box->w, h}, ALIGN_LEFT, text);
    box->y += h + 1.5;
}

static void write_list(struct drawing *d)
{
    const struct atlas *atlas = d->picture->atlas;
    double w = PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT;
    struct box box = {PAGE_MARGIN_PT, SOLES_TOP_PT + SOLE_HEIGHT_PT + 14,
                      (w - 10 * (LIST_COLUMNS - 1)) / LIST_COLUMNS, 0};

    page_ink(&d->page, 0);
    for (int z = 0; z < atlas_count(atlas); z++)
        if (!atlas_zone(atlas, z)->parent && is_wanted(d, atlas_zone(atlas, z)))
            write_zone(d, atlas_zone(atlas, z), &box);
    double h = page_text_height(&d->page, STYLE_TINY, w, wording_disclaimer);
    page_text(&d->page, STYLE_TINY,
              (struct box){PAGE_MARGIN_PT, PAGE_HEIGHT_PT - PAGE_MARGIN_PT - h + 12, w, h},
              ALIGN_LEFT, wording_disclaimer);
}

/* --- The page -------------------------------------------------------------------------------- */

static int compose(void *context, cairo_surface_t *surface, struct report_check *check,
                   struct problem *why)
{
    struct drawing d = {.picture = context};
    double half = (PAGE_WIDTH_PT - 2 * PAGE_MARGIN_PT) / 2;

    if (page_begin(&d.page, surface, why))
        return -1;
    page_ink(&d.page, 1);
    cairo_paint(d.page.cr);
    write_head(&d);
    draw_foot(&d, SIDE_LEFT, PAGE_MARGIN_PT + half / 2);
    draw_foot(&d, SIDE_RIGHT, PAGE_MARGIN_PT + half * 1.5);
    write_list(&d);
    if (check)
        page_check(&d.page, check);
    return page_end(&d.page, why);
}

int atlas_picture_render(const struct atlas_picture *picture, enum report_format format,
                         struct text *out, struct report_check *check, struct problem *why)
{
    if (check)
        *check = (struct report_check){0};
    return surface_render(compose, (void *)(uintptr_t)picture, format, "Zones of the sole", NULL,
                          out, check, why);
}
