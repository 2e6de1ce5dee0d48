/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/sole.h"

#include <math.h>

#define TEMPLATE_MM 250.0
#define SWOLLEN_FRONT_U 0.025 /* how far a swollen ball reaches ahead of its edge */
#define SKIN_MM 11.0          /* from the rim of the contact to full pressure: the pad is round */

/* reflexology 1.1, the lateral side from the little toe's ball to the heel, then the heel's back.
 */
static const struct uv lateral[] = {{.632, 1},    {.56, .99},   {.488, .98}, {.408, .995},
                                    {.304, .985}, {.224, .985}, {.16, 1},    {.108, 1},
                                    {.048, .94},  {.012, .78},  {0, .51},    {.012, .23},
                                    {.048, .07},  {.108, 0},    {.16, 0}};
/* The medial side of the skin from heel to ball; contact lies further in by the arch. */
static const struct uv medial[] = {{.16, 0},    {.24, .05},  {.32, .115}, {.40, .15},
                                   {.488, .13}, {.592, .07}, {.664, .01}, {.728, 0}};
/* The ball's front edge, just behind the creases of the toes B1..B5. */
static const struct uv front[] = {{.775, .03}, {.797, .10}, {.802, .20}, {.805, .30}, {.808, .41},
                                  {.795, .56}, {.760, .70}, {.715, .84}, {.680, .94}};

#define COUNT(a) ((int)(sizeof(a) / sizeof(a)[0]))

static struct point template_mm(struct uv at)
{
    return (struct point){(at.v - 0.5) * (54.1 + 62.0 * at.u), at.u * TEMPLATE_MM};
}

static double medial_skin(double u)
{
    for (int i = 1; i < COUNT(medial); i++)
        if (u <= medial[i].u) {
            double t = (u - medial[i - 1].u) / (medial[i].u - medial[i - 1].u);
            return medial[i - 1].v + t * (medial[i].v - medial[i - 1].v);
        }
    return medial[COUNT(medial) - 1].v;
}

/* How far the hollow reaches in (in v) at its deepest, by arch 0, 0.5 and 1. */
static double hollow_depth(double arch)
{
    return arch < 0.5 ? 0.84 * arch : 0.42 + 0.60 * (arch - 0.5);
}

static void add_point(struct sole *sole, struct uv at)
{
    sole->outline[sole->n_outline++] = template_mm(at);
}

static void make_edges(struct sole *sole)
{
    for (int i = 0, j = sole->n_outline - 1; i < sole->n_outline; j = i++) {
        struct point a = sole->outline[i], b = sole->outline[j];
        double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm, length2 = dx * dx + dy * dy;
        sole->edges[i] = (struct sole_edge){
            .from_y_mm = fmin(a.y_mm, b.y_mm) - SKIN_MM,
            .to_y_mm = fmax(a.y_mm, b.y_mm) + SKIN_MM,
            .point = a,
            .before = b,
            .dx_mm = dx,
            .dy_mm = dy,
            .length2 = length2 > 0 ? length2 : 1, /* a point met twice is at t = 0 */
        };
    }
}

void sole_make(struct sole *sole, const struct subject_foot *foot)
{
    *sole =
        (struct sole){.arch = foot->arch, .toe_contact = foot->toe_contact, .build = foot->build};
    for (int i = 0; i < COUNT(lateral); i++)
        add_point(sole, lateral[i]);
    for (double u = 0.20; u < 0.70; u += 0.02) {
        double wave = sin(M_PI * fmin(1, fmax(0, (u - 0.21) / 0.45)));
        add_point(sole, (struct uv){u, medial_skin(u) + hollow_depth(foot->arch) * wave * wave});
    }
    add_point(sole, medial[COUNT(medial) - 1]);
    for (int i = 0; i < COUNT(front); i++)
        add_point(sole,
                  (struct uv){front[i].u + SWOLLEN_FRONT_U * foot->build.swollen, front[i].v});
    make_edges(sole);
}

static double squared_distance(const struct sole_edge *e, struct point p)
{
    double x = p.x_mm - e->point.x_mm, y = p.y_mm - e->point.y_mm;
    double t = (x * e->dx_mm + y * e->dy_mm) / e->length2;
    t = t > 0 ? t : 0;
    t = t < 1 ? t : 1;
    double ex = e->point.x_mm + t * e->dx_mm - p.x_mm;
    double ey = e->point.y_mm + t * e->dy_mm - p.y_mm;
    return ex * ex + ey * ey;
}

/* Share of the full pressure, 0 outside the outline (the crossing count tells). A round pad of skin
 * pressed flat: rises steeply at the rim, level inside. What a stand costs is spent here: of the
 * edges those count that are no farther than the rim is wide. */
