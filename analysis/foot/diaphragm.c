/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The diaphragm line of a print: under the ball, where its pressure has fallen to half (2.2). */
#include "analysis/foot/landmarks.h"
#include "analysis/print_reader.h"

#include <math.h>
#include <string.h>

#define COLUMNS 19 /* v 0.05 to 0.95 */
#define COLUMNS_MIN 13
/* A crossing this far from the default line belongs to something else (an arch that carries). */
#define OFF_MAX_U 0.06

static double column_v(int i)
{
    return 0.05 + 0.9 * i / (COLUMNS - 1);
}

/* u where the pressure falls to half of the ball's peak, going heelward from it; NAN when it does
 * not near the expected line. */
static double half_pressure_u(const struct foot_print *print, const struct foot_frame *frame,
                              double v, double expected)
{
    double peak = 0, peak_u = 0;

    for (double u = 0.58; u <= 0.80; u += 0.005) {
        double p = print_smooth_kpa(print, frame, (struct uv){u, v});

        if (p > peak) {
            peak = p;
            peak_u = u;
        }
    }
    if (peak < 2 * print->threshold_kpa)
        return NAN;
    for (double u = peak_u; u > expected - OFF_MAX_U; u -= 0.005)
        if (print_smooth_kpa(print, frame, (struct uv){u, v}) <= peak / 2)
            return u < expected + OFF_MAX_U ? u : NAN;
    return NAN;
}

/* The middle one of up to three neighbours that were found. */
static double median_about(const double *u, int i)
{
    double found[3];
    int n = 0;

    for (int k = i - 1; k <= i + 1; k++)
        if (k >= 0 && k < COLUMNS && !isnan(u[k]))
            found[n++] = u[k];
    if (isnan(u[i]) || n < 3)
        return u[i];
    return fmax(fmin(found[0], found[1]), fmin(fmax(found[0], found[1]), found[2]));
}

/* Least squares a + b v + c v2 by the normal equations; v lies in 0..1, so they are well enough
 * conditioned. 0, or -1 when they are singular. */
static int fit_parabola(const double *u, double fit[3])
{
    double m[3][4] = {{0}};

    for (int i = 0; i < COLUMNS; i++) {
        double v = column_v(i), here = median_about(u, i), power[3] = {1, v, v * v};

        for (int r = 0; r < 3 && !isnan(here); r++) {
            for (int c = 0; c < 3; c++)
                m[r][c] += power[r] * power[c];
            m[r][3] += power[r] * here;
        }
    }
    for (int k = 0; k < 3; k++) {
        if (fabs(m[k][k]) < 1e-12)
            return -1;
        for (int r = 0; r < 3; r++) {
            double by = r == k ? 0 : m[r][k] / m[k][k];

            for (int c = k; c < 4; c++)
                m[r][c] -= by * m[k][c];
        }
    }
    for (int k = 0; k < 3; k++)
        fit[k] = m[k][3] / m[k][k];
    return 0;
}

struct guide_lines guide_lines_from_print(const struct foot_print *print,
                                          const struct foot_frame *frame,
                                          const struct landmarks *landmarks)
{
    struct guide_lines lines = guide_lines_from(landmarks), measured = lines;
    double u[COLUMNS], fit[3];
    int found = 0;

    for (int i = 0; i < COLUMNS; i++) {
        u[i] = half_pressure_u(print, frame, column_v(i), guide_diaphragm_u(&lines, column_v(i)));
        found += !isnan(u[i]);
    }
    if (found < COLUMNS_MIN || fit_parabola(u, fit))
        return lines;
    for (int i = 0; i < DIAPHRAGM_POINTS; i++) {
        double v = measured.diaphragm[i].v;

        measured.diaphragm[i].u = fit[0] + fit[1] * v + fit[2] * v * v;
        if (fabs(measured.diaphragm[i].u - lines.diaphragm[i].u) > OFF_MAX_U)
            return lines;
    }
    measured.diaphragm_measured = 1;
    return measured;
}
