/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/foot_build.h"

#include <math.h>

#define INVERSE_STEPS 80
#define INVERSE_IS_GOOD 1e-5
#define STUMP_U 0.04 /* a stump's rim is round: full pressure so far behind it */

/* 1 at `middle`, falling to 0 in 2.5 half widths or so. */
static double bump(double x, double middle, double half)
{
    double far = (x - middle) / half;
    return exp(-0.5 * far * far);
}

/* Not by fmin and fmax, which are calls: this is asked millions of times a person. */
static inline double within_1(double t)
{
    return t > 0 ? (t < 1 ? t : 1) : 0;
}

/* 0 behind `from`, 1 ahead of `to`, smooth. */
static double step(double x, double from, double to)
{
    double t = within_1((x - from) / (to - from));
    return t * t * (3 - 2 * t);
}

/* Each of the first two toes by itself; their tips go along. */
static void add_toes(const struct foot_build *b, struct uv t, struct uv *d)
{
    double hallux = 1 - step(t.v, 0.27, 0.37), ahead = step(t.u, 0.74, 0.88);
    double second = step(t.v, 0.30, 0.38) * (1 - step(t.v, 0.48, 0.56));
    d->u += ahead * (b->hallux_u * hallux + b->second_u * second);
    d->v += b->hallux_v * step(t.u, 0.76, 0.90) * step(t.v, 0, 0.18) * (1 - step(t.v, 0.26, 0.5));
}

int foot_build_is_template(const struct foot_build *b)
{
    return b->heel_front_u == 0 && b->bulge_u == 0 && b->ball_u == 0 && b->ball_tilt_u == 0 &&
           b->toes_u == 0 && b->hallux_u == 0 && b->second_u == 0 && b->heads_v == 0 &&
           b->heads_apart_v == 0 && b->hallux_v == 0;
}

/* d(t): small and smooth (slopes well under 1), so that t + d(t) is one to one. */
static struct uv displacement(const struct foot_build *b, struct uv t)
{
    double ball = bump(t.u, 0.70, 0.09), ends = step(t.u, 0.02, 0.15) * (1 - step(t.u, 0.93, 1));
    double v = within_1(t.v);
    double small_toes = step(t.v, 0.30, 0.42) * step(t.u, 0.78, 0.88);
    struct uv d = {0};
    d.u = b->heel_front_u * bump(t.u, 0.28, 0.08) +
          b->bulge_u * bump(t.u, 0.42, 0.08) * step(t.v, 0.4, 0.8) + b->ball_u * ball +
          b->ball_tilt_u * ball * (2 * v - 1) + b->toes_u * small_toes;
    d.u *= ends;
    d.v =
        step(t.u, 0.45, 0.68) * (b->heads_v * sin(M_PI * v) + b->heads_apart_v * sin(2 * M_PI * v));
    if (t.u > 0.74)
        add_toes(b, t, &d);
    return d;
}

struct uv foot_build_place(const struct foot_build *build, struct uv on_template)
{
    struct uv d = displacement(build, on_template);
    return (struct uv){on_template.u + d.u, on_template.v + d.v};
}

struct uv foot_build_template(const struct foot_build *build, struct uv place)
{
    struct uv t = place;
    if (foot_build_is_template(build))
        return place;
    for (int i = 0; i < INVERSE_STEPS; i++) {
        struct uv d = displacement(build, t);
        struct uv off = {place.u - d.u - t.u, place.v - d.v - t.v};
        t = (struct uv){t.u + off.u, t.v + off.v};
        if (fabs(off.u) + fabs(off.v) < INVERSE_IS_GOOD)
            break;
    }
    return t;
}

struct landmarks foot_build_landmarks(const struct foot_build *build)
{
    struct landmarks landmarks = landmarks_template();
    for (int i = 0; i < LANDMARK_COUNT; i++)
        landmarks.of[i] = (struct landmark){
            .at = foot_build_place(build, landmarks.of[i].at), .measured = 1, .quality = 1};
    return landmarks;
}

static double calluses(const struct foot_build *build, struct uv place)
{
    double factor = 1;
    for (int i = 0; i < build->n_calluses; i++) {
        const struct foot_callus *one = &build->calluses[i];
        double along = 250 * (place.u - one->at.u) / one->radius_mm;
        double across = (54.1 + 62.0 * place.u) * (place.v - one->at.v) / one->radius_mm;
        factor += (one->factor - 1) * exp(-2 * (along * along + across * across));
    }
    return factor;
}

double foot_build_pressure(const struct foot_build *build, struct uv place, double value)
{
    if (value <= 0)
        return value;
    value *= 1 + 1.6 * build->lean * (0.5 - within_1(place.v));
    if (build->gap > 0)
        value *= 1 - build->gap * step(place.u, 0.30, 0.38) * (1 - step(place.u, 0.48, 0.58));
    value *= calluses(build, place);
    if (build->swollen > 0)
        value = pow(value, 1 - 0.5 * build->swollen);
    if (build->cut_u > 0)
        value *= 1 - step(place.u, build->cut_u - STUMP_U, build->cut_u);
    return value;
}
