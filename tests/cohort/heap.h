/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of one kind, gathered over people; the person is the group. Growing fails by abort: a
 * measuring program that is out of memory has nothing to tell. */
#ifndef TENDERFOOT_TESTS_COHORT_HEAP_H
#define TENDERFOOT_TESTS_COHORT_HEAP_H

#include "tests/cohort/cohort_score.h"

struct heap {
    double *value; /* owned */
    int *group;    /* owned */
    size_t n, cap;
};

void heap_add(struct heap *heap, double value, int group); /* NAN is left out */
void heap_free(struct heap *heap);
struct score heap_quantile(const struct heap *heap, double quantile, uint64_t seed);

#endif
