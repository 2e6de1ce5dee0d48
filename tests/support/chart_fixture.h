/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Set-up of tests that draw at random on the built-in chart: the chart, a generator, and its seed
 * printed (TEST_SEED sets it). Included by one test program each, after cmocka.h. */
#ifndef TENDERFOOT_TESTS_CHART_FIXTURE_H
#define TENDERFOOT_TESTS_CHART_FIXTURE_H

#include "analysis/atlas/atlas.h"
#include "tests/support/drawn.h"

#include <gsl/gsl_rng.h>
#include <stdlib.h>

static struct atlas *atlas;
static gsl_rng *rng;

static int set_up(void **state)
{
    struct problem why;

    if (drawn_set_up(state))
        return -1;
    rng = drawn_rng;
    atlas = atlas_load(NULL, &why);
    return atlas ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    drawn_tear_down(state);
    atlas_free(atlas);
    return 0;
}

#endif
