/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sway.h"

#include "analysis/sway/dfa.h"
#include "analysis/sway/displacement.h"
#include "analysis/sway/mean.h"

#include <math.h>
#include <stdlib.h>

#define SCRATCH_MARGIN 128 /* paddings and ends of what the parts ask for */

struct sway_work {
    size_t n;
    double rate_hz;
    pthread_mutex_t *planner; /* NULL: the caller sees to it */
    struct spectrum_plan *spectrum;
    struct displacement_plan *displacement;
    double *x[SWAY_AXES];   /* the processed path less its mean, and its distance from there */
    double *msd[SWAY_AXES]; /* last: planar */
    double *scratch;        /* 6 n and a margin: what the hungriest part needs */
};

struct sway_options sway_defaults(void)
{
    struct sway_options options = {.band = {0.15, 5}};
    struct problem unused;
    sway_pipeline_find(SWAY_PIPELINE_DEFAULT, &options.pipeline, &unused);
    return options;
}

struct sway_work *sway_work_make(struct problem *why)
{
    struct sway_work *work = calloc(1, sizeof *work);
    if (!work)
        problem_no_memory(why, "a sway analysis");
    return work;
}

void sway_work_share(struct sway_work *work, pthread_mutex_t *planner)
{
    if (work)
        work->planner = planner;
}

static void lock(struct sway_work *work)
{
    if (work->planner)
        pthread_mutex_lock(work->planner);
}

static void unlock(struct sway_work *work)
{
    if (work->planner)
        pthread_mutex_unlock(work->planner);
}

/* Frees all but the work itself; with the lock held. */
static void empty(struct sway_work *work)
{
    spectrum_plan_free(work->spectrum);
    displacement_plan_free(work->displacement);
    for (int k = 0; k < SWAY_AXES; k++) {
        free(work->x[k]);
        free(work->msd[k]);
    }
    free(work->scratch);
    *work = (struct sway_work){.planner = work->planner};
}

void sway_work_free(struct sway_work *work)
{
    if (!work)
        return;
    lock(work);
    empty(work);
    unlock(work);
    free(work);
}

static int get_memory(struct sway_work *work, size_t n, size_t lags, struct problem *why)
{
    int missing = 0;
    for (int k = 0; k < SWAY_AXES; k++) {
        work->x[k] = calloc(n, sizeof(double));
        work->msd[k] = calloc(lags + 1, sizeof(double));
        missing |= !work->x[k] || !work->msd[k];
    }
    work->scratch = calloc(6 * n + SCRATCH_MARGIN, sizeof(double));
    return missing || !work->scratch ? problem_no_memory(why, "a sway analysis") : 0;
}

/* Plans and memory for another length or rate; with the lock held. */
static int refit(struct sway_work *work, size_t n, double rate_hz, struct problem *why)
{
    size_t lags = diffusion_lags(n, rate_hz);
    empty(work);
    if (!get_memory(work, n, lags, why) && (work->spectrum = spectrum_plan_make(n, rate_hz, why)) &&
        (work->displacement = displacement_plan_make(n, lags, why))) {
        work->n = n;
        work->rate_hz = rate_hz;
        return 0;
    }
    empty(work);
    return -1;
}

static int fit(struct sway_work *work, size_t n, double rate_hz, struct problem *why)
{
    if (work->n == n && work->rate_hz == rate_hz)
        return 0;
    lock(work);
    int bad = refit(work, n, rate_hz, why);
    unlock(work);
    return bad;
}

static void measure_plane(struct sway_work *w, const double offset_mm[2], struct sway_result *out)
{
    const double *ml = w->x[SWAY_ML], *ap = w->x[SWAY_AP];
    struct sway_distances *rd = &out->distances[SWAY_RD];
    struct sway_hull hull;
    for (size_t i = 0; i < w->n; i++)
        w->x[SWAY_RD][i] = sqrt(ml[i] * ml[i] + ap[i] * ap[i]);
    sway_hull(ml, ap, w->n, (struct hull_point *)w->scratch, &hull);
    sway_distances_resultant(ml, ap, w->x[SWAY_RD], w->n, w->rate_hz, hull.diameter_mm, rd);
    sway_areas(ml, ap, w->n, w->rate_hz, rd, &hull, &out->area);
    sway_fractal(ml, ap, w->n, rd, offset_mm, &out->fractal);
}

