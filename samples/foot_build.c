/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/foot_build.h"

#include <math.h>

#define INVERSE_STEPS 4
#define STUMP_U 0.04 /* a stump's rim is round: full pressure so far behind it */

/* 1 at `middle`, falling to 0 in 2.5 half widths or so. */
static double bump(double x, double middle, double half)
{
    double far = (x - middle) / half;
    return exp(-0.5 * far * far);
}

/* 0 behind `from`, 1 ahead of `to`, smooth. */
static double step(double x, double from, double to)
{
    double t = fmin(1, fmax(0, (x - from) / (to - from)));
    return t * t * (3 - 2 * t);
}

/* d(t): small and smooth (slopes well under 1), so that t + d(t) is one to one. */
static struct uv displacement(const struct foot_build *b, struct uv t)
{
    double ball = bump(t.u, 0.70, 0.09), ends = step(t.u, 0.02, 0.15) * (1 - step(t.u, 0.93, 1));
    double v = fmin(1, fmax(0, t.v));
    double small_toes = step(t.v, 0.30, 0.42) * step(t.u, 0.78, 0.88);
    struct uv d = {0};
    d.u = b->heel_front_u * bump(t.u, 0.28, 0.08) +
          b->bulge_u * bump(t.u, 0.42, 0.08) * step(t.v, 0.4, 0.8) + b->ball_u * ball +
          b->ball_tilt_u * ball * (2 * v - 1) + b->toes_u * small_toes;
    d.u *= ends;
    d.v =
        step(t.u, 0.45, 0.68) * (b->heads_v * sin(M_PI * v) + b->heads_apart_v * sin(2 * M_PI * v));
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
    for (int i = 0; i < INVERSE_STEPS; i++) {
        struct uv d = displacement(build, t);
        t = (struct uv){place.u - d.u, place.v - d.v};
    }
    return t;
}

struct landmarks foot_build_landmarks(const struct foot_build *build)
{
    struct landmarks landmarks = landmarks_template();
    for (int i = 0; i < LANDMARK_COUNT; i++)
        landmarks.of[i] = (struct landmark){foot_build_place(build, landmarks.of[i].at), 1, 1};
    return landmarks;
}

double foot_build_pressure(const struct foot_build *build, struct uv place, double value)
{
    if (build->swollen > 0 && value > 0)
        value = pow(value, 1 - 0.5 * build->swollen);
    if (build->cut_u > 0)
        value *= 1 - step(place.u, build->cut_u - STUMP_U, build->cut_u);
    return value;
}
