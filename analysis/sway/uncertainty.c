/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/uncertainty.h"

#include "analysis/sway/block_length.h"
#include "analysis/sway/mean.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BIN_S                                                                                      \
    0.1 /* blocks begin and end at whole bins: the slow part is all that they must keep            \
         */
#define LEAST_BLOCKS 8
#define LONGER 1.5 /* than is best for a mean: a spread remembers longer than its samples */

const struct sway_headline_name sway_headline_names[SWAY_HEADLINES] = {
    [SWAY_RMS_ML] = {"ml", "rms_distance_mm"},
    [SWAY_RMS_AP] = {"ap", "rms_distance_mm"},
    [SWAY_RMS_RD] = {"rd", "rms_distance_mm"},
    [SWAY_MEAN_DISTANCE_RD] = {"rd", "mean_distance_mm"},
    [SWAY_VELOCITY_ML] = {"ml", "mean_velocity_mm_s"},
    [SWAY_VELOCITY_AP] = {"ap", "mean_velocity_mm_s"},
    [SWAY_VELOCITY_RD] = {"rd", "mean_velocity_mm_s"},
    [SWAY_ELLIPSE] = {"area", "ellipse95_prediction_mm2"},
};

double sway_headline(const struct sway_result *r, enum sway_headline which)
{
    switch (which) {
    case SWAY_RMS_ML:
    case SWAY_RMS_AP:
    case SWAY_RMS_RD:
        return r->distances[which - SWAY_RMS_ML].rms_distance_mm;
    case SWAY_MEAN_DISTANCE_RD:
        return r->distances[SWAY_RD].mean_distance_mm;
    case SWAY_VELOCITY_ML:
    case SWAY_VELOCITY_AP:
    case SWAY_VELOCITY_RD:
        return r->distances[which - SWAY_VELOCITY_ML].mean_velocity_mm_s;
    default:
        return r->area.ellipse95_prediction_mm2;
    }
}

/* What each sample gives to the means. */
enum part { ML, AP, ML2, AP2, MLAP, RD, STEP_ML, STEP_AP, STEP, PARTS };

/* sums[part][k]: of the bins before bin k, over the trial twice, so that a block may run over the
 * end (the bootstrap is circular). */
struct bins {
    size_t n, samples; /* bins, samples in each */
    double *sums[PARTS], *mean;
};

static void free_bins(struct bins *b)
{
    free(b->sums[0]);
    free(b->mean);
}

static int make_bins(struct bins *b, const struct cop_series *path, struct problem *why)
{
    b->samples = (size_t)fmax(1, round(BIN_S * path->rate_hz));
    b->n = path->n / b->samples;
    b->mean = calloc(b->n, sizeof(double));
    b->sums[0] = calloc(PARTS * (2 * b->n + 1), sizeof(double));
    if (!b->mean || !b->sums[0]) {
        free_bins(b);
        return problem_no_memory(why, "the bootstrap of a sway analysis");
    }
    for (int part = 1; part < PARTS; part++)
        b->sums[part] = b->sums[0] + (size_t)part * (2 * b->n + 1);
    return 0;
}

/* The step that leads to sample i; the first has none and is given the second's. */
static void parts_of(const struct cop_series *path, const double mean[2], size_t i,
                     double part[PARTS])
{
    size_t k = i ? i : 1;
    double ml = path->ml_mm[i] - mean[0], ap = path->ap_mm[i] - mean[1];
    double x = path->ml_mm[k] - path->ml_mm[k - 1], y = path->ap_mm[k] - path->ap_mm[k - 1];
    const double all[PARTS] = {ml,      ap,      ml * ml,    ap * ap, ml * ap, hypot(ml, ap),
                               fabs(x), fabs(y), hypot(x, y)};
    memcpy(part, all, sizeof all);
}

static void fill_bins(struct bins *b, const struct cop_series *path)
{
    double mean[2] = {sway_mean(path->ml_mm, path->n), sway_mean(path->ap_mm, path->n)};
    for (size_t bin = 0; bin < 2 * b->n; bin++) {
        double total[PARTS] = {0}, part[PARTS];
        for (size_t i = 0; i < b->samples; i++) {
            parts_of(path, mean, bin % b->n * b->samples + i, part);
            for (int k = 0; k < PARTS; k++)
                total[k] += part[k];
        }
        for (int k = 0; k < PARTS; k++)
            b->sums[k][bin + 1] = b->sums[k][bin] + total[k];
    }
}

/* In bins: that of the series which remembers longest. */
static double choose_block(struct bins *b)
{
    static const enum part asked[] = {ML, AP, ML2, AP2, STEP};
    double longest = 1;
    for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++) {
        const double *sums = b->sums[asked[k]];
        for (size_t i = 0; i < b->n; i++)
            b->mean[i] = sums[i + 1] - sums[i];
        longest = fmax(longest, block_length(b->mean, b->n));
    }
    return fmin(LONGER * longest, (double)b->n / LEAST_BLOCKS);
}

