/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cohort/heap.h"

#include <math.h>
#include <stdlib.h>

void heap_add(struct heap *heap, double value, int group)
{
    if (isnan(value))
        return;
    if (heap->n == heap->cap) {
        size_t cap = heap->cap ? 2 * heap->cap : 1024;
        double *values = realloc(heap->value, cap * sizeof *values);
        heap->value = values ? values : heap->value;
        int *groups = realloc(heap->group, cap * sizeof *groups);
        heap->group = groups ? groups : heap->group;
        if (!values || !groups)
            abort();
        heap->cap = cap;
    }
    heap->value[heap->n] = value;
    heap->group[heap->n++] = group;
}

void heap_free(struct heap *heap)
{
    free(heap->value);
    free(heap->group);
    *heap = (struct heap){0};
}

struct score heap_quantile(const struct heap *heap, double quantile, uint64_t seed)
{
    return score_quantile(heap->value, heap->group, heap->n, quantile, seed);
}
