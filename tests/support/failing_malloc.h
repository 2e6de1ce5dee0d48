/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that fails on demand, for tests.
 *
 * Each test program is linked with --wrap for malloc, calloc, realloc, strdup (and fsync), so that
 * every allocation of our own code (not of shared libraries) comes through here. Off by default,
 * then it only counts. Use:
 *
 *   for (long n = 1; ; n++) {
 *       failing_malloc_at(n);
 *       int ok = the_thing(&why) == 0;
 *       int failed = failing_malloc_off();
 *       if (!failed) { assert_true(ok); break; }     // fewer than n allocations: all were failed
 *       assert_false(ok);                            // and nothing leaked: ASan says
 *   }
 *
 * One thread at a time. */
#ifndef TENDERFOOT_TESTS_FAILING_MALLOC_H
#define TENDERFOOT_TESTS_FAILING_MALLOC_H

/* Lets the n-th allocation from now (n >= 1) fail, and only that one. */
void failing_malloc_at(long n);

/* Kills this program (SIGKILL) at the n-th allocation or fsync of ours from now: of a forked one,
 * which then did a part of its work and not more. */
void killing_at(long n);

/* No more failures; returns how many there were since failing_malloc_at (0 or 1). */
int failing_malloc_off(void);

/* Allocations asked for since the program began, failed ones included. */
long failing_malloc_count(void);

#endif