/* Logarithms of the headline numbers but for constant factors, which change no spread. */
static void headlines(const double m[PARTS], double out[SWAY_HEADLINES])
{
    double ml = m[ML2] - m[ML] * m[ML], ap = m[AP2] - m[AP] * m[AP], both = m[MLAP] - m[ML] * m[AP];
    out[SWAY_RMS_ML] = log(ml) / 2;
    out[SWAY_RMS_AP] = log(ap) / 2;
    out[SWAY_RMS_RD] = log(ml + ap) / 2;
    out[SWAY_MEAN_DISTANCE_RD] = log(m[RD]);
    out[SWAY_VELOCITY_ML] = log(m[STEP_ML]);
    out[SWAY_VELOCITY_AP] = log(m[STEP_AP]);
    out[SWAY_VELOCITY_RD] = log(m[STEP]);
    out[SWAY_ELLIPSE] = log(ml * ap - both * both) / 2;
}

/* Means over one drawn trial. */
static void draw(const struct bins *b, double block, gsl_rng *rng, double m[PARTS])
{
    size_t left = b->n;
    for (int k = 0; k < PARTS; k++)
        m[k] = 0;
    while (left > 0) {
        size_t from = gsl_rng_uniform_int(rng, b->n);
        double wish = block > 1 ? ceil(log(gsl_rng_uniform_pos(rng)) / log1p(-1 / block)) : 1;
        size_t n = wish < (double)left ? (size_t)fmax(1, wish) : left;
        for (int k = 0; k < PARTS; k++)
            m[k] += b->sums[k][from + n] - b->sums[k][from];
        left -= n;
    }
    for (int k = 0; k < PARTS; k++)
        m[k] /= (double)(b->n * b->samples);
}

struct spread {
    double n, mean, squares; /* Welford's */
};

static void add(struct spread *s, double x)
{
    double off = x - s->mean;
    s->n++;
    s->mean += off / s->n;
    s->squares += off * (x - s->mean);
}

static void replicate(const struct bins *b, double block, struct sway_uncertainty *out,
                      double se_log[SWAY_HEADLINES])
{
    unsigned long state[1024]; /* mt19937 needs 625 */
    gsl_rng rng = {.type = gsl_rng_mt19937, .state = state};
    struct spread spread[SWAY_HEADLINES] = {0};
    double m[PARTS], found[SWAY_HEADLINES];
    assert(gsl_rng_mt19937->size <= sizeof state);
    gsl_rng_set(&rng, out->seed);
    for (int round = 0; round < out->replicates; round++) {
        draw(b, block, &rng, m);
        headlines(m, found);
        for (int k = 0; k < SWAY_HEADLINES; k++)
            add(&spread[k], found[k]);
    }
    /* Each drawn trial lies about its own mean, and at each joint loses what links two blocks. */
    double lost = out->blocks / (out->blocks - 2);
    for (int k = 0; k < SWAY_HEADLINES; k++)
        se_log[k] = sqrt(lost * spread[k].squares / (spread[k].n - 1));
}

static void lay_intervals(const struct sway_result *result, const double se_log[SWAY_HEADLINES],
                          struct sway_uncertainty *out)
{
    double t = gsl_cdf_tdist_Pinv(0.975, fmax(out->blocks - 1, 1));
    for (int k = 0; k < SWAY_HEADLINES; k++) {
        double value = sway_headline(result, (enum sway_headline)k), wide = exp(t * se_log[k]);
        int known = value > 0 && isfinite(value) && isfinite(wide);
        out->of[k] = known ? (struct sway_interval){value / wide, value * wide, value * se_log[k]}
                           : (struct sway_interval){NAN, NAN, NAN};
    }
}

int sway_uncertainty(const struct cop_series *in, const struct sway_result *result,
                     unsigned long seed, struct sway_uncertainty *out, struct problem *why)
{
    struct cop_series path;
    struct bins bins = {0};
    double se_log[SWAY_HEADLINES];
    if (sway_pipeline_run(&result->options.pipeline, in, &path, why))
        return -1;
    int bad = make_bins(&bins, &path, why);
    if (!bad) {
        fill_bins(&bins, &path);
        double block = choose_block(&bins);
        *out = (struct sway_uncertainty){
            .block_s = block * (double)bins.samples / path.rate_hz,
            .blocks = (double)bins.n / block,
            .replicates = SWAY_REPLICATES,
            .seed = seed,
        };
        replicate(&bins, block, out, se_log);
        lay_intervals(result, se_log, out);
        free_bins(&bins);
    }
    cop_series_free(&path);
    return bad;
}
