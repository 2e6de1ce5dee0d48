/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/sample_entropy.h"

#include "analysis/sway/rank_matches.h"

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
    for (size_t i = 0; i < many; i++) /* vectorised */
        t[i] = (struct template){x[i], x[i + 1], x[i + 2]};
    qsort(t, many, sizeof *t, by_first);
    for (size_t i = 0; i < many; i++) { /* vectorised */
        c.first[i] = t[i].first;
        c.second[i] = t[i].second;
        c.next[i] = t[i].next;
    }
    return c;
}

/* What one step compares: wide enough that the compiler makes vectors of it, each lane with a
 * counter of its own. */
#define LANES 32

struct counters {
    double two[LANES], three[LANES]; /* exact to 2^53, and as wide as the samples */
};

static inline void compare(struct counters *restrict c, const double *restrict second,
                           const double *restrict next, const double of[2], double r, size_t many)
{
    for (size_t k = 0; k < many; k++) { /* vectorised */
        double near = fabs(second[k] - of[0]) <= r ? 1.0 : 0.0;
        c->two[k] += near;
        c->three[k] += fabs(next[k] - of[1]) <= r ? near : 0.0;
    }
}

/* Of the `many` that follow the first of each column, those that match it over two and over three
 * samples. */
static void count(const double *second, const double *next, size_t many, double r,
                  struct counters *c)
{
    const double of[2] = {second[0], next[0]};
    size_t j = 1;
    for (; j + LANES <= many + 1; j += LANES)
        compare(c, second + j, next + j, of, r, LANES);
    compare(c, second + j, next + j, of, r, many + 1 - j);
}

/* Trials too long for ranks of 16 bits. */
static void count_samples(const double *x, size_t n, double *scratch, struct sample_entropy *out)
{
    size_t many = n - LENGTH, end = 0;
    struct counters hits = {0};
    struct columns c = sort(x, n, many, scratch);
    for (size_t i = 0; i < many; i++) {
        while (end < many && c.first[end] - c.first[i] <= out->r_mm)
            end++;
        count(c.second + i, c.next + i, end - 1 - i, out->r_mm, &hits);
    }
    for (int k = 0; k < LANES; k++) {
        out->b += 2 * (uint64_t)hits.two[k];
        out->a += 2 * (uint64_t)hits.three[k];
    }
}

void sample_entropy(const double *x, size_t n, double *scratch, struct sample_entropy *out)
{
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += x[i] * x[i];
    *out = (struct sample_entropy){.entropy = NAN, .r_mm = TOLERANCE * sqrt(squares / (double)n)};
    if (!(out->r_mm > 0) || n <= LENGTH)
        return;
    if (n <= RANK_MATCHES_MOST) {
        struct rank_matches pairs = rank_matches(x, n, out->r_mm, scratch);
        out->b = 2 * pairs.two;
        out->a = 2 * pairs.three;
    } else {
        count_samples(x, n, scratch, out);
    }
    if (out->a)
        out->entropy = log((double)out->b / (double)out->a);
}
