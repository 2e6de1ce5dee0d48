/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/analyze_frames.h"

#include "analysis/second_pass.h"

#include <math.h>

static uint64_t time_of(const struct frames_in_memory *frames, size_t i)
{
    return frames->time_us ? frames->time_us[i]
                           : (uint64_t)llround((double)i * 1e6 / frames->rate_hz);
}

static const float *frame_at(const struct frames_in_memory *frames, size_t i)
{
    return frames->kpa + i * grid_cells(&frames->grid);
}

static struct result *first_reading(const struct frames_in_memory *frames,
                                    const struct analyzer_options *options, struct problem *why)
{
    struct analyzer *analyzer = analyzer_begin(&frames->grid, frames->rate_hz, options, why);

    if (!analyzer)
        return NULL;
    for (size_t i = 0; i < frames->n; i++)
        if (analyzer_frame(analyzer, time_of(frames, i), frame_at(frames, i), why)) {
            analyzer_free(analyzer);
            return NULL;
        }
    return analyzer_finish(analyzer, NULL, why);
}

static int second_reading(const struct frames_in_memory *frames, struct result *result,
                          struct problem *why)
{
    struct second_pass *pass = second_pass_begin(result, why);

    if (!pass)
        return -1;
    for (size_t i = 0; i < frames->n; i++)
        if (second_pass_frame(pass, time_of(frames, i), frame_at(frames, i), why)) {
            second_pass_free(pass);
            return -1;
        }
    return second_pass_finish(pass, why);
}

struct result *analyze_frames(const struct frames_in_memory *frames,
                              const struct analyzer_options *options, struct problem *why)
{
    struct result *result = first_reading(frames, options, why);

    if (!result || !second_reading(frames, result, why))
        return result;
    result_free(result);
    return NULL;
}
