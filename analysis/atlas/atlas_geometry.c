/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zones as polygons on this foot. The centre of a zone or a point of its path moves with its
 * landmark; everything else here is plane geometry. */
#include "analysis/atlas/atlas.h"
#include "analysis/polygon.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define ELLIPSE_POINTS 64
/* A mitre longer than this many half-widths would be a thorn. */
#define MITRE_MAX 3.0
/* Of u and v: more than rounding. */
#define BOX_MARGIN 1e-9
/* Where a foot is no wider than this (foot_frame.c), u and v say little of where it is. */
#define LEAST_WIDTH_MM 1.0
#define UNION_SAMPLES 16
#define UNION_AREA_STEP_MM 1.0

/* A line across the foot says nothing about v. */
static int is_line_across(int id)
{
    return id == LANDMARK_HB || id == LANDMARK_HF || id == LANDMARK_LB_APEX ||
           id == LANDMARK_LB_LOW;
}

/* How far a landmark lies from its place on the template. */
static struct uv moved(const struct landmarks *landmarks, int id)
{
    if (!landmarks || id < 0)
        return (struct uv){0, 0};
    struct uv from = landmark_template_at((enum landmark_id)id), to = landmarks->of[id].at;
    return (struct uv){to.u - from.u, is_line_across(id) ? 0 : to.v - from.v};
}

/* The stated centimetres taken literally lie nearer or farther than their share of the length. */
static double literal_shift_u(const struct atlas_zone *zone, const struct foot_frame *frame)
{
    if (!zone->offset_is_literal)
        return 0;
    return zone->offset_norm - zone->offset_mm / frame->length_mm;
}

/* Keeps 0 <= v <= 1; `scratch` has room for twice the points. */
static int clip_to_sole(struct point *uv, int n, struct point *scratch)
{
    n = polygon_clip(uv, n, 0, -1, 0, scratch);
    return polygon_clip(scratch, n, 0, 1, 1, uv);
}

static struct uv ellipse_centre(const struct atlas_zone *zone, const struct foot_frame *frame,
                                const struct landmarks *landmarks)
{
    struct uv shift = moved(landmarks, (int)zone->anchor);

    return (struct uv){zone->shape.centre.u + shift.u + literal_shift_u(zone, frame),
                       zone->shape.centre.v + shift.v};
}

static int ellipse_outline(const struct atlas_zone *zone, const struct foot_frame *frame,
                           const struct landmarks *landmarks, struct point *out)
{
    struct point uv[2 * ELLIPSE_POINTS], scratch[2 * ELLIPSE_POINTS];
    struct uv centre = ellipse_centre(zone, frame, landmarks), half = zone->shape.half;
    int n = ELLIPSE_POINTS;

    /* u and v stand in for x and y while they are cut. */
    for (int i = 0; i < n; i++) {
        double angle = 2 * M_PI * i / n;
        uv[i] = (struct point){centre.u + half.u * cos(angle), centre.v + half.v * sin(angle)};
    }
    if (zone->shape.clip_to_sole)
        n = clip_to_sole(uv, n, scratch);
    for (int i = 0; i < n; i++)
        out[i] = foot_frame_to_plate(frame, (struct uv){uv[i].x_mm, uv[i].y_mm});
    return n;
}

/* The next anchored point of a path from i on in direction step, or -1. */
static int anchored(const struct zone_shape *shape, int i, int step)
{
    for (; i >= 0 && i < shape->n_path; i += step)
        if (shape->path_anchor[i] >= 0)
            return i;
    return -1;
}

/* How far the landmarks of a path's point have moved: one, or two in their shares. */
static struct uv point_moved(const struct zone_shape *shape, const struct landmarks *landmarks,
                             int i)
{
    struct uv a = moved(landmarks, shape->path_anchor[i]), b;
    double t = shape->path_blend[i];

    if (!(t > 0))
        return a;
    b = moved(landmarks, shape->path_anchor_b[i]);
    return (struct uv){a.u + t * (b.u - a.u), a.v + t * (b.v - a.v)};
}

