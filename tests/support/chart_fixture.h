/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Set-up of tests that draw at random on the built-in chart: the chart, a generator, and its seed
 * printed (TEST_SEED sets it). Included by one test program each, after cmocka.h. */
#ifndef TENDERFOOT_TESTS_CHART_FIXTURE_H
#define TENDERFOOT_TESTS_CHART_FIXTURE_H

#include "analysis/atlas/atlas.h"

#include <gsl/gsl_rng.h>
#include <stdlib.h>
#include <time.h>

static struct atlas *atlas;
static gsl_rng *rng;

static int set_up(void **state)
{
    struct problem why;
    const char *text = getenv("TEST_SEED");
    unsigned long seed = text ? strtoul(text, NULL, 10) : (unsigned long)time(NULL);

    (void)state;
    print_message("seed %lu (TEST_SEED)\n", seed);
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, seed);
    atlas = atlas_load(NULL, &why);
    return atlas ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    gsl_rng_free(rng);
    atlas_free(atlas);
    return 0;
}

#endif
