/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/pipeline.h"

#include "analysis/sway/butterworth.h"
#include "analysis/sway/mean.h"
#include "analysis/sway/swarii.h"

#include <stdlib.h>
#include <string.h>

static const struct sway_pipeline pipelines[] = {
    {"raw", 0, 0, 0},
    {"lp5", 2, 5, 0},
    {"lp10", 4, 10, 0},
    {"quijoux25", 4, 10, 25},
};

int sway_pipeline_find(const char *name, struct sway_pipeline *pipeline, struct problem *why)
{
    for (size_t i = 0; i < sizeof pipelines / sizeof pipelines[0]; i++) {
        if (!strcmp(name, pipelines[i].name)) {
            *pipeline = pipelines[i];
            return 0;
        }
    }
    return problem(why, PROBLEM_USAGE,
                   "no pipeline is called '%.40s'; there are raw, lp5, lp10 and quijoux25", name);
}

int sway_pipeline_padding(const struct sway_pipeline *pipeline)
{
    return pipeline->order ? 3 * (pipeline->order + 1) : 0;
}

static int copy(const struct cop_series *in, struct cop_series *out, struct problem *why)
{
    if (cop_series_make(out, in->n, why))
        return -1;
    out->rate_hz = in->rate_hz;
    for (size_t i = 0; i < in->n; i++)
        out->time_s[i] = in->rate_hz > 0 ? (double)i / in->rate_hz : in->time_s[i];
    sway_centre(in->ml_mm, out->ml_mm, in->n);
    sway_centre(in->ap_mm, out->ap_mm, in->n);
    return 0;
}

static int resample(double rate_hz, struct cop_series *series, struct problem *why)
{
    struct cop_series regular;
    if (swarii_resample(series, rate_hz, &regular, why)) {
        cop_series_free(&regular);
        return -1;
    }
    cop_series_free(series);
    *series = regular;
    if (series->n < COP_SERIES_LEAST)
        return problem(why, PROBLEM_REFUSED, "%zu samples at %g Hz are too few: at least %d",
                       series->n, rate_hz, COP_SERIES_LEAST);
    return 0;
}

static int filter(const struct sway_pipeline *p, struct cop_series *series, struct problem *why)
{
    struct butterworth low;
    if (p->cut_hz >= series->rate_hz / 2)
        return problem(why, PROBLEM_REFUSED,
                       "a low-pass at %g Hz needs more than %g samples a second, here are %.6g",
                       p->cut_hz, 2 * p->cut_hz, series->rate_hz);
    butterworth_lowpass(&low, p->order, p->cut_hz, series->rate_hz);
    size_t pad = butterworth_padding(&low);
    if (series->n <= pad)
        return problem(why, PROBLEM_REFUSED, "%zu samples are too few for a filter of order %d",
                       series->n, p->order);
    double *scratch = malloc((series->n + 2 * pad) * sizeof *scratch);
    if (!scratch)
        return problem_no_memory(why, "the filter");
    butterworth_zero_phase(&low, series->ml_mm, series->n, scratch);
    butterworth_zero_phase(&low, series->ap_mm, series->n, scratch);
    free(scratch);
    return 0;
}

int sway_pipeline_run(const struct sway_pipeline *pipeline, const struct cop_series *in,
                      struct cop_series *out, struct problem *why)
{
    *out = (struct cop_series){0};
    if (in->rate_hz <= 0 && pipeline->resample_hz <= 0)
        return problem(why, PROBLEM_REFUSED,
                       "the times are irregular, and pipeline %s does not resample: use "
                       "--pipeline quijoux25 or --resample HZ",
                       pipeline->name);
    int bad = copy(in, out, why);
    if (!bad && pipeline->resample_hz > 0)
        bad = resample(pipeline->resample_hz, out, why);
    if (!bad && pipeline->order)
        bad = filter(pipeline, out, why);
    if (bad)
        cop_series_free(out);
    return bad;
}

int sway_pipeline_forces(const struct sway_pipeline *pipeline, const struct cop_series *in,
                         const struct cop_series *out, struct cop_series *force,
                         struct problem *why)
{
    size_t k = 0;
    if (cop_series_make(force, out->n, why))
        return -1;
    force->rate_hz = out->rate_hz;
    for (size_t i = 0; i < out->n; i++) {
        double now = pipeline->resample_hz > 0 ? out->time_s[i] : in->time_s[i];
        while (k + 2 < in->n && in->time_s[k + 1] <= now)
            k++;
        double share = (now - in->time_s[k]) / (in->time_s[k + 1] - in->time_s[k]);
        force->ml_mm[i] = in->force_ml_n[k] + share * (in->force_ml_n[k + 1] - in->force_ml_n[k]);
        force->ap_mm[i] = in->force_ap_n[k] + share * (in->force_ap_n[k + 1] - in->force_ap_n[k]);
    }
    sway_centre(force->ml_mm, force->ml_mm, force->n);
    sway_centre(force->ap_mm, force->ap_mm, force->n);
    int bad = pipeline->order ? filter(pipeline, force, why) : 0;
    if (bad)
        cop_series_free(force);
    return bad;
}
