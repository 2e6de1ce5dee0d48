/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/foot/guide_lines.h"

static const struct uv diaphragm_default[DIAPHRAGM_POINTS] = {
    {0.655, 0.00}, {0.660, 0.18}, {0.665, 0.39}, {0.650, 0.55},
    {0.615, 0.71}, {0.565, 0.88}, {0.535, 1.00},
};

/* Linear between points sorted by v, constant outside them. */
static double u_at(const struct uv *points, int n, double v)
{
    if (v <= points[0].v)
        return points[0].u;
    for (int i = 1; i < n; i++)
        if (v < points[i].v) {
            double t = (v - points[i - 1].v) / (points[i].v - points[i - 1].v);
            return points[i - 1].u + t * (points[i].u - points[i - 1].u);
        }
    return points[n - 1].u;
}

double guide_toe_u(const struct guide_lines *lines, double v)
{
    return u_at(lines->toe_base, 5, v);
}

double guide_diaphragm_u(const struct guide_lines *lines, double v)
{
    return u_at(lines->diaphragm, DIAPHRAGM_POINTS, v);
}

/* How far the measured ball peaks lie ahead of the template's, on average. */
static double ball_shift_u(const struct landmarks *landmarks)
{
    struct landmarks template = landmarks_template();
    double shift = 0;
    int n = 0;

    for (int i = LANDMARK_MTH1; i <= LANDMARK_MTH5; i++)
        if (landmarks->of[i].measured) {
            shift += landmarks->of[i].at.u - template.of[i].at.u;
            n++;
        }
    return n ? shift / n : 0;
}

struct guide_lines guide_lines_from(const struct landmarks *landmarks)
{
    struct guide_lines lines = {
        .waist_u = landmarks->of[LANDMARK_LB_LOW].at.u,
        .heel_front_u = landmarks->of[LANDMARK_HF].at.u,
    };
    double shift = ball_shift_u(landmarks);

    for (int i = 0; i < 5; i++)
        lines.toe_base[i] = landmarks->of[LANDMARK_B1 + i].at;
    for (int i = 0; i < DIAPHRAGM_POINTS; i++)
        lines.diaphragm[i] = (struct uv){diaphragm_default[i].u + shift, diaphragm_default[i].v};
    return lines;
}
