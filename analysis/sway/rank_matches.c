/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/rank_matches.h"

#include <math.h>
#include <stdlib.h>

#define LENGTH 2
/* What one step compares: wide enough that the compiler makes vectors of it, each lane with a
 * counter of its own. A lane counts at most 65536 / LANES pairs of one template: no overflow. */
#define LANES 32

struct value {
    double x;
    size_t index;
};

/* Of each sample, in the order of time: its rank, the first rank within r of it, and how many more
 * there are. Of each template, in the order of its first sample: the ranks of the two that follow.
 */
struct ranks {
    uint16_t *rank, *low, *more, *second, *third;
};

static int by_value(const void *one, const void *other)
{
    const struct value *a = one, *b = other;
    return (a->x > b->x) - (a->x < b->x);
}

static void find_ranks(const struct value *sorted, size_t n, double r, struct ranks *to)
{
    for (size_t k = 0, low = 0, high = 0; k < n; k++) {
        size_t index = sorted[k].index;
        while (sorted[k].x - sorted[low].x > r)
            low++;
        while (high + 1 < n && sorted[high + 1].x - sorted[k].x <= r)
            high++;
        to->rank[index] = (uint16_t)k;
        to->low[index] = (uint16_t)low;
        to->more[index] = (uint16_t)(high - low);
    }
}

/* The second and third sample of one template as ranges of ranks. */
struct range {
    uint16_t low2, more2, low3, more3;
};

static inline void compare(uint16_t *restrict two, uint16_t *restrict three,
                           const uint16_t *restrict second, const uint16_t *restrict third,
                           struct range of, size_t many)
{
    for (size_t k = 0; k < many; k++) { /* vectorised */
        uint16_t near2 = (uint16_t)(second[k] - of.low2) <= of.more2;
        uint16_t near3 = (uint16_t)(third[k] - of.low3) <= of.more3;
        two[k] = (uint16_t)(two[k] + near2);
        three[k] = (uint16_t)(three[k] + (near2 & near3));
    }
}

static void count(const uint16_t *second, const uint16_t *third, size_t many, struct range of,
                  struct rank_matches *found)
{
    uint16_t two[LANES] = {0}, three[LANES] = {0};
    size_t j = 0;
    for (; j + LANES <= many; j += LANES)
        compare(two, three, second + j, third + j, of, LANES);
    compare(two, three, second + j, third + j, of, many - j);
    for (size_t k = 0; k < LANES; k++) {
        found->two += two[k];
        found->three += three[k];
    }
}

static struct rank_matches count_all(const struct value *sorted, size_t n, double r,
                                     const struct ranks *s)
{
    struct rank_matches found = {0};
    size_t i = 0, ahead = 0, end = 0; /* templates up to this one, and up to the last within r */
    for (size_t k = 0; k < n; k++) {
        size_t index = sorted[k].index;
        for (; ahead < n && sorted[ahead].x - sorted[k].x <= r; ahead++)
            end += sorted[ahead].index + LENGTH < n;
        if (index + LENGTH >= n)
            continue;
        i++;
        count(s->second + i, s->third + i, end - i,
              (struct range){s->low[index + 1], s->more[index + 1], s->low[index + 2],
                             s->more[index + 2]},
              &found);
    }
    return found;
}

struct rank_matches rank_matches(const double *x, size_t n, double r, double *scratch)
{
    struct value *sorted = (struct value *)scratch;
    uint16_t *room = (uint16_t *)(scratch + 2 * n);
    struct ranks s = {room, room + n, room + 2 * n, room + 3 * n, room + 4 * n};
    size_t many = 0;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (struct value){x[i], i};
    qsort(sorted, n, sizeof *sorted, by_value);
    find_ranks(sorted, n, r, &s);
    for (size_t k = 0; k < n; k++) {
        size_t index = sorted[k].index;
        if (index + LENGTH >= n)
            continue;
        s.second[many] = s.rank[index + 1];
        s.third[many++] = s.rank[index + 2];
    }
    return count_all(sorted, n, r, &s);
}
