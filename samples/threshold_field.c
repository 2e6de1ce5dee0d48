/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/threshold_field.h"
#include "samples/dice.h"

#include <math.h>

#define BLEND_U 0.03

/* A line across the foot: u at some v, straight between. */
struct line_point {
    double v, u;
};
static const struct line_point diaphragm[] = {{0, .655},   {.18, .660}, {.39, .665}, {.55, .650},
                                              {.71, .615}, {.88, .565}, {1, .535}};
static const struct line_point toe_bases[] = {{0, .815},   {.186, .815}, {.41, .830}, {.56, .820},
                                              {.70, .785}, {.84, .735},  {1, .700}};
#define HEEL_FRONT_U 0.27

static double line_u(const struct line_point *line, int n, double v)
{
    for (int i = 1; i < n; i++)
        if (v <= line[i].v) {
            double t = fmax(0, (v - line[i - 1].v) / (line[i].v - line[i - 1].v));
            return line[i - 1].u + t * (line[i].u - line[i - 1].u);
        }
    return line[n - 1].u;
}

static double diaphragm_u(double v)
{
    return line_u(diaphragm, sizeof diaphragm / sizeof diaphragm[0], v);
}

static double toe_base_u(double v)
{
    return line_u(toe_bases, sizeof toe_bases / sizeof toe_bases[0], v);
}

enum region_class sole_class(struct uv at)
{
    if (at.u < HEEL_FRONT_U)
        return CLASS_HEEL;
    if (at.u < diaphragm_u(at.v))
        return CLASS_ARCH;
    return at.u < toe_base_u(at.v) ? CLASS_BALL : CLASS_TOE;
}

/* 0 behind a line, 1 ahead of it, straight over the blend. */
static double ahead(double u, double line)
{
    return fmin(1, fmax(0, (u - line) / BLEND_U + 0.5));
}

static double base_kpa(const double *base, struct uv at)
{
    double arch = ahead(at.u, HEEL_FRONT_U);
    double ball = ahead(at.u, diaphragm_u(at.v));
    double toe = ahead(at.u, toe_base_u(at.v));
    return base[CLASS_HEEL] * (1 - arch) + base[CLASS_ARCH] * (arch - ball) +
           base[CLASS_BALL] * (ball - toe) + base[CLASS_TOE] * toe;
}

void threshold_field_begin(struct threshold_field *field, const struct threshold_setting *setting,
                           const struct atlas *atlas)
{
    *field = (struct threshold_field){.setting = setting, .atlas = atlas};
    struct dice dice;
    dice_begin(&dice, setting->pattern, "threshold pattern");
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < THRESHOLD_WAVES; i++) {
            /* What tells left from right is partly local: every other wave is short there. */
            double finer = k > 0 && setting->side_spread >= 0 && i % 2 ? 4 : 1;
            field->waves[k][i].a = finer * (4 * dice_uniform(&dice) - 2);
            field->waves[k][i].b = finer * (2 * dice_uniform(&dice) - 1);
            field->waves[k][i].phase = 2 * M_PI * dice_uniform(&dice);
        }
    }
}

static double pattern(const struct threshold_field *field, int which, struct uv at)
{
    double sum = 0;
    for (int i = 0; i < THRESHOLD_WAVES; i++)
        sum += cos(2 * M_PI * (field->waves[which][i].a * at.u + field->waves[which][i].b * at.v) +
                   field->waves[which][i].phase);
    return sum * sqrt(2.0 / THRESHOLD_WAVES);
}

int place_contains(const struct subject_place *place, const struct atlas *atlas,
                   const struct foot_build *build, enum side side, struct uv at)
{
    if (place->kind == PLACE_CLASS)
        return sole_class(foot_build_template(build, at)) == place->region_class;
    const struct atlas_zone *zone = atlas_find(atlas, place->zone);
    struct landmarks landmarks = foot_build_landmarks(build); /* zones are bound to them */
    struct foot_frame frame = foot_frame_template(side, (struct point){0, 0}, 0, 250);
    return zone && atlas_contains(zone, &frame, &landmarks, at);
}

int zone_has_middle(const struct atlas_zone *zone)
{
    return zone->is_plantar && zone->shape.kind != ZONE_PARTS;
}

struct uv place_middle(const struct subject_place *place, const struct atlas *atlas)
{
    if (place->kind == PLACE_UV)
        return place->at;
    const struct zone_shape *shape = &atlas_find(atlas, place->zone)->shape;
    if (shape->kind == ZONE_ELLIPSE)
        return shape->centre;
    /* The middle of a strip: halfway along its points. */
    int half = shape->n_path / 2;
    if (shape->n_path % 2)
        return shape->path[half];
    struct uv a = shape->path[half - 1], b = shape->path[half];
    return (struct uv){(a.u + b.u) / 2, (a.v + b.v) / 2};
}

/* The centroid of an ellipse's outline; of a strip its middle point, moved with the anatomy. */
struct uv place_middle_on(const struct subject_place *place, const struct atlas *atlas,
                          const struct foot_build *build, enum side side)
{
    struct uv middle = place_middle(place, atlas), mean = {0, 0};
    struct point outline[ATLAS_OUTLINE_MAX];
    struct landmarks landmarks = foot_build_landmarks(build);
    struct foot_frame frame = foot_frame_template(side, (struct point){0, 0}, 0, ATLAS_LENGTH_MM);
    if (place->kind == PLACE_UV || foot_build_is_template(build))
        return middle;
    const struct atlas_zone *zone = atlas_find(atlas, place->zone);
    struct uv moved = foot_build_place(build, middle);
    if (zone->shape.kind != ZONE_ELLIPSE && atlas_contains(zone, &frame, &landmarks, moved))
        return moved;
    int n = atlas_outline(zone, &frame, &landmarks, outline, ATLAS_OUTLINE_MAX);
    for (int i = 0; i < n; i++) {
        struct uv at = foot_frame_to_uv(&frame, outline[i]);
        mean.u += at.u / n;
        mean.v += at.v / n;
    }
    return n ? mean : moved;
}

double threshold_at(const struct threshold_field *field, enum side side, struct uv at)
{
    const struct threshold_setting *setting = field->setting;
    const struct foot_build *build = &field->build[side];
    struct uv skin = foot_build_template(build, at);
    double own_sd = M_SQRT1_2 * (setting->side_spread < 0 ? setting->spread : setting->side_spread);
    double common_sd = setting->side_spread < 0 ? M_SQRT1_2 * setting->spread : setting->spread;
    double bias = (side == SIDE_LEFT ? 0.5 : -0.5) * setting->side_bias;
    double natural = (setting->scale > 0 ? setting->scale : 1) * base_kpa(setting->base_kpa, skin) *
                     exp(common_sd * pattern(field, 0, skin) +
                         own_sd * pattern(field, side == SIDE_LEFT ? 1 : 2, skin) + bias);
    double lowest = INFINITY;
    for (int i = 0; i < setting->n_planted; i++) {
        const struct planted *one = &setting->planted[i];
        if ((one->side != SIDE_UNKNOWN && one->side != side) ||
            !place_contains(&one->where, field->atlas, build, side, at))
            continue;
        lowest = fmin(lowest, isnan(one->kpa) ? natural * one->factor : one->kpa);
    }
    return isinf(lowest) ? natural : lowest;
}
