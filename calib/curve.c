/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/curve.h"

#include <math.h>
#include <string.h>

#define KPA_MAX 1e5 /* no plate reads more; keeps every result finite */

static const char *fault_at_top(double kpa)
{
    if (!(kpa > 0))
        return "reads nothing at the largest count";
    return kpa < KPA_MAX ? NULL : "reads 100000 kPa or more at the largest count";
}

/* --- line: gain c + offset -------------------------------------------------------------------- */

static void line_apply(const float *const coefficients[], const uint16_t *restrict counts,
                       float *restrict kpa, size_t n)
{
    const float *restrict gain = coefficients[0], *restrict offset = coefficients[1];
    for (size_t i = 0; i < n; i++) {
        float p = gain[i] * (float)counts[i] + offset[i];
        kpa[i] = p > 0.0F ? p : 0.0F;
    }
}

static double line_inverse(const double coefficients[], double kpa)
{
    return (kpa - coefficients[1]) / coefficients[0];
}

static const char *line_fault(const double coefficients[], double max_count)
{
    if (!(coefficients[0] > 0))
        return "does not rise with the count";
    return fault_at_top(coefficients[0] * max_count + coefficients[1]);
}

/* --- quadratic: linear c + square c^2 --------------------------------------------------------- */

static void quadratic_apply(const float *const coefficients[], const uint16_t *restrict counts,
                            float *restrict kpa, size_t n)
{
    const float *restrict linear = coefficients[0], *restrict square = coefficients[1];
    for (size_t i = 0; i < n; i++) {
        float c = (float)counts[i];
        float p = (linear[i] + square[i] * c) * c;
        kpa[i] = p > 0.0F ? p : 0.0F;
    }
}

/* The root on the rising branch, in the form that does not cancel. */
static double quadratic_inverse(const double coefficients[], double kpa)
{
    double linear = coefficients[0], square = coefficients[1];
    double under_root = linear * linear + 4 * square * kpa;
    return 2 * kpa / (linear + sqrt(under_root > 0 ? under_root : 0));
}

static const char *quadratic_fault(const double coefficients[], double max_count)
{
    if (!(coefficients[0] > 0) || !(coefficients[0] + 2 * coefficients[1] * max_count >= 0))
        return "does not rise with the count";
    return fault_at_top((coefficients[0] + coefficients[1] * max_count) * max_count);
}

/* --- power: scale c^exponent ------------------------------------------------------------------ */

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* log2 of x >= 1 without a branch or a library call, so that the loop over cells becomes vector
 * code: x = 2^e m with m in [sqrt(1/2), sqrt(2)), log2 m by the series of atanh((m - 1) / (m + 1)).
 * Error below 2e-7 absolute. */
static inline float log2_of(float x)
{
    const uint32_t root_half = 0x3f3504f3u;
    uint32_t bits = bits_of(x);
    int32_t e = (int32_t)(bits - root_half) >> 23;
    float m = float_of(bits - (uint32_t)e * 0x800000u);
    float t = (m - 1.0F) / (m + 1.0F), t2 = t * t;
    float series = 1.0F + t2 * (1.0F / 3 + t2 * (1.0F / 5 + t2 * (1.0F / 7 + t2 * (1.0F / 9))));
    return (float)e + 2.8853900818F * t * series;
}

/* 2^y for 0 <= y <= 120: nearest integer by bits, the rest by Taylor's series of degree 6. */
static inline float exp2_of(float y)
{
    int32_t whole = (int32_t)(y + 0.5F);
    float x = (y - (float)whole) * 0.69314718056F;
    float series =
        1.0F +
        x * (1.0F + x * (1.0F / 2 + x * (1.0F / 6 + x * (1.0F / 24 + x * (1.0F / 120 + x / 720)))));
    return series * float_of((uint32_t)(whole + 127) << 23);
}

/* Against pow() in double the result is within 1e-5 of the reading (tests/test_calibration.c). */
static void power_apply(const float *const coefficients[], const uint16_t *restrict counts,
                        float *restrict kpa, size_t n)
{
    const float *restrict scale = coefficients[0], *restrict exponent = coefficients[1];
    for (size_t i = 0; i < n; i++) {
        int32_t c = counts[i], none = c == 0; /* a factor for count 0, not a branch */
        float log2_power = exponent[i] * log2_of((float)(c + none));
        kpa[i] = (float)(1 - none) * scale[i] * exp2_of(log2_power);
    }
}

static double power_inverse(const double coefficients[], double kpa)
{
    return pow(kpa / coefficients[0], 1 / coefficients[1]);
}

static const char *power_fault(const double coefficients[], double max_count)
{
    if (!(coefficients[0] > 0))
        return "does not rise with the count";
    return fault_at_top(coefficients[0] * pow(max_count, coefficients[1]));
}

/* --- The table -------------------------------------------------------------------------------- */

static const struct curve curves[] = {
    {"line",
     "gain c + offset",
     2,
     {"gain_kpa_per_count", "offset_kpa", NULL},
     {0, -1000, 0},
     {100, 0, 0},
     line_apply,
     line_inverse,
     line_fault},
    {"quadratic",
     "linear c + square c^2",
     2,
     {"linear_kpa_per_count", "square_kpa_per_count2", NULL},
     {0, -1, 0},
     {100, 1, 0},
     quadratic_apply,
     quadratic_inverse,
     quadratic_fault},
    {"power",
     "scale c^exponent",
     2,
     {"scale_kpa", "exponent", NULL},
     {0, 0.2, 0},
     {1000, 5, 0},
     power_apply,
     power_inverse,
     power_fault},
};

const struct curve *curve_find(const char *name)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (!strcmp(curves[i].name, name))
            return &curves[i];
    }
    return NULL;
}
