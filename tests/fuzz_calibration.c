/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration files: what is accepted must give finite pressures of 0 or more, rising with the
 * count. */
#include "calib/calibration.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int holds)
{
    if (!holds)
        abort();
}

static void use(const struct calibration *c)
{
    static uint16_t counts[65536];
    static float kpa[65536], below[65536];
    struct calibration_facts facts;
    calibration_facts(c, &facts);
    size_t cells = (size_t)facts.rows * (size_t)facts.cols;
    uint32_t top = (1u << facts.bits) - 1;
    for (uint32_t step = 0; step <= 4; step++) {
        for (size_t i = 0; i < cells; i++)
            counts[i] = (uint16_t)(top * step / 4);
        calibration_apply(c, counts, kpa);
        for (size_t i = 0; i < cells; i++) {
            check(kpa[i] >= 0 && kpa[i] < 1.1e5F);
            check(step == 0 || kpa[i] >= below[i] * 0.9999F);
            check(step > 0 || kpa[i] == 0);
            check(calibration_counts(c, i, (double)kpa[i]) <= top);
            below[i] = kpa[i];
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct problem why;
    struct calibration *c = calibration_parse(data, n, "fuzz", &why);
    if (!c)
        return 0;
    use(c);
    calibration_free(c);
    return 0;
}