static double skin(const struct sole *sole, struct point p)
{
    double nearest = SKIN_MM * SKIN_MM;
    int inside = 0;
    for (int i = 0; i < sole->n_outline; i++) {
        const struct sole_edge *e = &sole->edges[i];
        if (p.y_mm < e->from_y_mm || p.y_mm > e->to_y_mm)
            continue;
        if ((e->point.y_mm > p.y_mm) != (e->before.y_mm > p.y_mm) &&
            p.x_mm < e->point.x_mm + (p.y_mm - e->point.y_mm) / e->dy_mm * e->dx_mm)
            inside = !inside;
        double squared = squared_distance(e, p);
        nearest = squared < nearest ? squared : nearest;
    }
    return inside ? sin(M_PI / 2 * sqrt(nearest) / SKIN_MM) : 0;
}

struct bump {
    struct uv at;
    double high, along_mm, across_mm; /* standard deviations on the template */
};

static double bump(const struct bump *b, struct point p)
{
    struct point centre = template_mm(b->at);
    double along = (p.y_mm - centre.y_mm) / b->along_mm;
    double across = (p.x_mm - centre.x_mm) / b->across_mm;
    return b->high * exp(-0.5 * (along * along + across * across));
}

static const struct bump hills[] = {
    /* the heel pad, */
    {{.125, .48}, 0.95, 20, 16},
    /* the heads of the metatarsals 1 to 5, */
    {{.728, .18}, 0.54, 10, 9},
    {{.740, .385}, 0.50, 10, 7},
    {{.724, .55}, 0.64, 10, 7},
    {{.692, .71}, 0.44, 10, 7},
    {{.642, .87}, 0.44, 11, 6.5},
    /* and the outer edge with the base of the fifth metatarsal */
    {{.410, .84}, 0.14, 30, 13},
};

/* Pads of the toes: half ellipsoids (contact of a ball), half axes in template mm. */
static const struct bump pads[] = {
    {{.922, .22}, 0.60, 15.5, 10.5}, {{.940, .43}, 0.20, 7.0, 6.0}, {{.915, .56}, 0.17, 6.5, 5.5},
    {{.868, .685}, 0.15, 6.5, 5.5},  {{.800, .83}, 0.17, 7.0, 6.0},
};

/* A swollen toe is wider and reaches back to the ball; a big toe may stand on its inner side. */
static double toe(const struct bump *pad, int is_big, const struct foot_build *build,
                  struct point p)
{
    struct point centre = template_mm(pad->at);
    double along_mm = pad->along_mm * (1 + 0.6 * build->swollen);
    double along = (p.y_mm - centre.y_mm + along_mm - pad->along_mm) / along_mm;
    double across = (p.x_mm - centre.x_mm) / (pad->across_mm * (1 + 0.35 * build->swollen));
    double left = 1 - along * along - across * across;
    if (left <= 0)
        return 0;
    double side = is_big ? 1 - build->hallux_side * across : 1;
    return pad->high * sqrt(left) * side;
}

static double toes(const struct sole *sole, struct point p)
{
    double sum = 0;
    for (int i = 0; i < COUNT(pads); i++) {
        if (sole->build.missing_toes >> i & 1)
            continue;
        sum += toe(&pads[i], i == 0, &sole->build, p);
    }
    return sole->toe_contact * sum;
}

/* On a foot that is as the template's. */
static double template_pressure(const struct sole *sole, struct uv at)
{
    struct point p = template_mm(at);
    double pad = toes(sole, p);
    double body = at.u < 0.86 ? skin(sole, p) : 0;
    if (body <= 0)
        return pad;
    double sum = 0.13;
    for (int i = 0; i < COUNT(hills); i++)
        sum += bump(&hills[i], p);
    /* A low arch lets the middle foot carry; a high one hangs it between heel and ball. */
    double middle = exp(-0.5 * pow((at.u - 0.45) / 0.09, 2));
    sum += middle * 0.14 * (1 - sole->arch);
    return pad + body * sum;
}

double sole_pressure(const struct sole *sole, struct uv at)
{
    if (at.u < -0.01 || at.u > 1.01 || at.v < -0.05 || at.v > 1.05)
        return 0;
    struct uv on_template = foot_build_template(&sole->build, at);
    return foot_build_pressure(&sole->build, at, template_pressure(sole, on_template));
}

double sole_heel_rest(struct uv at)
{
    static const struct bump rest = {{.09, .5}, 1, 11, 14};
    double value = at.u < 0.26 ? bump(&rest, template_mm(at)) - 0.05 : 0;
    return value > 0 ? value : 0;
}
