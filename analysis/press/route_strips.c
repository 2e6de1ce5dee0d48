/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Routes along lines: the longitudinal strips, and the spine line. */
#include "analysis/foot/strips.h"
#include "analysis/press/route_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Thumb steps of 2 cm [003:203]. */
#define STEP_MM 20.0
/* Nearer to the rim of the sole than this the tip would slide off (share of its radius). */
#define RIM_SHARE 0.5

/* Where the template's outline crosses u, medial and lateral: the span of v in which there is sole
 * around v. 0 when there is none. */
static int sole_span(double u, double around_v, double *low, double *high)
{
    const struct uv *outline;
    int n, inside = 0;

    outline = foot_outline_template(&n);
    *low = -INFINITY;
    *high = INFINITY;
    for (int i = 0; i < n; i++) {
        struct uv a = outline[i], b = outline[(i + 1) % n];
        if ((a.u > u) == (b.u > u))
            continue;
        double v = a.v + (u - a.u) / (b.u - a.u) * (b.v - a.v);
        inside ^= v < around_v;
        if (v < around_v)
            *low = fmax(*low, v);
        else
            *high = fmin(*high, v);
    }
    return inside;
}

/* Middle of the sole that a strip has at u; NAN where it has none. */
static double strip_v(const struct sole *sole, const struct strips *strips, int strip, double u,
                      double rim_mm)
{
    double low = strip_border_v(strips, strip - 1, u), high = strip_border_v(strips, strip, u);
    double sole_low, sole_high;
    double rim = rim_mm / foot_frame_width_mm(&sole->frame, u);

    for (int i = 0; i <= 8; i++) {
        /* From the strip's middle outwards to both sides. */
        double try = (low + high) / 2 + (i % 2 ? -1 : 1) * ((i + 1) / 2) * (high - low) / 10;
        if (!sole_span(u, try, &sole_low, &sole_high))
            continue;
        double from = fmax(low, sole_low + rim), to = fmin(high, sole_high - rim);
        if (from <= to)
            return (from + to) / 2;
    }
    return NAN;
}

/* 0, -1 with *why. A place in an excluded zone is told. */
static int add_or_tell(struct route_builder *builder, const struct sole *sole, struct point at,
                       const char *id)
{
    const char *why = route_ban_at(builder->options, sole, at);

    if (why)
        return route_leave_out(builder, sole->side, id, 0, why);
    return route_add(builder, sole, at, id) ? 0 : -1;
}

static int add_strip(struct route_builder *builder, const struct sole *sole, int strip)
{
    struct strips strips = strips_from(&sole->landmarks);
    double rim_mm = RIM_SHARE * tool_tip_radius_mm(builder->options->tool);

    for (double mm = STEP_MM / 2; mm < sole->frame.length_mm; mm += STEP_MM) {
        double u = mm / sole->frame.length_mm, v = strip_v(sole, &strips, strip, u, rim_mm);
        char id[ROUTE_PLACE_ID_MAX];
        if (isnan(v))
            continue;
        snprintf(id, sizeof id, "%c%d:%d", sole->side == SIDE_LEFT ? 'L' : 'R', strip + 1,
                 (int)lround(mm));
        if (add_or_tell(builder, sole, foot_frame_to_plate(&sole->frame, (struct uv){u, v}), id))
            return -1;
    }
    return 0;
}

int route_strips_make(struct route_builder *builder, const struct sole soles[3])
{
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        for (int strip = 0; soles[side].n && strip < STRIP_COUNT; strip++)
            if (add_strip(builder, &soles[side], strip))
                return -1;
    return 0;
}

/* --- The spine line ----------------------------------------------------------------------------
 */

static const char *const segments[] = {"P19", "P20", "P21", "P22"};
#define SEGMENTS 4
#define LINE_MAX (SEGMENTS * ZONE_PATH_MAX)

struct line {
    struct point points[LINE_MAX];
    double mm[LINE_MAX]; /* from its beginning */
    int segment[LINE_MAX], n;
};

/* The outline of a strip goes up one side of its path and down the other. */
static void add_segment(const struct sole_zone *zone, int segment, struct line *line)
{
    for (int i = 0; i < zone->n / 2 && line->n < LINE_MAX; i++) {
        struct point a = zone->outline[i], b = zone->outline[zone->n - 1 - i];
        struct point middle = {(a.x_mm + b.x_mm) / 2, (a.y_mm + b.y_mm) / 2};
        double step = 0;
        if (line->n) {
            const struct point *last = &line->points[line->n - 1];
            step = hypot(middle.x_mm - last->x_mm, middle.y_mm - last->y_mm);
        }
        line->mm[line->n] = step + (line->n ? line->mm[line->n - 1] : 0);
        line->segment[line->n] = segment;
        line->points[line->n++] = middle;
    }
}

static int find_line(const struct sole *sole, struct line *line, struct problem *why)
{
    line->n = 0;
    for (int s = 0; s < SEGMENTS; s++) {
        const struct sole_zone *found = NULL;
        for (int z = 0; z < sole->n; z++)
            if (!strcmp(sole->zones[z].zone->id, segments[s]))
                found = &sole->zones[z];
        if (!found || found->zone->shape.kind != ZONE_STRIP)
            return problem(why, PROBLEM_REFUSED,
                           "the chart has no strip %s: it has no spine line to press along; choose "
                           "another route",
                           segments[s]);
        add_segment(found, s, line);
    }
    return 0;
}

static struct point line_at(const struct line *line, double mm, int *segment)
{
    int i = 1;

    while (i < line->n - 1 && line->mm[i] < mm)
        i++;
    struct point a = line->points[i - 1], b = line->points[i];
    double span = line->mm[i] - line->mm[i - 1];
    double t = span > 0 ? (mm - line->mm[i - 1]) / span : 0;
    *segment = line->segment[i];
    return (struct point){a.x_mm + t * (b.x_mm - a.x_mm), a.y_mm + t * (b.y_mm - a.y_mm)};
}

static int add_line(struct route_builder *builder, const struct sole *sole)
{
    struct line line;

    if (find_line(sole, &line, builder->why))
        return -1;
    for (double mm = STEP_MM / 2; mm <= line.mm[line.n - 1]; mm += STEP_MM) {
        char id[ROUTE_PLACE_ID_MAX];
        int segment;
        struct point at = line_at(&line, mm, &segment);
        snprintf(id, sizeof id, "%s:%d", segments[segment], (int)lround(mm));
        if (add_or_tell(builder, sole, at, id))
            return -1;
    }
    return 0;
}

int route_spine_make(struct route_builder *builder, const struct sole soles[3])
{
    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++)
        if (soles[side].n && add_line(builder, &soles[side]))
            return -1;
    return 0;
}
