/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "samples/dice.h"

#include <assert.h>
#include <gsl/gsl_randist.h>
#include <math.h>

uint64_t dice_seed_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash;
}

/* splitmix64's finisher: neighbouring seeds give unrelated streams. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void dice_begin(struct dice *dice, uint64_t seed, const char *purpose)
{
    assert(gsl_rng_taus2->size <= sizeof dice->state);
    dice->rng = (gsl_rng){.type = gsl_rng_taus2, .state = dice->state};
    gsl_rng_set(&dice->rng, (unsigned long)(mix(seed ^ mix(dice_seed_of(purpose))) & 0xffffffffu));
}

double dice_uniform(struct dice *dice)
{
    return gsl_rng_uniform(&dice->rng);
}

double dice_normal(struct dice *dice, double sd)
{
    return gsl_ran_gaussian_ziggurat(&dice->rng, sd);
}

double dice_lognormal(struct dice *dice, double sd_log)
{
    return exp(gsl_ran_gaussian_ziggurat(&dice->rng, sd_log));
}

/* With x = exp(sigma^2) the variance of a lognormal of median m is m^2 x (x - 1). */
double dice_reaction(struct dice *dice, double median, double sd)
{
    double ratio = sd / median;
    double x = (1 + sqrt(1 + 4 * ratio * ratio)) / 2;
    return median * dice_lognormal(dice, sqrt(log(x)));
}
