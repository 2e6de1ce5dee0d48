/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration files: what is accepted must give finite pressures of 0 or more, rising with the
 * count; and whatever it says that cells remember, what the filter makes of any frames at any times
 * is bounded by what the curve reads. */
#include "calib/calibration.h"
#include "calib/filter.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int holds)
{
    if (!holds)
        abort();
}

/* Loads, rests and jumps in time, cold and warm. */
static void filter_frames(const struct calibration *c, size_t cells, uint32_t top)
{
    static uint16_t counts[65536];
    static float kpa[65536], curve[65536];
    static const uint64_t steps_us[] = {10000, 0, 3, 5000000, 1ull << 40, ~0ull, 10000, 20000};
    struct problem why;
    struct calibration_filter *filter = calibration_filter_make(c, &why);
    uint64_t time_us = 0;
    for (uint32_t frame = 0; filter && frame < 24; frame++) {
        time_us += steps_us[frame % 8];
        for (size_t i = 0; i < cells; i++)
            counts[i] = (uint16_t)((frame * 2654435761u + (uint32_t)i * 40503u) % (top + 1));
        if (frame % 5 == 4)
            counts[0] = 0;
        calibration_apply(c, counts, curve);
        calibration_filter_apply(filter, time_us, frame % 3 ? 10.0 * frame - 50 : 0, counts, kpa);
        for (size_t i = 0; i < cells; i++)
            check(kpa[i] >= 0 && kpa[i] <= 2.001F * curve[i]);
    }
    calibration_filter_free(filter);
}

/* What else the file told must be within what README.md allows. */
static void look_around(const struct calibration *c, size_t cells)
{
    size_t n;
    const struct calibration_stud *studs = calibration_studs(c, &n);
    check(n <= CALIBRATION_STUDS_MAX);
    for (size_t i = 0; i < n; i++)
        check(studs[i].factor > 0 && studs[i].tip_cm2 > 0 && studs[i].n > 0);
    calibration_candidates(c, &n);
    check(n <= CALIBRATION_CANDIDATES_MAX);
    const struct calibration_budget *budget = calibration_budget(c);
    check(!budget || !(budget->force_percent < 0));
    for (size_t i = 0; i < cells; i++) {
        check(!(calibration_cell_residual(c, i) < 0));
        check(calibration_cell_health(c, i) == CELL_HEALTHY || calibration_is_masked(c, i));
    }
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
    look_around(c, cells);
    filter_frames(c, cells, top);
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
