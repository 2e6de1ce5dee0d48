/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/report/sole_picture.h"

#include "analysis/report/facts.h"

#include <math.h>
#include <string.h>

#define RADIANS_PER_DEGREE (3.14159265358979323846 / 180)

#define SPINE_NAME "inner sole line" /* as the chart names the strips that make it up */

struct extent {
    double x0, x1, y0, y1;
};

static void extend(struct extent *extent, double x, double y)
{
    extent->x0 = fmin(extent->x0, x);
    extent->x1 = fmax(extent->x1, x);
    extent->y0 = fmin(extent->y0, y);
    extent->y1 = fmax(extent->y1, y);
}

static int frame_is_known(const struct foot_result *foot)
{
    const struct foot_frame *frame = &foot->frame;
    return isfinite(frame->heel.x_mm) && isfinite(frame->heel.y_mm) && isfinite(frame->angle_deg) &&
           isfinite(frame->length_mm) && frame->length_mm > 0;
}

/* Plate mm -> mm with the long axis pointing up the page (y down), before scaling. */
static cairo_matrix_t turned(const struct foot_result *foot)
{
    double angle = foot && frame_is_known(foot) ? foot->frame.angle_deg * RADIANS_PER_DEGREE : 0;
    cairo_matrix_t matrix;
    cairo_matrix_init(&matrix, cos(angle), -sin(angle), -sin(angle), -cos(angle), 0, 0);
    return matrix;
}

static void extend_by_cells(struct extent *extent, const cairo_matrix_t *matrix,
                            const struct grid *grid, const float *mask)
{
    for (int row = 0; row < grid->rows; row++)
        for (int col = 0; col < grid->cols; col++) {
            if (mask && !(mask[(size_t)row * (size_t)grid->cols + (size_t)col] > 0))
                continue;
            for (int corner = 0; corner < 4; corner++) {
                double x = (col + corner % 2) * grid->pitch_x_mm;
                double y = (row + corner / 2) * grid->pitch_y_mm;
                cairo_matrix_transform_point(matrix, &x, &y);
                extend(extent, x, y);
            }
        }
}

/* Of the foot's cells and its outline; of the whole plate when foot is NULL. */
static struct extent extent_of(const struct result *result, const struct foot_result *foot)
{
    struct extent extent = {INFINITY, -INFINITY, INFINITY, -INFINITY};
    cairo_matrix_t matrix = turned(foot);
    if (!foot || (foot->mask && facts_picture(result)))
        extend_by_cells(&extent, &matrix, &result->grid, foot ? foot->mask : NULL);
    int n;
    const struct uv *outline = foot_outline_template(&n);
    for (int i = 0; foot && frame_is_known(foot) && i < n; i++) {
        struct point p = foot_frame_to_plate(&foot->frame, outline[i]);
        cairo_matrix_transform_point(&matrix, &p.x_mm, &p.y_mm);
        extend(&extent, p.x_mm, p.y_mm);
    }
    if (!(extent.x1 > extent.x0))
        extent = (struct extent){0, 100, -250, 0};
    return extent;
}

double sole_scale(const struct result *result, double w, double h)
{
    double scale = 1.6;
    for (int i = result->n_feet ? 0 : -1; i < result->n_feet; i++) {
        struct extent extent = extent_of(result, i < 0 ? NULL : &result->feet[i]);
        double free_w = w - 2 * (result->n_flags ? SOLE_BADGE_COLUMN_PT : 3);
        scale = fmin(scale, free_w / (extent.x1 - extent.x0));
        scale = fmin(scale, h / (extent.y1 - extent.y0));
    }
    return scale;
}

void sole_place(struct sole *sole)
{
    struct extent extent = extent_of(sole->result, sole->foot);
    cairo_matrix_t scale;
    sole->to_page = turned(sole->foot);
    cairo_matrix_init_scale(&scale, sole->pt_per_mm, sole->pt_per_mm);
    cairo_matrix_multiply(&sole->to_page, &sole->to_page, &scale);
    sole->to_page.x0 =
        sole->box.x + sole->box.w / 2 - sole->pt_per_mm * (extent.x0 + extent.x1) / 2;
    sole->to_page.y0 =
        sole->box.y + sole->box.h / 2 - sole->pt_per_mm * (extent.y0 + extent.y1) / 2;
}

