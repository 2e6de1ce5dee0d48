/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sole laid out flat, and how deep a place lies in its zones. */
#include "analysis/foot/regions.h"
#include "analysis/press/route_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Two middles are told apart when they lie at least so many tip diameters apart ... */
#define APART_DIAMETERS 0.85

static double segment_distance2(struct point a, struct point b, struct point p)
{
    double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm, length2 = dx * dx + dy * dy;
    double t = length2 > 0 ? ((p.x_mm - a.x_mm) * dx + (p.y_mm - a.y_mm) * dy) / length2 : 0;

    t = fmin(1, fmax(0, t));
    double x = p.x_mm - a.x_mm - t * dx, y = p.y_mm - a.y_mm - t * dy;
    return x * x + y * y;
}

double sole_depth_mm(const struct sole_zone *zone, struct point at)
{
    double nearest = INFINITY;

    for (int i = 0; i < zone->n; i++)
        nearest = fmin(nearest,
                       segment_distance2(zone->outline[i], zone->outline[(i + 1) % zone->n], at));
    nearest = sqrt(nearest);
    return polygon_contains(zone->outline, zone->n, at) ? nearest : -nearest;
}

static int is_in_box(const struct box *box, struct point at)
{
    return at.x_mm >= box->x0 && at.x_mm <= box->x1 && at.y_mm >= box->y0 && at.y_mm <= box->y1;
}

double sole_share(const struct sole *sole, int z, struct point at, double tip_radius_mm)
{
    const struct sole_zone *zone = &sole->zones[z];

    if (zone->partner >= 0) {
        struct point a = zone->middle, b = sole->zones[zone->partner].middle;
        double x = (a.x_mm + b.x_mm) / 2, y = (a.y_mm + b.y_mm) / 2;
        return 1 - hypot(at.x_mm - x, at.y_mm - y) / tip_radius_mm;
    }
    if (!is_in_box(&zone->box, at) || !polygon_contains(zone->outline, zone->n, at))
        return -1;
    return fmin(1, sole_depth_mm(zone, at) / zone->inner_mm);
}

/* Centroid of a polygon, by triangles from its first point. */
static struct point centroid(const struct point *p, int n)
{
    double x = 0, y = 0, sum = 0;

    for (int i = 1; i + 1 < n; i++) {
        double cross = (p[i].x_mm - p[0].x_mm) * (p[i + 1].y_mm - p[0].y_mm) -
                       (p[i + 1].x_mm - p[0].x_mm) * (p[i].y_mm - p[0].y_mm);
        x += cross * (p[0].x_mm + p[i].x_mm + p[i + 1].x_mm) / 3;
        y += cross * (p[0].y_mm + p[i].y_mm + p[i + 1].y_mm) / 3;
        sum += cross;
    }
    return fabs(sum) > 0 ? (struct point){x / sum, y / sum} : p[0];
}

static double inner_mm(const struct sole *sole, const struct atlas_zone *zone)
{
    const struct zone_shape *shape = &zone->shape;

    if (shape->kind == ZONE_STRIP)
        return shape->half_width_mm * sole->frame.length_mm / ATLAS_LENGTH_MM;
    return fmin(shape->half.u * sole->frame.length_mm,
                shape->half.v * foot_frame_width_mm(&sole->frame, shape->centre.u));
}

/* Another placing of one zone (P13a of P13): the zone's own place stands for it. */
static int is_variant(const struct atlas *atlas, const struct atlas_zone *zone)
{
    const struct atlas_zone *parent = zone->parent ? atlas_find(atlas, zone->parent) : NULL;

    return parent && parent->shape.kind != ZONE_PARTS;
}

static void add_zone(struct sole *sole, const struct route_options *options,
                     const struct atlas_zone *zone)
{
    struct sole_zone *one = &sole->zones[sole->n];

    *one = (struct sole_zone){.zone = zone, .partner = -1};
    one->n = atlas_outline(zone, &sole->frame, &sole->landmarks, one->outline, ATLAS_OUTLINE_MAX);
    if (one->n < 3)
        return;
    one->box = polygon_box(one->outline, one->n);
    one->middle = centroid(one->outline, one->n);
    one->inner_mm = fmax(inner_mm(sole, zone), 0.5);
    one->area_mm2 = polygon_area_mm2(one->outline, one->n);
    one->is_wanted = !is_variant(options->atlas, zone);
    sole->n++;
}

/* ... which the chart can ask for by the width of a cell, too. */
static void find_partners(struct sole *sole, const struct route_options *options)
{
    /* By the template's size: places are the same for everybody, whatever the foot's length. */
    double apart_mm = APART_DIAMETERS * 2 * tool_tip_radius_mm(options->tool) *
                      sole->frame.length_mm / ATLAS_LENGTH_MM;

    for (int i = 0; i < sole->n; i++)
        for (int k = 0; k < sole->n; k++) {
            struct sole_zone *a = &sole->zones[i], *b = &sole->zones[k];
            if (!a->zone->merge_with || a->zone->pressed_apart ||
                strcmp(a->zone->merge_with, b->zone->id))
                continue;
            double distance_mm =
                hypot(a->middle.x_mm - b->middle.x_mm, a->middle.y_mm - b->middle.y_mm);
            if (options->pitch_mm > a->zone->merge_pitch_mm || distance_mm < apart_mm) {
                a->partner = k;
                b->partner = i;
            }
        }
}

int sole_begin(struct sole *sole, const struct route_options *options,
               const struct route_foot *foot, enum side side, struct problem *why)
{
    int count = atlas_count(options->atlas);

    *sole = (struct sole){.side = side};
    sole->frame = foot ? foot->frame
                       : foot_frame_template(SIDE_RIGHT, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    sole->frame.side = SIDE_RIGHT;
    sole->frame.heel = (struct point){0, 0};
    sole->frame.angle_deg = 0;
    sole->landmarks = foot ? foot->landmarks : landmarks_template();
    if (foot)
        sole->reach = foot->reach;
    sole->lines = guide_lines_from(&sole->landmarks);
    sole->zones = calloc((size_t)count + 1, sizeof *sole->zones);
    if (!sole->zones)
        return problem_no_memory(why, "a route");
    for (int i = 0; i < count && sole->n < ROUTE_TARGETS_MAX; i++) {
        const struct atlas_zone *zone = atlas_zone(options->atlas, i);
        if (zone->is_plantar && zone->shape.kind != ZONE_PARTS &&
            (!zone->only_female || options->is_female))
            add_zone(sole, options, zone);
    }
    find_partners(sole, options);
    return 0;
}

void sole_free(struct sole *sole)
{
    free(sole->zones);
    *sole = (struct sole){0};
}
