/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paths of a centre of pressure whose truth is known. In a header, for the sway tests alone. */
#ifndef TENDERFOOT_TESTS_SWAY_PATHS_H
#define TENDERFOOT_TESTS_SWAY_PATHS_H

#include "analysis/sway/sway.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static inline struct cop_series sway_path(size_t n, double rate_hz)
{
    struct cop_series path;
    struct problem why;
    if (cop_series_make(&path, n, &why))
        abort();
    path.rate_hz = rate_hz;
    for (size_t i = 0; i < n; i++)
        path.time_s[i] = (double)i / rate_hz;
    return path;
}

/* Uniform in [0, 1), the same on each computer (splitmix64). */
static inline double sway_uniform(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* Box and Muller. */
static inline double sway_normal(uint64_t *seed)
{
    double radius = sqrt(-2 * log(1 - sway_uniform(seed)));
    return radius * cos(2 * M_PI * sway_uniform(seed));
}

/* A person at rest: a random walk drawn back to the middle, a slow and a quick swing, and noise. */
static inline struct cop_series sway_person(size_t n, double rate_hz, uint64_t seed)
{
    struct cop_series path = sway_path(n, rate_hz);
    double ml = 0, ap = 0;
    for (size_t i = 0; i < n; i++) {
        double t = (double)i / rate_hz;
        ml += 0.15 * sway_normal(&seed) - 0.5 * ml / rate_hz;
        ap += 0.25 * sway_normal(&seed) - 0.3 * ap / rate_hz;
        path.ml_mm[i] = 7 + ml + sin(2 * M_PI * 0.4 * t) + 0.05 * sway_normal(&seed);
        path.ap_mm[i] = -30 + ap + 0.4 * ml + 2 * sin(2 * M_PI * 0.21 * t + 1);
    }
    return path;
}

/* Measured by a pipeline, or the test ends. */
static inline struct sway_result sway_of(const struct cop_series *path, const char *pipeline)
{
    struct sway_options options = sway_defaults();
    struct sway_result result;
    struct problem why = {0};
    struct sway_work *work = sway_work_make(&why);
    if (!work || sway_pipeline_find(pipeline, &options.pipeline, &why) ||
        sway_measure(work, path, &options, &result, &why))
        abort();
    sway_work_free(work);
    return result;
}

#endif