static struct point on_page(const struct sole *sole, struct point p)
{
    cairo_matrix_transform_point(&sole->to_page, &p.x_mm, &p.y_mm);
    return p;
}

static void draw_cell(struct page *page, const struct sole *sole, int row, int col, double kpa)
{
    const struct grid *grid = &sole->result->grid;
    /* The paper between cells shows that they are raw; tiny ones overlap a little instead, lest the
     * seams of a coarse screen show. */
    const double gap = sole->pt_per_mm * grid->pitch_x_mm < 3.5 ? -0.04 : 0.04;
    struct rgb colour = palette_colour(kpa / sole->scale_max_kpa);
    if (kpa < sole->result->threshold_kpa)
        colour = (struct rgb){0.91, 0.91, 0.91};
    cairo_set_source_rgb(page->cr, colour.r, colour.g, colour.b);
    cairo_rectangle(page->cr, (col + gap / 2) * grid->pitch_x_mm,
                    (row + gap / 2) * grid->pitch_y_mm, (1 - gap) * grid->pitch_x_mm,
                    (1 - gap) * grid->pitch_y_mm);
    cairo_fill(page->cr);
    if (kpa <= sole->scale_max_kpa)
        return;
    page_ink(page, 1);
    cairo_arc(page->cr, (col + 0.5) * grid->pitch_x_mm, (row + 0.5) * grid->pitch_y_mm,
              0.15 * fmin(grid->pitch_x_mm, grid->pitch_y_mm), 0, 2 * M_PI);
    cairo_fill(page->cr);
}

static void draw_cells(struct page *page, const struct sole *sole)
{
    const float *kpa = facts_picture(sole->result);
    const float *mask = sole->foot ? sole->foot->mask : NULL;
    if (!kpa || (sole->foot && !mask))
        return;
    cairo_save(page->cr);
    cairo_transform(page->cr, &sole->to_page);
    for (int row = 0; row < sole->result->grid.rows; row++)
        for (int col = 0; col < sole->result->grid.cols; col++) {
            size_t i = (size_t)row * (size_t)sole->result->grid.cols + (size_t)col;
            if (kpa[i] > 0 && (!mask || mask[i] > 0))
                draw_cell(page, sole, row, col, (double)kpa[i]);
        }
    cairo_restore(page->cr);
}

/* A closed smooth line through the points (Catmull-Rom). */
static void smooth_path(struct page *page, const struct point *p, int n)
{
    cairo_new_path(page->cr);
    cairo_move_to(page->cr, p[0].x_mm, p[0].y_mm);
    for (int i = 0; i < n; i++) {
        struct point a = p[(i + n - 1) % n], b = p[i], c = p[(i + 1) % n], d = p[(i + 2) % n];
        cairo_curve_to(page->cr, b.x_mm + (c.x_mm - a.x_mm) / 6, b.y_mm + (c.y_mm - a.y_mm) / 6,
                       c.x_mm - (d.x_mm - b.x_mm) / 6, c.y_mm - (d.y_mm - b.y_mm) / 6, c.x_mm,
                       c.y_mm);
    }
    cairo_close_path(page->cr);
}

static void draw_foot_outline(struct page *page, const struct sole *sole)
{
    struct point points[64] = {{0}};
    int n;
    const struct uv *outline = foot_outline_template(&n);
    n = n < 64 ? n : 64;
    for (int i = 0; i < n; i++)
        points[i] = on_page(sole, foot_frame_to_plate(&sole->foot->frame, outline[i]));
    smooth_path(page, points, n);
    page_ink(page, 0.35);
    cairo_set_line_width(page->cr, 0.6);
    cairo_stroke(page->cr);
}