/* x: less its mean; path: as the pipeline left it. */
static void measure_axis(struct sway_work *w, enum sway_axis axis, const double *path,
                         struct sway_result *out)
{
    struct sway_axis_numbers *a = &out->axis[axis];
    const double *x = w->x[axis];
    sway_distances_axis(x, w->n, w->rate_hz, &out->distances[axis]);
    a->entropy = (struct sample_entropy){.entropy = NAN, .r_mm = NAN};
    if (w->n <= SWAY_SQUARE_MOST)
        sample_entropy(x, w->n, w->scratch, &a->entropy);
    a->dfa_alpha = dfa_alpha(x, w->n, w->scratch);
    displacement_run(w->displacement, x, w->msd[axis]);
    diffusion_linear(w->msd[axis], w->n, w->rate_hz, &out->diffusion[axis]);
    diffusion_loglog(w->msd[axis], w->n, w->rate_hz, w->scratch, &a->loglog);
    velocity_of(x, w->n, w->rate_hz, w->scratch);
    velocity_peaks(w->scratch, w->n, &a->velocity);
    a->phase_plane_parameter = phase_plane(path, w->scratch, w->n);
}

static void measure_spectra(struct sway_work *w, struct sway_result *out)
{
    for (int kind = 0; kind < SPECTRUM_KINDS; kind++) {
        for (int axis = 0; axis < SWAY_AXES; axis++) {
            const double *psd;
            double width;
            size_t bins = spectrum_density(w->spectrum, (enum spectrum_estimator)kind, w->x[axis],
                                           &psd, &width);
            spectrum_read(psd, bins, width, out->options.band, &out->spectrum[kind][axis]);
        }
    }
}

static void measure(struct sway_work *w, const struct cop_series *path, struct sway_result *out)
{
    double offset[2] = {sway_centre(path->ml_mm, w->x[SWAY_ML], w->n),
                        sway_centre(path->ap_mm, w->x[SWAY_AP], w->n)};
    measure_plane(w, offset, out);
    measure_axis(w, SWAY_ML, path->ml_mm, out);
    measure_axis(w, SWAY_AP, path->ap_mm, out);
    for (size_t k = 0; k <= diffusion_lags(w->n, w->rate_hz); k++)
        w->msd[SWAY_RD][k] = w->msd[SWAY_ML][k] + w->msd[SWAY_AP][k];
    diffusion_linear(w->msd[SWAY_RD], w->n, w->rate_hz, &out->diffusion[SWAY_RD]);
    measure_spectra(w, out);
    out->density = (struct sway_density){NAN, NAN};
    if (w->n <= SWAY_SQUARE_MOST)
        sway_density(path->ml_mm, path->ap_mm, w->n, w->rate_hz, w->scratch, &out->density);
}

/* Rambling of the path less its mean, which is in work->x. */
static int measure_rambling(struct sway_work *w, const struct cop_series *in,
                            const struct cop_series *path, struct sway_result *out,
                            struct problem *why)
{
    struct cop_series force;
    if (!in->force_ml_n)
        return 0;
    if (sway_pipeline_forces(&out->options.pipeline, in, path, &force, why))
        return -1;
    rambling_of(w->x[SWAY_ML], force.ml_mm, w->n, w->rate_hz, w->scratch, &out->axis[0].rambling);
    rambling_of(w->x[SWAY_AP], force.ap_mm, w->n, w->rate_hz, w->scratch, &out->axis[1].rambling);
    out->has_forces = 1;
    cop_series_free(&force);
    return 0;
}

int sway_measure(struct sway_work *work, const struct cop_series *in,
                 const struct sway_options *options, struct sway_result *out, struct problem *why)
{
    struct cop_series path;
    if (cop_series_check(in, why) || sway_pipeline_run(&options->pipeline, in, &path, why))
        return -1;
    *out = (struct sway_result){
        .options = *options,
        .input_n = in->n,
        .n = path.n,
        .input_rate_hz = in->rate_hz,
        .rate_hz = path.rate_hz,
        .input_duration_s =
            in->rate_hz > 0 ? (double)in->n / in->rate_hz : in->time_s[in->n - 1] - in->time_s[0],
        .mean_mm = {sway_mean(in->ml_mm, in->n), sway_mean(in->ap_mm, in->n)}};
    int bad = fit(work, path.n, path.rate_hz, why);
    if (!bad) {
        measure(work, &path, out);
        bad = measure_rambling(work, in, &path, out, why);
    }
    cop_series_free(&path);
    return bad;
}
