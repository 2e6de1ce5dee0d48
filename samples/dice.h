/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seeded chance: one stream of random numbers per purpose, so that drawing more for one thing never
 * changes another. GSL's taus2 on memory of its own: no allocation, no global state. */
#ifndef TENDERFOOT_SAMPLES_DICE_H
#define TENDERFOOT_SAMPLES_DICE_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

struct dice {
    gsl_rng rng;            /* points into this struct: never copy it */
    unsigned long state[8]; /* taus2 needs three */
};

/* A stream for `purpose` ("sway", "noise", ...) under this seed. */
void dice_begin(struct dice *dice, uint64_t seed, const char *purpose);

/* A seed from a name (FNV-1a), for what belongs to a thing and not to a run. */
uint64_t dice_seed_of(const char *name);

double dice_uniform(struct dice *dice);                  /* 0..1 */
double dice_normal(struct dice *dice, double sd);        /* mean 0 */
double dice_lognormal(struct dice *dice, double sd_log); /* median 1 */

/* Lognormal with this median and standard deviation, both in the unit wanted. */
double dice_reaction(struct dice *dice, double median, double sd);

#endif
