/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a test draws by chance: by a fixed seed, printed, which TEST_SEED in the environment
 * replaces.
 *
 * One stream a test program: cmocka_run_group_tests(tests, drawn_set_up, drawn_tear_down), or
 * drawn_set_up(NULL) in a set-up of its own. One thread. */
#ifndef TENDERFOOT_TESTS_DRAWN_H
#define TENDERFOOT_TESTS_DRAWN_H

#include <gsl/gsl_rng.h>

extern gsl_rng *drawn_rng; /* MT19937, from drawn_set_up to drawn_tear_down */

/* The seed of this run; the first call prints it. */
unsigned long drawn_seed(void);

int drawn_set_up(void **state);
int drawn_tear_down(void **state);

double drawn_uniform(double low, double high);

#endif
