/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/curve.h"

#include "calib/curve_private.h"
#include "calib/vector_clones.h"

#include <math.h>
#include <string.h>

const char *curve_fault_at_top(double kpa)
{
    if (!(kpa > 0))
        return "reads nothing at the largest count";
    return kpa < CURVE_KPA_MAX ? NULL : "reads 100000 kPa or more at the largest count";
}

/* --- line: gain c + offset -------------------------------------------------------------------- */

VECTOR_CLONES
static void line_apply(const struct curve_shape *shape, const float *const coefficients[],
                       const uint16_t *restrict counts, float *restrict kpa, size_t n)
{
    (void)shape;
    const float *restrict gain = coefficients[0], *restrict offset = coefficients[1];
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float p = gain[i] * (float)counts[i] + offset[i];
        kpa[i] = p > 0.0F ? p : 0.0F;
    }
}

static double line_value(const struct curve_shape *shape, const double coefficients[], double count)
{
    (void)shape;
    return coefficients[0] * count + coefficients[1];
}

static double line_inverse(const struct curve_shape *shape, const double coefficients[], double kpa)
{
    (void)shape;
    return (kpa - coefficients[1]) / coefficients[0];
}

static const char *line_fault(const struct curve_shape *shape, const double coefficients[])
{
    if (!(coefficients[0] > 0))
        return "does not rise with the count";
    return curve_fault_at_top(coefficients[0] * shape->max_count + coefficients[1]);
}

/* --- quadratic: linear c + square c^2 --------------------------------------------------------- */

VECTOR_CLONES
static void quadratic_apply(const struct curve_shape *shape, const float *const coefficients[],
                            const uint16_t *restrict counts, float *restrict kpa, size_t n)
{
    (void)shape;
    const float *restrict linear = coefficients[0], *restrict square = coefficients[1];
    for (size_t i = 0; i < n; i++) { /* vectorised */
        float c = (float)counts[i];
        float p = (linear[i] + square[i] * c) * c;
        kpa[i] = p > 0.0F ? p : 0.0F;
    }
}

static double quadratic_value(const struct curve_shape *shape, const double coefficients[],
                              double count)
{
    (void)shape;
    return (coefficients[0] + coefficients[1] * count) * count;
}

/* The root on the rising branch, in the form that does not cancel. */
static double quadratic_inverse(const struct curve_shape *shape, const double coefficients[],
                                double kpa)
{
    (void)shape;
    double linear = coefficients[0], square = coefficients[1];
    double under_root = linear * linear + 4 * square * kpa;
    return 2 * kpa / (linear + sqrt(under_root > 0 ? under_root : 0));
}

static const char *quadratic_fault(const struct curve_shape *shape, const double coefficients[])
{
    if (!(coefficients[0] > 0) || !(coefficients[0] + 2 * coefficients[1] * shape->max_count >= 0))
        return "does not rise with the count";
    return curve_fault_at_top((coefficients[0] + coefficients[1] * shape->max_count) *
                              shape->max_count);
}

/* --- The table -------------------------------------------------------------------------------- */

static const struct curve curve_line = {
    .name = "line",
    .formula = "gain c + offset",
    .n_coefficients = 2,
    .coefficient = {"gain_kpa_per_count", "offset_kpa"},
    .least = {0, -1000},
    .most = {100, 0},
    .apply = line_apply,
    .value = line_value,
    .inverse = line_inverse,
    .fault = line_fault,
};

static const struct curve curve_quadratic = {
    .name = "quadratic",
    .formula = "linear c + square c^2",
    .n_coefficients = 2,
    .coefficient = {"linear_kpa_per_count", "square_kpa_per_count2"},
    .least = {0, -1},
    .most = {100, 1},
    .apply = quadratic_apply,
    .value = quadratic_value,
    .inverse = quadratic_inverse,
    .fault = quadratic_fault,
};

static const struct curve *const curves[] = {&curve_line, &curve_power, &curve_quadratic,
                                             &curve_saturating, &curve_spline};

const struct curve *curve_at(size_t index)
{
    return index < sizeof curves / sizeof curves[0] ? curves[index] : NULL;
}

const struct curve *curve_find(const char *name)
{
    for (size_t i = 0; curve_at(i); i++) {
        if (!strcmp(curve_at(i)->name, name))
            return curve_at(i);
    }
    return NULL;
}

int curve_coefficients(const struct curve *curve, const struct curve_shape *shape)
{
    return curve->n_coefficients ? curve->n_coefficients : shape->n_knots;
}

const char *curve_shape_fault(const struct curve *curve, const struct curve_shape *shape)
{
    if (curve->n_coefficients)
        return shape->n_knots ? "belong to a spline, and the curve is none" : NULL;
    if (shape->n_knots < 2 || shape->n_knots > CURVE_COEFFICIENTS_MAX)
        return "must be 2 to 12";
    for (int k = 0; k < shape->n_knots; k++) {
        if (!(shape->knots[k] >= (k ? shape->knots[k - 1] : 0) + 1) ||
            !(shape->knots[k] <= shape->max_count))
            return "must be counts that rise by 1 or more, from 1 to the largest";
    }
    return NULL;
}