/* A path's point moves with its landmark, or by what its anchored neighbours do, by distance in u.
 */
static struct uv path_uv(const struct zone_shape *shape, const struct landmarks *landmarks, int i)
{
    struct uv at = shape->path[i];
    int before = anchored(shape, i, -1), after = anchored(shape, i, 1);

    if (before < 0)
        before = after;
    if (after < 0)
        after = before;
    if (before < 0)
        return at;
    struct uv a = point_moved(shape, landmarks, before);
    struct uv b = point_moved(shape, landmarks, after);
    double span = shape->path[after].u - shape->path[before].u;
    double t = fabs(span) > 1e-9 ? (at.u - shape->path[before].u) / span : 0;
    return (struct uv){at.u + a.u + t * (b.u - a.u), at.v + a.v + t * (b.v - a.v)};
}

/* On the line between two landmarks at this u, which goes straight over the plate. */
static struct point on_line(const struct zone_shape *shape, const struct foot_frame *frame,
                            const struct landmarks *landmarks, double u)
{
    struct landmarks template = landmarks_template();
    const struct landmarks *from = landmarks ? landmarks : &template;
    struct uv a = from->of[shape->line_from].at, b = from->of[shape->line_to].at;
    struct point p = foot_frame_to_plate(frame, a), q = foot_frame_to_plate(frame, b);
    double t = fabs(b.u - a.u) > 1e-6 ? (u - a.u) / (b.u - a.u) : 0;

    return (struct point){p.x_mm + t * (q.x_mm - p.x_mm), p.y_mm + t * (q.y_mm - p.y_mm)};
}

static struct point path_point(const struct zone_shape *shape, const struct foot_frame *frame,
                               const struct landmarks *landmarks, int i)
{
    struct uv at = path_uv(shape, landmarks, i);

    return shape->is_straight ? on_line(shape, frame, landmarks, at.u)
                              : foot_frame_to_plate(frame, at);
}

/* Unit normal to the left of a -> b; 0 for one and the same point. */
static struct point left_normal(struct point a, struct point b)
{
    double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm, length = hypot(dx, dy);

    if (length <= 0)
        return (struct point){0, 0};
    return (struct point){-dy / length, dx / length};
}

/* Offset of a bend per mm of half-width: along the bisector, 1 / cos of half the turn. */
static struct point mitre(struct point before, struct point after)
{
    double x = before.x_mm + after.x_mm, y = before.y_mm + after.y_mm, length = hypot(x, y);

    if (length < 2 / MITRE_MAX)
        return after;
    return (struct point){2 * x / (length * length), 2 * y / (length * length)};
}

static int strip_outline(const struct atlas_zone *zone, const struct foot_frame *frame,
                         const struct landmarks *landmarks, struct point *out)
{
    const struct zone_shape *shape = &zone->shape;
    struct point path[ZONE_PATH_MAX];
    double half = shape->half_width_mm * frame->length_mm / ATLAS_LENGTH_MM;
    int n = shape->n_path;

    for (int i = 0; i < n; i++)
        path[i] = path_point(shape, frame, landmarks, i);
    for (int i = 0; i < n; i++) {
        struct point before = left_normal(path[i ? i - 1 : 0], path[i ? i : 1]);
        struct point after = left_normal(path[i + 1 < n ? i : i - 1], path[i + 1 < n ? i + 1 : i]);
        struct point side = mitre(before, after);
        out[i] = (struct point){path[i].x_mm + half * side.x_mm, path[i].y_mm + half * side.y_mm};
        out[2 * n - 1 - i] =
            (struct point){path[i].x_mm - half * side.x_mm, path[i].y_mm - half * side.y_mm};
    }
    return 2 * n;
}

/* All points of a zone with a shape of its own; else 0. */
static int whole_outline(const struct atlas_zone *zone, const struct foot_frame *frame,
                         const struct landmarks *landmarks, struct point *out)
{
    if (!zone->is_plantar || zone->shape.kind == ZONE_PARTS)
        return 0;
    if (zone->shape.kind == ZONE_STRIP)
        return strip_outline(zone, frame, landmarks, out);
    return ellipse_outline(zone, frame, landmarks, out);
}

