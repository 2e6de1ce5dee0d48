/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/areas.h"

#include <math.h>

#define Z95 1.645
#define PRIETO_F 3.00

/* Mean squares and mean product. */
struct spread {
    double ml, ap, both;
};

static struct spread spread_of(const double *ml, const double *ap, size_t n)
{
    struct spread s = {0};
    for (size_t i = 0; i < n; i++) {
        s.ml += ml[i] * ml[i];
        s.ap += ap[i] * ap[i];
        s.both += ml[i] * ap[i];
    }
    s.ml /= (double)n;
    s.ap /= (double)n;
    s.both /= (double)n;
    return s;
}

/* Square root of the determinant; a straight path may make it negative by rounding. */
static double root_det(struct spread s)
{
    return sqrt(fmax(0, s.ml * s.ap - s.both * s.both));
}

static double f95(double n)
{
    double nu = n - 2;
    return nu / 2 * (pow(0.05, -2 / nu) - 1);
}

/* Share by which the prediction ellipse is larger than that of the mean's F form. */
static double prediction(double n)
{
    return (n - 1) * (n + 1) / (n * (n - 2));
}

static double angle_deg(struct spread s)
{
    double x = s.ml - s.ap, y = 2 * s.both;
    if (hypot(x, y) <= 1e-9 * (s.ml + s.ap))
        return NAN;
    double angle = atan2(y, x) * 90 / M_PI;
    return angle < 0 ? angle + 180 : angle;
}

static double triangles(const double *ml, const double *ap, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i < n; i++)
        sum += fabs(ap[i] * ml[i - 1] - ap[i - 1] * ml[i]);
    return sum / 2;
}

static double circle_radius(const struct sway_distances *rd)
{
    double variance =
        rd->rms_distance_mm * rd->rms_distance_mm - rd->mean_distance_mm * rd->mean_distance_mm;
    return rd->mean_distance_mm + Z95 * sqrt(fmax(0, variance));
}

void sway_areas(const double *ml, const double *ap, size_t n, double rate_hz,
                const struct sway_distances *rd, const struct sway_hull *hull,
                struct sway_areas *out)
{
    struct spread s = spread_of(ml, ap, n);
    double many = (double)n, det = root_det(s), sample_det = det * many / (many - 1);
    double radius = circle_radius(rd);
    *out = (struct sway_areas){
        .circle95_mm2 = M_PI * radius * radius,
        .ellipse95_prieto_mm2 = 2 * M_PI * PRIETO_F * det,
        .ellipse95_f_mm2 = 2 * M_PI * f95(many) * det,
        .ellipse95_prediction_mm2 = 2 * M_PI * f95(many) * prediction(many) * sample_det,
        .ellipse95_chi2_mm2 = M_PI * -2 * log(0.05) * sample_det,
        .hull_mm2 = hull->area_mm2,
        .sway_mm2_s = triangles(ml, ap, n) * rate_hz / many,
        .angle_deg = angle_deg(s),
    };
}

static double dimension(size_t n, double d, double path)
{
    return path > 0 && d > 0 ? log((double)n) / log((double)n * d / path) : NAN;
}

void sway_fractal(const double *ml, const double *ap, size_t n, const struct sway_distances *rd,
                  const double offset_mm[2], struct sway_fractal *out)
{
    struct spread s = spread_of(ml, ap, n), about = s;
    about.ml += offset_mm[0] * offset_mm[0];
    about.ap += offset_mm[1] * offset_mm[1];
    about.both += offset_mm[0] * offset_mm[1];
    double area = 2 * M_PI * f95((double)n) * prediction((double)n) * root_det(about);
    *out = (struct sway_fractal){
        .circle = dimension(n, 2 * circle_radius(rd), rd->path_mm),
        .ellipse = dimension(n, sqrt(8 * PRIETO_F * root_det(s)), rd->path_mm),
        .planar = dimension(n, rd->range_mm, rd->path_mm),
        .lfs_per_mm = area > 0 ? rd->path_mm / area : NAN,
    };
}
