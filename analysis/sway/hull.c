/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/hull.h"

#include <math.h>
#include <stdlib.h>

static int by_x_then_y(const void *one, const void *other)
{
    const struct hull_point *a = one, *b = other;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->y > b->y) - (a->y < b->y);
}

static double turn(struct hull_point a, struct hull_point b, struct hull_point c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

static double distance(struct hull_point a, struct hull_point b)
{
    return hypot(a.x - b.x, a.y - b.y);
}

/* Counterclockwise, without points on the edges; the first point is not repeated. */
static size_t chain(const struct hull_point *sorted, size_t n, struct hull_point *hull)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        while (m >= 2 && turn(hull[m - 2], hull[m - 1], sorted[i]) <= 0)
            m--;
        hull[m++] = sorted[i];
    }
    for (size_t i = n - 1, lower = m + 1; i-- > 0;) {
        while (m >= lower && turn(hull[m - 2], hull[m - 1], sorted[i]) <= 0)
            m--;
        hull[m++] = sorted[i];
    }
    return m > 1 ? m - 1 : m;
}

/* For each edge the farthest point; it only moves forward. */
static double calipers(const struct hull_point *h, size_t m)
{
    double most = m == 2 ? distance(h[0], h[1]) : 0;
    for (size_t i = 0, far = 1; m > 2 && i < m; i++) {
        size_t next = (i + 1) % m;
        while (turn(h[i], h[next], h[(far + 1) % m]) > turn(h[i], h[next], h[far]))
            far = (far + 1) % m;
        most = fmax(most, fmax(distance(h[i], h[far]), distance(h[next], h[far])));
        most = fmax(most, distance(h[i], h[(far + 1) % m])); /* a parallel edge */
    }
    return most;
}

void sway_hull(const double *ml, const double *ap, size_t n, struct hull_point *scratch,
               struct sway_hull *out)
{
    struct hull_point *hull = scratch + n;
    double twice = 0;
    for (size_t i = 0; i < n; i++)
        scratch[i] = (struct hull_point){ml[i], ap[i]};
    qsort(scratch, n, sizeof *scratch, by_x_then_y);
    size_t m = chain(scratch, n, hull);
    for (size_t i = 0; i + 2 < m; i++)
        twice += turn(hull[0], hull[i + 1], hull[i + 2]);
    out->area_mm2 = twice / 2;
    out->diameter_mm = calipers(hull, m);
}
