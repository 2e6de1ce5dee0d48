/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What neighbouring places lead one to expect of a pair's base.
 *
 * Places of a sole that lie near each other share tissue: a share of a region's natural spread is a
 * smooth field over the sole, the rest is each place's own,
 *   cov(base i, base j) = sd_i sd_j SMOOTH exp(-d^2 / (2 NEAR_MM^2)),  var(base i) = sd_i^2,
 * as distances from the region's mean. Each pair's own presses say its base with a mean and a
 * variance (tenderness of a foot allowed for); what all the others lead one to expect of it is the
 * leave-one-out prediction of that field (Rasmussen and Williams 2006, eq. 5.12). */
#include "analysis/press/threshold_private.h"

#include <math.h>
#include <stdlib.h>

/* A field of unknown smoothness: half and a bit of the spread, over about two zones' distance. Of
 * more (0.8, or over 60 mm) twice as many people without a tender place were flagged, and hardly
 * more zones found (seed 12). */
#define SMOOTH 0.6
#define NEAR_MM 35.0
/* Variance (ln) of a pair whose presses say nothing of its base. */
#define NOTHING_SAID 100.0
/* Neighbours never make a place surer than this share of its own variance. */
#define SURE_LEAST 0.1
/* u x 250 mm, v x 100 mm: the template foot (reflexology.md 1.1). */
#define TEMPLATE_LENGTH_MM 250.0
#define TEMPLATE_WIDTH_MM 100.0

struct near_pair {
    int place;            /* of either foot: it stands for both */
    double off, variance; /* of the base from its region's mean, by the pair's presses alone */
    double sd;            /* natural spread within the region */
};

/* The region's prior is taken out of the pair's posterior again: precisions are differences. A pair
 * that is low on both feet tells nothing of its neighbours. */
static struct near_pair hear_pair(const struct threshold_work *work, int place)
{
    enum region_class region = work->places[place].region_class;
    double prior_sd = hypot(work->region_sd[region], work->region_mean_sd[region]);
    struct near_pair pair = {place, 0, NOTHING_SAID, work->region_sd[region]};
    threshold_density base;

    threshold_by_feet(work, place, base);
    for (int i = 0; i < GRID_N; i++)
        base[i] *= work->usual[region][i];
    if (!(grid_normalise(base) > 0))
        return pair;
    double variance = grid_variance(base, work->origin);
    double precision = 1 / variance - 1 / (prior_sd * prior_sd);
    double counted = precision * (1 - threshold_low_share(work, place));
    if (!(counted > 1 / NOTHING_SAID))
        return pair;
    pair.variance = 1 / counted;
    pair.off = (grid_mean(base, work->origin) - work->region_mean[region]) / variance / precision;
    return pair;
}

static int hear_pairs(const struct threshold_work *work, struct near_pair *pairs)
{
    int n = 0;

    for (int p = 0; p < work->n_places; p++)
        if (work->places[p].has_at && threshold_stands_for_pair(work, p))
            pairs[n++] = hear_pair(work, p);
    return n;
}

static double covariance(const struct threshold_work *work, const struct near_pair *a,
                         const struct near_pair *b)
{
    struct uv at = work->places[a->place].at, other = work->places[b->place].at;
    double d = hypot((at.u - other.u) * TEMPLATE_LENGTH_MM, (at.v - other.v) * TEMPLATE_WIDTH_MM);

    return a->sd * b->sd * SMOOTH * exp(-d * d / (2 * NEAR_MM * NEAR_MM));
}

/* Of what the pairs' presses say: that of the bases, and each one's own error. */
static void fill(const struct threshold_work *work, const struct near_pair *pairs, int n,
                 double *matrix)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            matrix[i * n + k] = i == k ? pairs[i].sd * pairs[i].sd + pairs[i].variance
                                       : covariance(work, &pairs[i], &pairs[k]);
}

/* In place, by Gauss and Jordan: a covariance with errors on its diagonal needs no pivoting. */
static void invert(double *matrix, int n)
{
    for (int k = 0; k < n; k++) {
        double *row = matrix + k * n, pivot = 1 / row[k];
        row[k] = 1;
        for (int j = 0; j < n; j++)
            row[j] *= pivot;
        for (int i = 0; i < n; i++) {
            double *other = matrix + i * n, factor = other[k];
            if (i == k)
                continue;
            other[k] = 0;
            for (int j = 0; j < n; j++)
                other[j] -= factor * row[j];
        }
    }
}

/* Leave one out: off_i - [inverse x off]_i / inverse_ii, with variance 1 / inverse_ii of what its
 * presses would say, so less their own error of the base. */
static void expect_by_others(struct threshold_work *work, const struct near_pair *pairs, int n,
                             const double *inverse)
{
    for (int i = 0; i < n; i++) {
        const struct near_pair *own = &pairs[i];
        enum region_class region = work->places[own->place].region_class;
        int mirror = work->places[own->place].mirror;
        double precision = inverse[i * n + i], pull = 0, sd2 = own->sd * own->sd;
        for (int k = 0; k < n; k++)
            pull += inverse[i * n + k] * pairs[k].off;
        double mean = work->region_mean[region] + own->off - pull / precision;
        double variance = fmax(1 / precision - own->variance, SURE_LEAST * sd2);
        double sd = hypot(sqrt(variance), work->region_mean_sd[region]);
        threshold_draw_base(work, own->place, mean, sd);
        if (mirror >= 0 && work->places[mirror].region_class == region)
            threshold_draw_base(work, mirror, mean, sd);
    }
}

int threshold_neighbours(struct threshold_work *work)
{
    size_t most = (size_t)work->n_places + 1;
    struct near_pair *pairs = malloc(most * sizeof *pairs);
    double *matrix = malloc(most * most * sizeof *matrix);
    int status = pairs && matrix ? 0 : -1;

    if (!status) {
        int n = hear_pairs(work, pairs);
        fill(work, pairs, n, matrix);
        invert(matrix, n);
        expect_by_others(work, pairs, n, matrix);
    }
    free(pairs);
    free(matrix);
    return status;
}
