/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Areas that hold 95 % of the path, each variant of the literature under a name of its own, the
 * direction of the main axis, and fractal dimensions.
 * Sources: Prieto et al. 1996 (circle, ellipse, sway area, fractal dimensions); Schubert & Kirchner
 * 2014, Gait Posture 39:518, and Duarte 2015 (prediction ellipse). F is the 0.95 quantile with 2
 * and n - 2 degrees of freedom, which has the closed form (nu / 2)(0.05^(-2 / nu) - 1). */
#ifndef TENDERFOOT_ANALYSIS_SWAY_AREAS_H
#define TENDERFOOT_ANALYSIS_SWAY_AREAS_H

#include "analysis/sway/distances.h"
#include "analysis/sway/hull.h"

struct sway_areas {
    double circle95_mm2;             /* pi (mean RD + 1.645 sRD)^2 */
    double ellipse95_prieto_mm2;     /* 2 pi 3.00 sqrt(det), covariance by 1/n */
    double ellipse95_f_mm2;          /* 2 pi F sqrt(det), 1/n */
    double ellipse95_prediction_mm2; /* 2 pi F (n-1)(n+1)/(n(n-2)) sqrt(det), 1/(n-1) */
    double ellipse95_chi2_mm2;       /* pi 5.991465 sqrt(det), 1/(n-1) */
    double hull_mm2;
    double sway_mm2_s; /* triangles between mean, sample and next sample, per second */
    double angle_deg;  /* of the main axis, from ML towards AP, 0 to 180; NaN when round */
};

struct sway_fractal {
    double circle, ellipse, planar; /* ln n / ln(n d / path) */
    double
        lfs_per_mm; /* path / prediction ellipse with 1/n about the input's mean (Quijoux 2021) */
};

/* ml and ap less their means; rd's numbers and the hull as measured before. */
void sway_areas(const double *ml, const double *ap, size_t n, double rate_hz,
                const struct sway_distances *rd, const struct sway_hull *hull,
                struct sway_areas *out);

/* `offset_mm`: the means of ML and AP that the pipeline left, for lfs_per_mm alone. */
void sway_fractal(const double *ml, const double *ap, size_t n, const struct sway_distances *rd,
                  const double offset_mm[2], struct sway_fractal *out);

#endif
