/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/sway/stand.h"

#include <math.h>
#include <stdlib.h>

#define WINDOW_S 4.0
#define LEAST_WINDOW_S 1.0
#define MARGIN_S 0.5
#define NEAR_S 0.1
#define LEAST_MM 10.0
#define LEAST_RATIO 3.0

/* Running sums of the path: sums[i] is of the samples before i. */
struct sums {
    double x, y, squares;
};

struct window {
    double x, y, spread2; /* means, and mean square about them */
};

static struct window window(const struct sums *s, size_t from, size_t to)
{
    double n = (double)(to - from);
    struct window w = {(s[to].x - s[from].x) / n, (s[to].y - s[from].y) / n, 0};
    w.spread2 = fmax(0, (s[to].squares - s[from].squares) / n - w.x * w.x - w.y * w.y);
    return w;
}

/* Index of the first sample at or after a time, from a place that is not after it. */
static size_t index_at(const struct cop_series *path, double time_s, size_t from)
{
    while (from < path->n && path->time_s[from] < time_s)
        from++;
    return from;
}

/* Borders of the two windows around a moment; they move on with it. */
struct borders {
    size_t from, before, after, to;
};

/* The step at a moment, or one of no size where none is told from the spread. */
static struct stand_shift step_at(const struct cop_series *path, const struct sums *sums,
                                  double now, struct borders *b)
{
    struct stand_shift none = {now, 0, 0};
    double end = path->time_s[path->n - 1];
    b->from = index_at(path, now - MARGIN_S - WINDOW_S, b->from);
    b->before = index_at(path, now - MARGIN_S, b->before);
    b->after = index_at(path, now + MARGIN_S, b->after);
    b->to = index_at(path, now + MARGIN_S + WINDOW_S, b->to);
    if (now - MARGIN_S < LEAST_WINDOW_S || now + MARGIN_S > end - LEAST_WINDOW_S ||
        b->before <= b->from + 1 || b->to <= b->after + 1)
        return none;
    struct window one = window(sums, b->from, b->before), other = window(sums, b->after, b->to);
    struct stand_shift step = {now, other.x - one.x, other.y - one.y};
    double size = hypot(step.x_mm, step.y_mm);
    if (size < LEAST_MM || size < LEAST_RATIO * sqrt(one.spread2 + other.spread2))
        return none;
    return step;
}

static double size_of(const struct stand_shift *s)
{
    return hypot(s->x_mm, s->y_mm);
}

static void sum_up(const struct cop_series *path, struct sums *sums)
{
    double x0 = path->ml_mm[0], y0 = path->ap_mm[0];
    sums[0] = (struct sums){0};
    for (size_t i = 0; i < path->n; i++) {
        double x = path->ml_mm[i] - x0, y = path->ap_mm[i] - y0;
        sums[i + 1] = (struct sums){sums[i].x + x, sums[i].y + y, sums[i].squares + x * x + y * y};
    }
}

/* The moment about it at which the path moves furthest in a tenth of a second to either side. */
static double sharpest(const struct cop_series *path, double about_s)
{
    double most = -1, at_s = about_s;
    size_t before = 0, after = 0;
    for (size_t i = index_at(path, about_s - 1.5 * MARGIN_S, 0);
         i < path->n && path->time_s[i] <= about_s + 1.5 * MARGIN_S; i++) {
        before = index_at(path, path->time_s[i] - NEAR_S, before);
        after = index_at(path, path->time_s[i] + NEAR_S, after);
        after = after < path->n ? after : path->n - 1;
        double far = hypot(path->ml_mm[after] - path->ml_mm[before],
                           path->ap_mm[after] - path->ap_mm[before]);
        if (far > most) {
            most = far;
            at_s = path->time_s[i];
        }
    }
    return at_s;
}

/* The next step from sample `i` on; one of no size when there is none. */
static struct stand_shift next_step(const struct cop_series *path, const struct sums *sums,
                                    size_t i)
{
    struct stand_shift best = {0};
    struct borders borders = {0};
    for (; i < path->n; i++) {
        struct stand_shift step = step_at(path, sums, path->time_s[i], &borders);
        if (size_of(&step) > size_of(&best))
            best = step;
        /* A step is seen for as long as it lies between the windows. */
        if (size_of(&best) > 0 && path->time_s[i] - best.time_s > 2 * MARGIN_S)
            break;
    }
    if (size_of(&best) > 0)
        best.time_s = sharpest(path, best.time_s);
    return best;
}

int stand_shifts(const struct cop_series *path, struct stand_shift *shifts, int most,
                 struct problem *why)
{
    struct sums *sums = calloc(path->n + 1, sizeof *sums);
    size_t i = 0;
    int n = 0;
    if (!sums)
        return problem_no_memory(why, "the search for shifts of the stance");
    sum_up(path, sums);
    while (n < most) {
        struct stand_shift step = next_step(path, sums, i);
        if (!(size_of(&step) > 0))
            break;
        shifts[n++] = step;
        i = index_at(path, step.time_s + WINDOW_S / 2, i);
    }
    free(sums);
    return n;
}
