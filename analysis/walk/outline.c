/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/outline.h"

#include <math.h>
#include <stdlib.h>

static int by_x_then_y(const void *one, const void *other)
{
    const struct point *a = one, *b = other;

    if (a->x_mm != b->x_mm)
        return a->x_mm < b->x_mm ? -1 : 1;
    return (a->y_mm > b->y_mm) - (a->y_mm < b->y_mm);
}

static double turn(struct point a, struct point b, struct point c)
{
    return (b.x_mm - a.x_mm) * (c.y_mm - a.y_mm) - (b.y_mm - a.y_mm) * (c.x_mm - a.x_mm);
}

size_t outline_hull(struct point *points, size_t n, struct point *hull)
{
    size_t m = 0;

    qsort(points, n, sizeof *points, by_x_then_y);
    for (size_t i = 0; i < n; i++) {
        while (m >= 2 && turn(hull[m - 2], hull[m - 1], points[i]) <= 0)
            m--;
        hull[m++] = points[i];
    }
    for (size_t i = n > 0 ? n - 1 : 0, lower = m + 1; i-- > 0;) {
        while (m >= lower && turn(hull[m - 2], hull[m - 1], points[i]) <= 0)
            m--;
        hull[m++] = points[i];
    }
    return m > 1 ? m - 1 : m;
}

double outline_length_mm(const struct point *hull, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            most = fmax(most, hypot(hull[i].x_mm - hull[j].x_mm, hull[i].y_mm - hull[j].y_mm));
    return most;
}

double outline_width_mm(const struct point *hull, size_t n)
{
    double least = INFINITY;

    for (size_t i = 0; n >= 3 && i < n; i++) {
        const struct point *a = &hull[i], *b = &hull[(i + 1) % n];
        double edge = hypot(b->x_mm - a->x_mm, b->y_mm - a->y_mm), far = 0;

        for (size_t j = 0; edge > 0 && j < n; j++)
            far = fmax(far, turn(*a, *b, hull[j]) / edge);
        if (edge > 0)
            least = fmin(least, far);
    }
    return isfinite(least) ? least : 0;
}