/* One closed outline added to the path; returns its number of points. */
static int add_outline(struct page *page, const struct sole *sole, const struct atlas_zone *zone,
                       struct point *points, int cap)
{
    int n = atlas_outline(zone, &sole->foot->frame, &sole->foot->landmarks, points, cap);
    if (n < 3)
        return 0;
    cairo_new_sub_path(page->cr);
    for (int i = 0; i < n; i++) {
        points[i] = on_page(sole, points[i]);
        cairo_line_to(page->cr, points[i].x_mm, points[i].y_mm);
    }
    cairo_close_path(page->cr);
    return n;
}

int sole_zone_path(struct page *page, const struct sole *sole, const struct atlas_zone *zone,
                   struct point *points, int cap)
{
    cairo_new_path(page->cr);
    if (!zone->is_plantar || !frame_is_known(sole->foot))
        return 0;
    if (zone->shape.kind != ZONE_PARTS)
        return add_outline(page, sole, zone, points, cap);
    int n = 0;
    for (int i = 0; i < zone->n_parts; i++)
        n += add_outline(page, sole, &zone->parts[i], points + n, cap - n);
    return n;
}

/* Variants and parts of a zone that has an outline of its own repeat it. */
static int repeats_parent(const struct result *result, const struct atlas_zone *zone)
{
    const struct atlas_zone *parent = zone->parent ? atlas_find(result->atlas, zone->parent) : NULL;
    return parent && parent->shape.kind != ZONE_PARTS;
}

/* Thin lines; zones of women only are drawn when they matter. */
static void draw_zone_outlines(struct page *page, const struct sole *sole)
{
    struct point points[SOLE_POINTS_MAX];
    for (int i = 0; i < sole->foot->n_zones; i++) {
        const struct zone_result *zone = &sole->foot->zones[i];
        if (zone->zone->only_female || zone->zone->shape.kind == ZONE_PARTS ||
            repeats_parent(sole->result, zone->zone) || findings_of(sole->findings, zone) ||
            !sole_zone_path(page, sole, zone->zone, points, SOLE_POINTS_MAX))
            continue;
        cairo_set_line_width(page->cr, 0.9);
        cairo_set_source_rgba(page->cr, 1, 1, 1, 0.45);
        cairo_stroke_preserve(page->cr);
        cairo_set_line_width(page->cr, 0.3);
        page_ink(page, 0.25);
        cairo_stroke(page->cr);
    }
}

/* A guide line, dashed, over a light rim so that it shows on any colour. */
static void stroke_guide(struct page *page, const double *dashes, int n)
{
    cairo_set_line_width(page->cr, 1.9);
    cairo_set_source_rgba(page->cr, 1, 1, 1, 0.7);
    cairo_stroke_preserve(page->cr);
    cairo_set_dash(page->cr, dashes, n, 0);
    cairo_set_line_width(page->cr, 0.9);
    page_ink(page, 0.1);
    cairo_stroke(page->cr);
    cairo_set_dash(page->cr, NULL, 0, 0);
}

static void guide_to(struct page *page, const struct sole *sole, struct uv at, int first)
{
    struct point p = on_page(sole, foot_frame_to_plate(&sole->foot->frame, at));

    (first ? cairo_move_to : cairo_line_to)(page->cr, p.x_mm, p.y_mm);
}

/* The spine line runs through the middle of the strips along the inner sole (reflexology.md 2.4):
 * an outline of a strip has its two sides one after the other. */
static void draw_spine(struct page *page, const struct sole *sole)
{
    static const double dots[] = {0.9, 1.8};

    for (int i = 0; i < sole->foot->n_zones; i++) {
        const struct atlas_zone *zone = sole->foot->zones[i].zone;
        struct point points[ATLAS_OUTLINE_MAX];
        if (!zone->is_plantar || zone->shape.kind != ZONE_STRIP ||
            strncmp(zone->name, SPINE_NAME, strlen(SPINE_NAME)) != 0)
            continue;
        int n = atlas_outline(zone, &sole->foot->frame, &sole->foot->landmarks, points,
                              ATLAS_OUTLINE_MAX);
        cairo_new_path(page->cr);
        for (int k = 0; n == 2 * zone->shape.n_path && k < n / 2; k++) {
            struct point a = on_page(sole, points[k]), b = on_page(sole, points[n - 1 - k]);
            (k ? cairo_line_to : cairo_move_to)(page->cr, (a.x_mm + b.x_mm) / 2,
                                                (a.y_mm + b.y_mm) / 2);
        }
        stroke_guide(page, dots, 2);
    }
}

