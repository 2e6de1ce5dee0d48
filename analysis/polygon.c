/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/polygon.h"

#include <assert.h>
#include <math.h>

double polygon_area_mm2(const struct point *points, int n)
{
    double twice = 0;

    /* Relative to the first point: no digits are lost to the place on the plate. */
    for (int i = 1; i + 1 < n; i++) {
        double ax = points[i].x_mm - points[0].x_mm, ay = points[i].y_mm - points[0].y_mm;
        double bx = points[i + 1].x_mm - points[0].x_mm, by = points[i + 1].y_mm - points[0].y_mm;
        twice += ax * by - bx * ay;
    }
    return fabs(twice) / 2;
}

struct box polygon_box(const struct point *points, int n)
{
    struct box box = {INFINITY, INFINITY, -INFINITY, -INFINITY};

    for (int i = 0; i < n; i++) {
        box.x0 = fmin(box.x0, points[i].x_mm);
        box.y0 = fmin(box.y0, points[i].y_mm);
        box.x1 = fmax(box.x1, points[i].x_mm);
        box.y1 = fmax(box.y1, points[i].y_mm);
    }
    return box;
}

int polygon_contains(const struct point *points, int n, struct point place)
{
    int inside = 0;

    for (int i = 0, j = n - 1; i < n; j = i++) {
        struct point a = points[i], b = points[j];
        if ((a.y_mm > place.y_mm) == (b.y_mm > place.y_mm))
            continue;
        double t = (place.y_mm - a.y_mm) / (b.y_mm - a.y_mm);
        if (place.x_mm < a.x_mm + t * (b.x_mm - a.x_mm))
            inside = !inside;
    }
    return inside;
}

int polygon_clip(const struct point *points, int n, double a, double b, double c, struct point *out)
{
    int kept = 0;

    for (int i = 0, j = n - 1; i < n; j = i++) {
        struct point from = points[j], to = points[i];
        double d_from = a * from.x_mm + b * from.y_mm - c, d_to = a * to.x_mm + b * to.y_mm - c;
        if ((d_from <= 0) != (d_to <= 0)) {
            double t = d_from / (d_from - d_to);
            out[kept++] = (struct point){from.x_mm + t * (to.x_mm - from.x_mm),
                                         from.y_mm + t * (to.y_mm - from.y_mm)};
        }
        if (d_to <= 0)
            out[kept++] = to;
    }
    return kept;
}

double polygon_area_in_box_mm2(const struct point *points, int n, const struct box *box)
{
    /* A line meets at most every edge, so that one cut can add n / 2 points to n. */
    struct point p[POLYGON_POINTS_MAX * 6], q[POLYGON_POINTS_MAX * 6];

    assert(n <= POLYGON_POINTS_MAX);
    n = polygon_clip(points, n, 0, -1, -box->y0, p);
    n = polygon_clip(p, n, 0, 1, box->y1, q);
    n = polygon_clip(q, n, -1, 0, -box->x0, p);
    n = polygon_clip(p, n, 1, 0, box->x1, q);
    return polygon_area_mm2(q, n);
}
