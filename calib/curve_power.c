/* SPDX-License-Identifier: GPL-3.0-or-later */
/* power: scale c^exponent, and saturating: scale (c / (full - c))^exponent. */
#include "calib/curve_private.h"
#include "calib/vector_clones.h"
#include "calib/vector_power.h"

#include <math.h>

/* --- power ------------------------------------------------------------------------------------ */

/* Against pow() in double the result is within 1e-5 of the reading (tests/test_curve.c). */
VECTOR_CLONES
static void power_apply(const struct curve_shape *shape, const float *const coefficients[],
                        const uint16_t *restrict counts, float *restrict kpa, size_t n)
{
    (void)shape;
    const float *restrict scale = coefficients[0], *restrict exponent = coefficients[1];
    for (size_t i = 0; i < n; i++) {          /* vectorised */
        int32_t c = counts[i], none = c == 0; /* a factor for count 0, not a branch */
        float log2_power = exponent[i] * vector_log2((float)(c + none));
        kpa[i] = (float)(1 - none) * scale[i] * vector_exp2(log2_power);
    }
}

static double power_value(const struct curve_shape *shape, const double coefficients[],
                          double count)
{
    (void)shape;
    return count > 0 ? coefficients[0] * pow(count, coefficients[1]) : 0;
}

static double power_inverse(const struct curve_shape *shape, const double coefficients[],
                            double kpa)
{
    (void)shape;
    return pow(kpa / coefficients[0], 1 / coefficients[1]);
}

static const char *power_fault(const struct curve_shape *shape, const double coefficients[])
{
    if (!(coefficients[0] > 0))
        return "does not rise with the count";
    return curve_fault_at_top(power_value(shape, coefficients, shape->max_count));
}

const struct curve curve_power = {
    .name = "power",
    .formula = "scale c^exponent",
    .n_coefficients = 2,
    .coefficient = {"scale_kpa", "exponent"},
    .least = {0, 0.2},
    .most = {1000, 5},
    .apply = power_apply,
    .value = power_value,
    .inverse = power_inverse,
    .fault = power_fault,
};

/* --- saturating -------------------------------------------------------------------------------
 *
 * Why this form: the conductance of a pressed contact grows as a power of pressure, G = (P /
 * scale)^(1 / exponent) G0 (exponent 1 for an ideal piezoresistive film), and a divider or a
 * loaded amplifier turns it into c = full G / (G + G0). Solved for P. With a large `full` it is the
 * power curve. */

#define FULL_OVER_MAX 1.001 /* full must lie above the largest count by this factor at least */

static void saturating_apply(const struct curve_shape *shape, const float *const coefficients[],
                             const uint16_t *restrict counts, float *restrict kpa, size_t n)
{
    const float *restrict scale = coefficients[0], *restrict full = coefficients[1],
                          *restrict exponent = coefficients[2];
    int32_t max_count = (int32_t)shape->max_count;
    for (size_t i = 0; i < n; i++) { /* vectorised */
        int32_t c = counts[i] < max_count ? counts[i] : max_count, none = c == 0;
        float over = full[i] - (float)c;
        over = over > 0.5e-3F ? over : 0.5e-3F; /* a masked cell: full is 0 */
        float log2_power = exponent[i] * vector_log2((float)(c + none) / over);
        kpa[i] = (float)(1 - none) * scale[i] * vector_exp2(log2_power);
    }
}

static double saturating_value(const struct curve_shape *shape, const double coefficients[],
                               double count)
{
    double c = count < shape->max_count ? count : shape->max_count;
    return c > 0 ? coefficients[0] * pow(c / (coefficients[1] - c), coefficients[2]) : 0;
}

static double saturating_inverse(const struct curve_shape *shape, const double coefficients[],
                                 double kpa)
{
    (void)shape;
    double ratio = pow(kpa / coefficients[0], 1 / coefficients[2]);
    return coefficients[1] / (1 + 1 / ratio);
}

static const char *saturating_fault(const struct curve_shape *shape, const double coefficients[])
{
    if (!(coefficients[0] > 0))
        return "does not rise with the count";
    if (!(coefficients[1] >= FULL_OVER_MAX * shape->max_count))
        return "is full below 1.001 times the largest count";
    return curve_fault_at_top(saturating_value(shape, coefficients, shape->max_count));
}

const struct curve curve_saturating = {
    .name = "saturating",
    .formula = "scale (c / (full - c))^exponent",
    .n_coefficients = 3,
    .coefficient = {"scale_kpa", "full_count", "exponent"},
    .least = {0, 1, 0.2},
    .most = {1e6, 1e8, 4},
    .apply = saturating_apply,
    .value = saturating_value,
    .inverse = saturating_inverse,
    .fault = saturating_fault,
};
