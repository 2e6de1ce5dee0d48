/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/walk/cpei.h"

#include <math.h>
#include <stdio.h>

/* An edge faces the inner side when its normal lies within 30 degrees of it. */
#define FACING_COS 0.866
#define CHORD_MIN_SHARE 0.4 /* of the hull's length: less is no roll-over from heel to toes */

struct line {
    struct point at;
    double x, y; /* unit vector */
};

static double along(const struct line *line, struct point point)
{
    return (point.x_mm - line->at.x_mm) * line->x + (point.y_mm - line->at.y_mm) * line->y;
}

/* Distance to the right of the line. */
static double beside(const struct line *line, struct point point)
{
    return (point.x_mm - line->at.x_mm) * line->y - (point.y_mm - line->at.y_mm) * line->x;
}

static struct cpei none(struct cpei cpei, const char *reason)
{
    cpei.percent = cpei.excursion_mm = cpei.width_mm = NAN;
    cpei.on_cop = cpei.on_chord = (struct point){NAN, NAN};
    snprintf(cpei.reason, sizeof cpei.reason, "%s", reason);
    return cpei;
}

/* The longest edge that faces the inner side, as a line from heel to toes. 0, or -1. */
static int medial_line(const struct point *hull, size_t n, const struct foot_frame *frame,
                       struct line *line)
{
    double angle = frame->angle_deg * M_PI / 180, ahead_x = sin(angle), ahead_y = cos(angle);
    double inner = frame->side == SIDE_RIGHT ? -1 : 1, longest = 0;
    double inner_x = inner * ahead_y, inner_y = -inner * ahead_x;

    for (size_t i = 0; i < n; i++) {
        struct point a = hull[i], b = hull[(i + 1) % n];
        double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm, length = hypot(dx, dy);
        double forward = dx * ahead_x + dy * ahead_y;

        /* Counterclockwise: the outer normal is (dy, -dx). */
        if (length <= longest || dy * inner_x - dx * inner_y < FACING_COS * length)
            continue;
        longest = length;
        line->at = forward > 0 ? a : b;
        line->x = (forward > 0 ? dx : -dx) / length;
        line->y = (forward > 0 ? dy : -dy) / length;
    }
    return longest > 0 ? 0 : -1;
}

/* Where the path first crosses the measuring line at distance t; 0, or -1. */
static int crossing(const struct line *medial, const struct point *path, size_t n, double t,
                    struct point *at)
{
    for (size_t i = 1; i < n; i++) {
        double before = along(medial, path[i - 1]) - t, after = along(medial, path[i]) - t, f;

        if (before > 0 || after <= 0)
            continue;
        f = before / (before - after);
        at->x_mm = path[i - 1].x_mm + f * (path[i].x_mm - path[i - 1].x_mm);
        at->y_mm = path[i - 1].y_mm + f * (path[i].y_mm - path[i - 1].y_mm);
        return 0;
    }
    return -1;
}

/* Both places where the measuring line leaves the hull, as distances to the right of the medial
 * line. */
static void hull_width(const struct line *medial, const struct point *hull, size_t n, double t,
                       double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        struct point a = hull[i], b = hull[(i + 1) % n];
        double before = along(medial, a) - t, after = along(medial, b) - t, f, s;

        if ((before > 0) == (after > 0) || before == after)
            continue;
        f = before / (before - after);
        s = beside(medial,
                   (struct point){a.x_mm + f * (b.x_mm - a.x_mm), a.y_mm + f * (b.y_mm - a.y_mm)});
        *low = fmin(*low, s);
        *high = fmax(*high, s);
    }
}

static struct point place(const struct line *line, double t, double s)
{
    return (struct point){line->at.x_mm + t * line->x + s * line->y,
                          line->at.y_mm + t * line->y - s * line->x};
}

struct cpei cpei_measure(const struct point *hull, size_t n_hull, const struct point *cop,
                         size_t n_cop, const struct foot_frame *frame, double distal_share)
{
    struct cpei cpei = {0};
    struct line medial = {0};
    double rear = INFINITY, fore = -INFINITY, t, low, high;
    double outer = frame->side == SIDE_RIGHT ? 1 : -1;

    if (frame->side == SIDE_UNKNOWN)
        return none(cpei, "the side is not known, and with it the inner side of the print");
    if (n_cop < 3 || n_hull < 3 || medial_line(hull, n_hull, frame, &medial))
        return none(cpei, "the print has no inner edge, or the COP no path");
    for (size_t i = 0; i < n_hull; i++) {
        rear = fmin(rear, along(&medial, hull[i]));
        fore = fmax(fore, along(&medial, hull[i]));
    }
    cpei.medial[0] = place(&medial, rear, 0);
    cpei.medial[1] = place(&medial, fore, 0);
    cpei.chord[0] = cop[0];
    cpei.chord[1] = cop[n_cop - 1];
    if (along(&medial, cop[n_cop - 1]) - along(&medial, cop[0]) < CHORD_MIN_SHARE * (fore - rear))
        return none(cpei, "the COP does not travel from the heel to the front of the foot");
    t = rear + distal_share * (fore - rear);
    hull_width(&medial, hull, n_hull, t, &low, &high);
    cpei.across[0] = place(&medial, t, outer > 0 ? low : high);
    cpei.across[1] = place(&medial, t, outer > 0 ? high : low);
    if (crossing(&medial, cop, n_cop, t, &cpei.on_cop) ||
        crossing(&medial, cpei.chord, 2, t, &cpei.on_chord) || !(high > low))
        return none(cpei, "the COP does not pass into the distal third of the foot");
    cpei.width_mm = high - low;
    cpei.excursion_mm = outer * (beside(&medial, cpei.on_cop) - beside(&medial, cpei.on_chord));
    cpei.percent = 100 * cpei.excursion_mm / cpei.width_mm;
    return cpei;
}