int atlas_outline(const struct atlas_zone *zone, const struct foot_frame *frame,
                  const struct landmarks *landmarks, struct point *out, int cap)
{
    struct point all[2 * ELLIPSE_POINTS];
    int n = whole_outline(zone, frame, landmarks, all);
    int given = n < cap ? n : cap;

    for (int i = 0; i < given; i++)
        out[i] = all[(long)i * n / given];
    return given;
}

/* --- A zone as one polygon, or several ------------------------------------------------------ */

struct outline {
    struct point points[2 * ELLIPSE_POINTS];
    int n;
    struct box box;
};

struct shape_on_foot {
    struct outline outlines[ATLAS_PARTS_MAX];
    int n;
    struct box box;
};

static int is_finite_box(const struct box *box)
{
    return isfinite(box->x0) && isfinite(box->y0) && isfinite(box->x1) && isfinite(box->y1);
}

/* 0: it has none, or a foot without a place (NAN). */
static int make_outline(struct outline *outline, const struct atlas_zone *zone,
                        const struct foot_frame *frame, const struct landmarks *landmarks)
{
    outline->n = whole_outline(zone, frame, landmarks, outline->points);
    outline->box = polygon_box(outline->points, outline->n);
    return outline->n >= 3 && is_finite_box(&outline->box);
}

static void add_outline(struct shape_on_foot *shape, const struct atlas_zone *zone,
                        const struct foot_frame *frame, const struct landmarks *landmarks)
{
    struct outline *outline = &shape->outlines[shape->n];

    if (!make_outline(outline, zone, frame, landmarks))
        return;
    shape->box.x0 = fmin(shape->box.x0, outline->box.x0);
    shape->box.y0 = fmin(shape->box.y0, outline->box.y0);
    shape->box.x1 = fmax(shape->box.x1, outline->box.x1);
    shape->box.y1 = fmax(shape->box.y1, outline->box.y1);
    shape->n++;
}

/* A foot that has no place (NAN) gives no outline. */
static void put_on_foot(const struct atlas_zone *zone, const struct foot_frame *frame,
                        const struct landmarks *landmarks, struct shape_on_foot *shape)
{
    shape->n = 0;
    shape->box = (struct box){INFINITY, INFINITY, -INFINITY, -INFINITY};
    if (!zone->is_plantar)
        return;
    if (zone->shape.kind != ZONE_PARTS) {
        add_outline(shape, zone, frame, landmarks);
        return;
    }
    for (int i = 0; i < zone->n_parts; i++)
        add_outline(shape, &zone->parts[i], frame, landmarks);
}

/* 0: the place lies outside of an ellipse's box in u and v, and so outside of its outline, whose
 * straight edges keep to the box of their ends: along one u is linear on the plate, and v the ratio
 * of two linear functions, where the foot is wider than the least width. */
static int may_contain(const struct atlas_zone *zone, const struct foot_frame *frame,
                       const struct landmarks *landmarks, struct uv place)
{
    struct uv half = zone->shape.half;

    if (zone->shape.kind != ZONE_ELLIPSE)
        return 1;
    struct uv centre = ellipse_centre(zone, frame, landmarks);
    if (fabs(place.u - centre.u) <= half.u + BOX_MARGIN &&
        fabs(place.v - centre.v) <= half.v + BOX_MARGIN)
        return 1;
    return !(foot_frame_width_mm(frame, centre.u - half.u) > LEAST_WIDTH_MM &&
             foot_frame_width_mm(frame, centre.u + half.u) > LEAST_WIDTH_MM);
}

static int one_contains(const struct atlas_zone *zone, const struct foot_frame *frame,
                        const struct landmarks *landmarks, struct uv place)
{
    struct outline outline;

    if (!may_contain(zone, frame, landmarks, place))
        return 0;
    return make_outline(&outline, zone, frame, landmarks) &&
           polygon_contains(outline.points, outline.n, foot_frame_to_plate(frame, place));
}

