/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sample_entropy.h"

#include <math.h>
#include <stdlib.h>

#define LENGTH 2
#define TOLERANCE 0.2

/* One template and the sample that follows it. */
struct template
{
    double first, second, next;
};

static int by_first(const void *one, const void *other)
{
    const struct template *a = one, *b = other;
    return (a->first > b->first) - (a->first < b->first);
}

/* Templates in the order of their first sample, as three columns: those that can match lie side by
 * side, and the loop over them has no branch. */
struct columns {
    double *first, *second, *next;
};

static struct columns sort(const double *x, size_t n, size_t many, double *scratch)
{
    struct columns c = {scratch, scratch + n, scratch + 2 * n};
    struct template *t = (struct template *)(scratch + 3 * n);
    for (size_t i = 0; i < many; i++)
        t[i] = (struct template){x[i], x[i + 1], x[i + 2]};
    qsort(t, many, sizeof *t, by_first);
    for (size_t i = 0; i < many; i++) {
        c.first[i] = t[i].first;
        c.second[i] = t[i].second;
        c.next[i] = t[i].next;
    }
    return c;
}

/* Of the `many` that follow the first of each column, those that match it over two and over three
 * samples. Without a branch, and counted as doubles (exact to 2^53): integer counters were measured
 * to be slower. */
static void count(const double *second, const double *next, size_t many, double r, double hits[2])
{
    double two = 0, three = 0;
    for (size_t j = 1; j <= many; j++) {
        double near = fabs(second[j] - second[0]) <= r ? 1.0 : 0.0;
        two += near;
        three += fabs(next[j] - next[0]) <= r ? near : 0.0;
    }
    hits[0] += two;
    hits[1] += three;
}

void sample_entropy(const double *x, size_t n, double *scratch, struct sample_entropy *out)
{
    size_t many = n > LENGTH ? n - LENGTH : 0, end = 0;
    double squares = 0, hits[2] = {0};
    for (size_t i = 0; i < n; i++)
        squares += x[i] * x[i];
    *out = (struct sample_entropy){.entropy = NAN, .r_mm = TOLERANCE * sqrt(squares / (double)n)};
    if (!(out->r_mm > 0))
        return;
    struct columns c = sort(x, n, many, scratch);
    for (size_t i = 0; i < many; i++) {
        while (end < many && c.first[end] - c.first[i] <= out->r_mm)
            end++;
        count(c.second + i, c.next + i, end - 1 - i, out->r_mm, hits);
    }
    out->b = 2 * (uint64_t)hits[0];
    out->a = 2 * (uint64_t)hits[1];
    if (out->a)
        out->entropy = log((double)out->b / (double)out->a);
}
