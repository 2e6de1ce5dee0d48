/* SPDX-License-Identifier: GPL-3.0-or-later */
/* x^y in single precision without branches or library calls, so that a loop over cells becomes
 * vector code. Relative error of vector_power below 1e-5 for results from 2^-120 to 2^120
 * (tests/test_curve.c measures it against pow() in double). Pure. */
#ifndef TENDERFOOT_CALIB_VECTOR_POWER_H
#define TENDERFOOT_CALIB_VECTOR_POWER_H

#include <stdint.h>
#include <string.h>

static inline float vector_float(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline uint32_t vector_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* log2 of a normal x > 0 without a branch or a library call, so that the loop over cells becomes
 * vector code: x = 2^e m with m in [sqrt(1/2), sqrt(2)), log2 m by the series of
 * atanh((m - 1) / (m + 1)). Error below 2e-7 absolute. */
static inline float vector_log2(float x)
{
    const uint32_t root_half = 0x3f3504f3u;
    uint32_t bits = vector_bits(x);
    int32_t e = (int32_t)(bits - root_half) >> 23;
    float m = vector_float(bits - (uint32_t)e * 0x800000u);
    float t = (m - 1.0F) / (m + 1.0F), t2 = t * t;
    float series = 1.0F + t2 * (1.0F / 3 + t2 * (1.0F / 5 + t2 * (1.0F / 7 + t2 * (1.0F / 9))));
    return (float)e + 2.8853900818F * t * series;
}

/* 2^y for -120 <= y <= 120: nearest integer by bits, the rest by Taylor's series of degree 6. */
static inline float vector_exp2(float y)
{
    int32_t biased = (int32_t)(y + 127.5F);
    float x = (y - (float)(biased - 127)) * 0.69314718056F;
    float series =
        1.0F +
        x * (1.0F + x * (1.0F / 2 + x * (1.0F / 6 + x * (1.0F / 24 + x * (1.0F / 120 + x / 720)))));
    return series * vector_float((uint32_t)biased << 23);
}

/* x^y of a normal x > 0. */
static inline float vector_power(float x, float y)
{
    return vector_exp2(y * vector_log2(x));
}

#endif