/* Which of a row of samples lie inside, a bit each; as polygon_contains says it of each of them. */
static uint32_t samples_inside(const struct outline *outline, const double *x_mm, double y_mm)
{
    uint32_t inside = 0;

    for (int i = 0, j = outline->n - 1; i < outline->n; j = i++) {
        struct point a = outline->points[i], b = outline->points[j];

        if ((a.y_mm > y_mm) == (b.y_mm > y_mm))
            continue;
        double x = a.x_mm + (y_mm - a.y_mm) / (b.y_mm - a.y_mm) * (b.x_mm - a.x_mm);

        for (int k = 0; k < UNION_SAMPLES; k++)
            inside ^= (uint32_t)(x_mm[k] < x) << k;
    }
    return inside;
}

static double sampled_share(const struct shape_on_foot *shape, const struct box *cell)
{
    double x_mm[UNION_SAMPLES];
    int n = 0;

    for (int j = 0; j < UNION_SAMPLES; j++)
        x_mm[j] = cell->x0 + (cell->x1 - cell->x0) * (j + 0.5) / UNION_SAMPLES;
    for (int i = 0; i < UNION_SAMPLES; i++) {
        double y_mm = cell->y0 + (cell->y1 - cell->y0) * (i + 0.5) / UNION_SAMPLES;
        uint32_t inside = 0;

        for (int k = 0; k < shape->n; k++)
            inside |= samples_inside(&shape->outlines[k], x_mm, y_mm);
        n += __builtin_popcount(inside);
    }
    return (double)n / (UNION_SAMPLES * UNION_SAMPLES);
}

