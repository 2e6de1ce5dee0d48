/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/things.h"

#include <math.h>

#define APPEAR_S 0.2

struct pad {
    double x, y, half_x, half_y, high; /* an ellipse, flat in its middle; shares of the size */
};

/* A right hand seen from above, fingers to the front; a heel of the hand, fingertips apart. */
static const struct pad hand[] = {
    {-.13, -.30, .13, .13, 1.0}, {.12, -.32, .13, .12, 1.0}, {0, -.10, .23, .09, .6},
    {-.42, -.02, .07, .09, .8},  {-.19, .30, .055, .12, .6}, {-.03, .36, .055, .12, .6},
    {.12, .31, .055, .12, .6},   {.26, .17, .05, .10, .5},
};
/* A dog's: one pad and four toes. */
static const struct pad paw[] = {
    {0, -.22, .30, .24, 1.0}, {-.34, .12, .12, .17, .9}, {-.13, .34, .12, .16, .9},
    {.13, .34, .12, .16, .9}, {.34, .12, .12, .17, .9},
};
/* Soft, and heavier to one side. */
static const struct pad bag[] = {{0, 0, .42, .50, .5}, {-.12, -.15, .26, .28, .6}};

static double pads(const struct pad *pad, int n, double x, double y)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        double along = (y - pad[i].y) / pad[i].half_y, across = (x - pad[i].x) / pad[i].half_x;
        double left = 1 - along * along - across * across;
        sum += left > 0 ? pad[i].high * sqrt(left) : 0;
    }
    return sum;
}

/* A stiff box carries more at its rim than in its middle. */
static double box(double x, double y)
{
    double far = fmax(fabs(x) / 0.35, fabs(y) / 0.5);
    return far > 1 ? 0 : 0.3 + 0.7 * pow(far, 6);
}

static double thing_value(const void *context, struct point at)
{
    const struct thing *thing = context;
    double angle = thing->angle_deg * M_PI / 180;
    double dx = (at.x_mm - thing->at.x_mm) / thing->size_mm;
    double dy = (at.y_mm - thing->at.y_mm) / thing->size_mm;
    double x = dx * cos(angle) - dy * sin(angle), y = dx * sin(angle) + dy * cos(angle);
    switch (thing->kind) {
    case THING_HAND:
        return pads(hand, sizeof hand / sizeof hand[0], x, y);
    case THING_PAW:
        return pads(paw, sizeof paw / sizeof paw[0], x, y);
    case THING_BAG:
        return pads(bag, sizeof bag / sizeof bag[0], x, y);
    default:
        return box(x, y);
    }
}

int thing_picture(struct foot_picture *picture, const struct thing *thing, const struct grid *grid,
                  struct problem *why)
{
    double reach = 0.75 * thing->size_mm;
    *picture = (struct foot_picture){.cop = thing->at};
    return foot_picture_shape(picture, thing->at, reach, grid, thing_value, thing, why);
}

double thing_newton(const struct thing *thing, double time_s)
{
    double in = (time_s - thing->from_s) / APPEAR_S, out = (thing->to_s - time_s) / APPEAR_S;
    return thing->newton * fmax(0, fmin(1, fmin(in, out)));
}

const char *thing_name(enum thing_kind kind)
{
    static const char *const names[] = {"hand", "bag", "box", "paw"};
    return names[kind];
}