/* Diaphragm line, waist line and spine line (R4, R5). */
static void draw_guides(struct page *page, const struct sole *sole)
{
    static const double dashes[] = {5, 2}, dash_dots[] = {5, 1.5, 1, 1.5};
    const struct guide_lines *lines = &sole->foot->lines;
    const int parts = 24;

    if (!(lines->waist_u > 0) || !isfinite(guide_diaphragm_u(lines, 0.5)))
        return;
    cairo_new_path(page->cr);
    for (int i = 0; i <= parts; i++) {
        double v = (double)i / parts;
        guide_to(page, sole, (struct uv){guide_diaphragm_u(lines, v), v}, !i);
    }
    stroke_guide(page, dashes, 2);
    guide_to(page, sole, (struct uv){lines->waist_u, 0}, 1);
    guide_to(page, sole, (struct uv){lines->waist_u, 1}, 0);
    stroke_guide(page, dash_dots, 4);
    draw_spine(page, sole);
}

static void draw_cop(struct page *page, const struct sole *sole)
{
    if (!isfinite(sole->foot->cop.x_mm) || !isfinite(sole->foot->cop.y_mm))
        return;
    struct point p = on_page(sole, sole->foot->cop);
    const double arm = 6;
    cairo_new_path(page->cr);
    cairo_move_to(page->cr, p.x_mm - arm, p.y_mm);
    cairo_line_to(page->cr, p.x_mm + arm, p.y_mm);
    cairo_move_to(page->cr, p.x_mm, p.y_mm - arm);
    cairo_line_to(page->cr, p.x_mm, p.y_mm + arm);
    page_stroke_rimmed(page, 1.3, 1.0);
}

/* Where the stud was pressed: a dot with an answer of pain, a ring without. */
static void draw_press(struct page *page, const struct sole *sole, const struct press *press)
{
    struct point p = on_page(sole, foot_frame_to_plate(&sole->foot->frame, press->place));
    cairo_new_path(page->cr);
    cairo_arc(page->cr, p.x_mm, p.y_mm, 1.5, 0, 2 * M_PI);
    page_ink(page, press->answered ? 0 : 1);
    cairo_fill_preserve(page->cr);
    cairo_set_line_width(page->cr, 0.5);
    page_ink(page, press->answered ? 1 : 0);
    cairo_stroke(page->cr);
}

/* A quick touch or a catch trial tells nothing of its place. */
static int is_of_the_test(const struct press *press)
{
    return !press->is_tap && !press->is_catch;
}

/* Answers last: a place that was answered once does not hide under a press without an answer. */
static void draw_presses(struct page *page, const struct sole *sole)
{
    for (int answered = 0; answered <= 1; answered++)
        for (int i = 0; i < sole->result->n_presses; i++) {
            const struct press *press = &sole->result->presses[i];
            if (press->side == sole->foot->side && press->place_known && is_of_the_test(press) &&
                (press->answered != 0) == answered)
                draw_press(page, sole, press);
        }
}

static void begin_clip(struct page *page, const struct sole *sole)
{
    cairo_save(page->cr);
    cairo_rectangle(page->cr, sole->box.x, sole->box.y, sole->box.w, sole->box.h);
    cairo_clip(page->cr);
    cairo_set_line_join(page->cr, CAIRO_LINE_JOIN_ROUND);
}

void sole_draw(struct page *page, const struct sole *sole)
{
    int known = sole->foot && frame_is_known(sole->foot);
    begin_clip(page, sole);
    draw_cells(page, sole);
    if (known) {
        draw_foot_outline(page, sole);
        draw_zone_outlines(page, sole);
        draw_guides(page, sole);
    }
    cairo_restore(page->cr);
    if (known)
        sole_draw_marks(page, sole);
    begin_clip(page, sole);
    if (known)
        draw_presses(page, sole);
    if (sole->foot)
        draw_cop(page, sole);
    cairo_restore(page->cr);
    page_ink(page, 0);
}
