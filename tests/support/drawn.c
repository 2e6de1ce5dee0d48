/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/drawn.h"

#include <stdio.h>
#include <stdlib.h>

#define SEED 20261122ul

gsl_rng *drawn_rng;

unsigned long drawn_seed(void)
{
    static int said;
    const char *text = getenv("TEST_SEED");
    unsigned long seed = text ? strtoul(text, NULL, 10) : SEED;

    if (!said++)
        printf("seed %lu (TEST_SEED)\n", seed);
    return seed;
}

int drawn_set_up(void **state)
{
    (void)state;
    drawn_rng = gsl_rng_alloc(gsl_rng_mt19937);
    if (!drawn_rng)
        return -1;
    gsl_rng_set(drawn_rng, drawn_seed());
    return 0;
}

int drawn_tear_down(void **state)
{
    (void)state;
    gsl_rng_free(drawn_rng);
    return 0;
}

double drawn_uniform(double low, double high)
{
    return low + (high - low) * gsl_rng_uniform(drawn_rng);
}