static int boxes_meet(const struct box *a, const struct box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* 1 when none of the outline's edges comes near the box, so that it lies inside or outside of it as
 * a whole. */
static int has_no_edge_in(const struct outline *outline, const struct box *box)
{
    for (int i = 0, j = outline->n - 1; i < outline->n; j = i++) {
        struct point a = outline->points[i], b = outline->points[j];

        if ((a.x_mm < box->x0 && b.x_mm < box->x0) || (a.x_mm > box->x1 && b.x_mm > box->x1) ||
            (a.y_mm < box->y0 && b.y_mm < box->y0) || (a.y_mm > box->y1 && b.y_mm > box->y1))
            continue;
        return 0;
    }
    return 1;
}

static double share_of_box(const struct shape_on_foot *shape, const struct box *cell)
{
    double area = 0, whole = (cell->x1 - cell->x0) * (cell->y1 - cell->y0);
    int met = 0;

    for (int i = 0; i < shape->n; i++) {
        const struct outline *outline = &shape->outlines[i];
        if (!boxes_meet(&outline->box, cell))
            continue;
        if (has_no_edge_in(outline, cell)) {
            if (polygon_contains(outline->points, outline->n, (struct point){cell->x0, cell->y0}))
                return 1;
            continue;
        }
        double part = polygon_area_in_box_mm2(outline->points, outline->n, cell);
        area += part;
        met += part > 0;
    }
    return met > 1 ? sampled_share(shape, cell) : fmin(area / whole, 1);
}

int atlas_contains(const struct atlas_zone *zone, const struct foot_frame *frame,
                   const struct landmarks *landmarks, struct uv place)
{
    if (!isfinite(place.u) || !isfinite(place.v) || !zone->is_plantar)
        return 0;
    if (zone->shape.kind != ZONE_PARTS)
        return one_contains(zone, frame, landmarks, place);
    for (int i = 0; i < zone->n_parts; i++)
        if (one_contains(&zone->parts[i], frame, landmarks, place))
            return 1;
    return 0;
}

/* floor(x / pitch) kept inside 0..n - 1. */
static int cell_at(double x, double pitch, int n)
{
    return (int)fmin(fmax(floor(x / pitch), 0), n - 1);
}

void atlas_cell_shares(const struct atlas_zone *zone, const struct foot_frame *frame,
                       const struct landmarks *landmarks, const struct grid *grid, float *share)
{
    struct shape_on_foot shape;
    double dx = grid->pitch_x_mm, dy = grid->pitch_y_mm;

    memset(share, 0, grid_cells(grid) * sizeof *share);
    put_on_foot(zone, frame, landmarks, &shape);
    if (!shape.n)
        return;
    int last_row = cell_at(shape.box.y1, dy, grid->rows);
    int last_col = cell_at(shape.box.x1, dx, grid->cols);
    for (int row = cell_at(shape.box.y0, dy, grid->rows); row <= last_row; row++)
        for (int col = cell_at(shape.box.x0, dx, grid->cols); col <= last_col; col++) {
            struct box cell = {col * dx, row * dy, (col + 1) * dx, (row + 1) * dy};
            share[(size_t)row * (size_t)grid->cols + (size_t)col] =
                (float)share_of_box(&shape, &cell);
        }
}

/* Squares of the union's box, each with its share. */
static double union_area_mm2(const struct shape_on_foot *shape)
{
    const struct box *box = &shape->box;
    int across = (int)fmin(ceil((box->x1 - box->x0) / UNION_AREA_STEP_MM), 2000);
    int along = (int)fmin(ceil((box->y1 - box->y0) / UNION_AREA_STEP_MM), 2000);
    double dx = (box->x1 - box->x0) / across, dy = (box->y1 - box->y0) / along, area = 0;

    for (int i = 0; i < along; i++)
        for (int j = 0; j < across; j++) {
            struct box cell = {box->x0 + j * dx, box->y0 + i * dy, box->x0 + (j + 1) * dx,
                               box->y0 + (i + 1) * dy};
            area += dx * dy * share_of_box(shape, &cell);
        }
    return area;
}

double atlas_area_cm2(const struct atlas_zone *zone, const struct foot_frame *frame,
                      const struct landmarks *landmarks)
{
    struct shape_on_foot shape;

    put_on_foot(zone, frame, landmarks, &shape);
    if (!shape.n)
        return 0;
    if (shape.n == 1)
        return polygon_area_mm2(shape.outlines[0].points, shape.outlines[0].n) / 100;
    return union_area_mm2(&shape) / 100;
}

/* The landmarks that place a zone with a shape of its own, each at most a few times; their number.
 */
static int landmarks_of(const struct atlas_zone *zone, int ids[2 * ZONE_PATH_MAX + 2])
{
    const struct zone_shape *shape = &zone->shape;
    int n = 0;

    if (shape->kind == ZONE_ELLIPSE)
        ids[n++] = (int)zone->anchor;
    for (int i = 0; shape->kind == ZONE_STRIP && i < shape->n_path; i++) {
        if (shape->path_anchor[i] >= 0)
            ids[n++] = shape->path_anchor[i];
        if (shape->path_blend[i] > 0)
            ids[n++] = shape->path_anchor_b[i];
    }
    if (shape->kind == ZONE_STRIP && shape->is_straight) {
        ids[n++] = shape->line_from;
        ids[n++] = shape->line_to;
    }
    return n;
}

int atlas_is_approximate(const struct atlas_zone *zone, const struct landmarks *landmarks)
{
    int ids[2 * ZONE_PATH_MAX + 2], n = landmarks_of(zone, ids);

    if (!zone->is_plantar)
        return 1;
    for (int i = 0; i < n; i++)
        if (!landmarks->of[ids[i]].measured)
            return 1;
    for (int i = 0; zone->shape.kind == ZONE_PARTS && i < zone->n_parts; i++)
        if (atlas_is_approximate(&zone->parts[i], landmarks))
            return 1;
    return 0;
}

double atlas_place_quality(const struct atlas_zone *zone, const struct landmarks *landmarks)
{
    int ids[2 * ZONE_PATH_MAX + 2], n = landmarks_of(zone, ids);
    double worst = 1;

    if (!zone->is_plantar)
        return NAN;
    for (int i = 0; i < n; i++)
        worst = fmin(worst, landmarks->of[ids[i]].quality);
    for (int i = 0; zone->shape.kind == ZONE_PARTS && i < zone->n_parts; i++)
        worst = fmin(worst, atlas_place_quality(&zone->parts[i], landmarks));
    return worst;
}
